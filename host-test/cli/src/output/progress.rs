//! The progress of a sync on standard error: bars for people at a terminal, otherwise
//! lines.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::log::{Entry, Level, Log};
use crate::output::terminal::printable;
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Batch, Mode, Run};
use rawdash_host::failure::FailureReport;
use rawdash_host::run::RunObserver;
use rawdash_host::storage::Changed;

/// Without a terminal, each resource has at most one line in this time.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often a bar without progress is redrawn, to show that the command is alive.
const TICK: Duration = Duration::from_millis(120);

/// 24 + 1 + 26 + 1 + 9 + 1 + 7 + 1 + 9: fits 80 columns.
const COUNTED: &str = "{prefix:24} {bar:26.cyan/dim} {human_pos:>9} of {human_len:>9}";
const UNCOUNTED: &str = "{prefix:24} {spinner:.cyan} {human_pos:>34}";
const RESTING: &str = "{spinner:.yellow} {msg:.yellow}";

/// Shows a person the progress of a sync.
pub(crate) struct Progress {
    clock: SharedClock,
    log: Log,
    display: Display,
}

enum Display {
    Bars {
        all: MultiProgress,
        by_resource: BTreeMap<String, ProgressBar>,
        resting: Option<ProgressBar>,
    },
    Lines {
        began: Duration,
        /// When each resource's last line was written.
        last: BTreeMap<String, Duration>,
    },
}

impl Progress {
    /// Bars for people if standard error is a terminal, otherwise lines.
    pub(crate) fn new(clock: SharedClock, log: Log, is_terminal: bool) -> Progress {
        let display = if is_terminal && log == Log::Text {
            Display::Bars {
                all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
                by_resource: BTreeMap::new(),
                resting: None,
            }
        } else {
            Display::Lines { began: clock.monotonic(), last: BTreeMap::new() }
        };
        Progress { clock, log, display }
    }

    fn line(&self, entry: &Entry) {
        match &self.display {
            Display::Bars { all, .. } => {
                let _ = all.println(printable(&entry.text()));
            }
            Display::Lines { .. } => self.log.tell(entry),
        }
    }

    fn wake(&mut self) {
        if let Display::Bars { resting, .. } = &mut self.display
            && let Some(bar) = resting.take()
        {
            bar.finish_and_clear();
        }
    }
}

impl RunObserver for Progress {
    fn began(&mut self, run: &Run) {
        let mode = if run.mode == Mode::Latest { "latest" } else { "full" };
        let resumed = if run.resumed { ", resumed from its checkpoint" } else { "" };
        let entry = Entry::new(Level::Info, format!("{mode} run{resumed}"))
            .with("mode", mode)
            .with("resumed", run.resumed);
        self.line(&entry.of(&run.resource));
    }

    fn progress(&mut self, batch: &Batch, _: Changed) {
        self.wake();
        let records = batch.progress.records;
        match &mut self.display {
            Display::Bars { all, by_resource, .. } => {
                let bar = by_resource.entry(batch.resource.clone()).or_insert_with(|| {
                    let bar = all.add(bar(&batch.resource));
                    bar.enable_steady_tick(TICK);
                    bar
                });
                // A later page may not say how many records to expect.
                if let Some(expected) = batch.progress.expected.or(bar.length()) {
                    bar.set_style(style(COUNTED));
                    bar.set_length(expected.max(records));
                }
                bar.set_position(records);
            }
            Display::Lines { began, last } => {
                let now = self.clock.monotonic();
                let since = last.get(&batch.resource).unwrap_or(began);
                if now.saturating_sub(*since) >= LINE_EVERY {
                    last.insert(batch.resource.clone(), now);
                    self.log.tell(&counted(records, batch.progress.expected).of(&batch.resource));
                }
            }
        }
    }

    fn failure(&mut self, resource: Option<&str>, failure: &FailureReport) {
        self.wake();
        // The summary shows a failure of the whole sync.
        if let Some(resource) = resource {
            let entry = Entry::new(Level::Warn, &*failure.message).caused_by(failure);
            self.line(&entry.of(resource));
        }
    }

    fn waiting(&mut self, span: Duration, cause: Option<&FailureReport>) {
        let entry = wait(span, cause);
        match &mut self.display {
            Display::Bars { all, resting, .. } => {
                let bar = resting.get_or_insert_with(|| {
                    let bar = all.add(ProgressBar::new_spinner().with_style(style(RESTING)));
                    bar.enable_steady_tick(TICK);
                    bar
                });
                bar.set_message(printable(&entry.text()));
            }
            // Under a rate limit, pauses of a second are ordinary.
            Display::Lines { .. } if span < LINE_EVERY => {}
            Display::Lines { .. } => self.log.tell(&entry),
        }
    }

    fn denied(&mut self, denial: &str) {
        self.line(&Entry::new(Level::Warn, denial));
    }

    fn done(&mut self) {
        self.wake();
    }
}

impl Drop for Progress {
    /// Removes the bars, because the summary repeats the counts.
    fn drop(&mut self) {
        self.wake();
        if let Display::Bars { by_resource, .. } = &self.display {
            for bar in by_resource.values() {
                bar.finish_and_clear();
            }
        }
    }
}

fn bar(resource: &str) -> ProgressBar {
    ProgressBar::no_length().with_style(style(UNCOUNTED)).with_prefix(printable(resource))
}

/// The templates are constants, and a test parses them. A template with an error is
/// no reason to stop a sync.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

fn counted(records: u64, expected: Option<u64>) -> Entry {
    let read = HumanCount(records);
    match expected.map(|expected| expected.max(records)) {
        Some(expected) => {
            let message = format!("{read} of {} records", HumanCount(expected));
            Entry::new(Level::Info, message).with("records", records).with("expected", expected)
        }
        None => Entry::new(Level::Info, format!("{read} records")).with("records", records),
    }
}

fn wait(span: Duration, cause: Option<&FailureReport>) -> Entry {
    let seconds = span.as_secs().max(1);
    let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let message = cause.map_or("", |cause| cause.message.trim_end_matches('.'));
    let entry = match (cause, message) {
        (None, _) => Entry::new(Level::Info, format!("waiting {seconds} s")),
        (Some(cause), "") => {
            Entry::new(Level::Warn, format!("waiting {seconds} s")).caused_by(cause)
        }
        (Some(cause), message) => {
            Entry::new(Level::Warn, format!("waiting {seconds} s: {message}")).caused_by(cause)
        }
    };
    entry.with("wait_ms", milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_can_be_drawn() {
        for template in [COUNTED, UNCOUNTED, RESTING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_line_never_shows_more_records_than_expected_ones() {
        assert_eq!(counted(1200, Some(1000)).text(), "1,200 of 1,200 records");
        assert_eq!(counted(1200, None).text(), "1,200 records");
    }
}
