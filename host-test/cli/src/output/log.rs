//! What a command writes to standard error, and in which form.

mod entry;
mod report;

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;
use time::OffsetDateTime;

pub(crate) use entry::{Entry, Level};

use crate::early_end::EarlyEnd;
use crate::output::summary::{Notes, summary};
use crate::output::terminal;
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_host::report::Report;

/// The form of standard error. Every message of a sync is written by this type, so
/// that none reaches a reader of JSON as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// For people
    Text,
    /// One JSON object a line: time, level, resource, message, and fields
    Json,
}

impl Log {
    /// The form that a command line requests, whether or not it can be parsed.
    pub(crate) fn requested(words: impl IntoIterator<Item = OsString>) -> Log {
        let words: Vec<OsString> = words.into_iter().collect();
        let is_json = |pair: &[OsString]| pair == [OsStr::new("--log"), OsStr::new("json")];
        if words.windows(2).any(is_json) || words.iter().any(|word| word == "--log=json") {
            Log::Json
        } else {
            Log::Text
        }
    }

    /// Writes an entry, and ignores a closed standard error.
    pub(crate) fn tell(self, entry: &Entry) {
        match self {
            Log::Text => terminal::tell(&entry.text()),
            Log::Json => terminal::tell(&entry.json(OffsetDateTime::now_utc())),
        }
    }

    /// Writes what became of each resource of a sync; for people, of the whole as well.
    pub(crate) fn report(self, report: &Report) {
        match self {
            Log::Text => terminal::tell(&summary(report, Notes::Listed)),
            Log::Json => report::entries(report).iter().for_each(|entry| self.tell(entry)),
        }
    }

    /// Writes how the command exits, once nothing can change it. People see it in the
    /// messages.
    pub(crate) fn outcome(self, report: &Report, exit: Exit) {
        match self {
            Log::Text => {}
            Log::Json => self.tell(&report::outcome(report, exit)),
        }
    }

    /// Writes why a command without a report ended, and returns how it exits.
    pub(crate) fn ended_early(self, end: &EarlyEnd) -> Exit {
        self.tell(&match end {
            EarlyEnd::Usage(message) => Entry::usage(message),
            EarlyEnd::Failure(failure) => Entry::failure(failure),
        });
        end.exit()
    }

    /// How a command exits that has written its result, and would otherwise exit with
    /// `exit`.
    pub(crate) fn exit_after(self, written: Result<(), FailureReport>, exit: Exit) -> Exit {
        match written {
            Ok(()) => exit,
            Err(failure) => exit.max(self.ended_early(&failure.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_with_an_error_is_reported_in_the_form_that_it_requests() {
        let requested = |line: &str| Log::requested(line.split_whitespace().map(OsString::from));
        assert_eq!(requested("rawdash-host sync --log json --every"), Log::Json);
        assert_eq!(requested("rawdash-host sync --log=json --every"), Log::Json);
        assert_eq!(requested("rawdash-host sync --log text --db json"), Log::Text);
        assert_eq!(requested("rawdash-host sync --db --log"), Log::Text);
    }
}
