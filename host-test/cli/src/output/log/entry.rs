//! One message: its form for people, and its form for programs.

use serde::Serialize;
use serde_json::{Map, Value};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::output::terminal::printable;
use rawdash_host::failure::{Exit, FailureReport};

/// RFC 3339 with milliseconds.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// How severe a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Waiting does not repair it.
    Error,
    /// A person should know it, or waiting repairs it.
    Warn,
    /// It is as it should be.
    Info,
}

impl From<Exit> for Level {
    fn from(exit: Exit) -> Level {
        match exit {
            Exit::Done => Level::Info,
            Exit::Later => Level::Warn,
            Exit::Usage
            | Exit::Credentials
            | Exit::Configuration
            | Exit::Machine
            | Exit::Storage
            | Exit::Component => Level::Error,
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    level: Level,
    resource: Option<String>,
    message: String,
    fields: Map<String, Value>,
}

impl Entry {
    /// A message without fields.
    pub(crate) fn new(level: Level, message: impl Into<String>) -> Entry {
        Entry { level, resource: None, message: message.into(), fields: Map::new() }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: &str) -> Entry {
        Entry::new(Level::Error, message).with("code", "usage")
    }

    /// What failed, and what is known of it.
    pub(crate) fn failure(failure: &FailureReport) -> Entry {
        Entry::new(failure.exit().into(), &*failure.message).caused_by(failure)
    }

    /// The same about a resource.
    pub(crate) fn of(mut self, resource: &str) -> Entry {
        self.resource = Some(resource.to_owned());
        self
    }

    /// The same with another field.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Entry {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The same with the fields of a failure.
    pub(crate) fn caused_by(self, failure: &FailureReport) -> Entry {
        let mut entry = self.with("code", failure.kind.name());
        if let Some(status) = failure.status {
            entry = entry.with("status", status);
        }
        if let Some(milliseconds) = failure.retry_after_ms {
            entry = entry.with("retry_after_ms", milliseconds);
        }
        entry
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        match &self.resource {
            Some(resource) => format!("{resource}: {}", self.message),
            None => self.message.clone(),
        }
    }

    /// For programs: an object in one line.
    pub(crate) fn json(&self, at: OffsetDateTime) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            time: String,
            level: Level,
            #[serde(skip_serializing_if = "Option::is_none")]
            resource: Option<String>,
            message: String,
            #[serde(flatten)]
            fields: &'a Map<String, Value>,
        }
        let line = Line {
            // The format has nothing that a time in UTC lacks.
            time: at.to_offset(UtcOffset::UTC).format(TIME).unwrap_or_default(),
            level: self.level,
            resource: self.resource.as_deref().map(printable),
            message: printable(&self.message),
            fields: &self.fields,
        };
        serde_json::to_string(&line).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::failure::SourceKind;
    use serde_json::json;
    use time::macros::datetime;

    fn parsed(entry: &Entry) -> Value {
        serde_json::from_str(&entry.json(datetime!(2026-03-01 12:00:00.25 +01:00))).unwrap()
    }

    #[test]
    fn a_failure_keeps_what_a_program_decides_by() {
        let mut failure = FailureReport::new(SourceKind::RateLimited, "Wait.");
        (failure.status, failure.retry_after_ms) = (Some(429), Some(9000));
        assert_eq!(
            parsed(&Entry::failure(&failure).of("user")),
            json!({
                "time": "2026-03-01T11:00:00.250Z", "level": "warn", "resource": "user",
                "message": "Wait.", "code": "rate-limited", "status": 429,
                "retry_after_ms": 9000,
            })
        );
    }

    #[test]
    fn what_is_not_known_is_absent() {
        let line = parsed(&Entry::usage("write --db"));
        assert_eq!(
            line.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["code", "level", "message", "time"]
        );
        assert_eq!(line["level"], "error");
    }

    #[test]
    fn a_message_of_a_source_is_one_line_and_cannot_steer_the_terminal() {
        let entry = Entry::new(Level::Info, "a\nb\u{1b}[2J\u{9b}\"").of("u\n\u{7}");
        let line = entry.json(OffsetDateTime::UNIX_EPOCH);
        assert!(!line.chars().any(char::is_control), "{line}");
        assert_eq!(parsed(&entry)["message"], "a\nb\u{FFFD}[2J\u{FFFD}\"");
        assert_eq!(parsed(&entry)["time"], "2026-03-01T11:00:00.250Z");
    }

    #[test]
    fn people_read_the_resource_before_the_message() {
        assert_eq!(Entry::new(Level::Info, "full run").of("user").text(), "user: full run");
        assert_eq!(Entry::new(Level::Info, "waiting").with("code", "x").text(), "waiting");
    }
}
