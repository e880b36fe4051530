//! A run as it goes on, told on standard error: bars on a terminal, else lines.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::terminal::{printable, tell};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Batch, Mode, Run};
use rawdash_host::failure::FailureReport;
use rawdash_host::run::RunObserver;
use rawdash_host::storage::Changed;

/// At most one line of a resource in this time, where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often a bar that waits shows that the command is alive.
const TICK: Duration = Duration::from_millis(120);

/// 24 + 1 + 26 + 1 + 9 + 1 + 7 + 1 + 9: fits 80 columns.
const COUNTED: &str = "{prefix:24} {bar:26.cyan/dim} {human_pos:>9} of {human_len:>9}";
const UNCOUNTED: &str = "{prefix:24} {spinner:.cyan} {human_pos:>34}";
const RESTING: &str = "{spinner:.yellow} {msg:.yellow}";

/// Tells a person how a run goes on.
pub(crate) struct Progress {
    clock: SharedClock,
    display: Display,
}

enum Display {
    Bars {
        all: MultiProgress,
        by_resource: BTreeMap<String, ProgressBar>,
        resting: Option<ProgressBar>,
    },
    /// When each resource's last line was written.
    Lines(BTreeMap<String, Duration>),
}

impl Progress {
    /// Bars where standard error is a terminal, else lines.
    pub(crate) fn new(clock: SharedClock, is_terminal: bool) -> Progress {
        let display = if is_terminal {
            Display::Bars {
                all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
                by_resource: BTreeMap::new(),
                resting: None,
            }
        } else {
            Display::Lines(BTreeMap::new())
        };
        Progress { clock, display }
    }

    fn line(&self, text: &str) {
        match &self.display {
            Display::Bars { all, .. } => {
                let _ = all.println(printable(text));
            }
            Display::Lines(_) => tell(text),
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
        self.line(&match (run.resumed, run.deferred) {
            (false, _) => format!("a {mode} run begins"),
            (true, false) => format!("a {mode} run goes on from its checkpoint"),
            (true, true) => {
                format!(
                    "a {mode} run goes on from its checkpoint; what is asked for comes after it"
                )
            }
        });
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
                // What was expected once is kept: a later page may not tell.
                if let Some(expected) = batch.progress.expected.or(bar.length()) {
                    bar.set_style(style(COUNTED));
                    bar.set_length(expected.max(records));
                }
                bar.set_position(records);
            }
            Display::Lines(written) => {
                let now = self.clock.monotonic();
                let last = written.get(&batch.resource);
                if last.is_none_or(|last| now.saturating_sub(*last) >= LINE_EVERY) {
                    written.insert(batch.resource.clone(), now);
                    tell(&line(&batch.resource, records, batch.progress.expected));
                }
            }
        }
    }

    fn failure(&mut self, resource: Option<&str>, failure: &FailureReport) {
        self.wake();
        // What ends the command is told at its end.
        if let Some(resource) = resource {
            self.line(&format!("{resource}: {}", failure.message));
        }
    }

    fn waiting(&mut self, span: Duration) {
        let text = format!("the source asks for a pause of {} s", span.as_secs().max(1));
        match &mut self.display {
            Display::Bars { all, resting, .. } => {
                let bar = resting.get_or_insert_with(|| {
                    let bar = all.add(ProgressBar::new_spinner().with_style(style(RESTING)));
                    bar.enable_steady_tick(TICK);
                    bar
                });
                bar.set_message(text);
            }
            // A pause of a second is the ordinary pace under a limit.
            Display::Lines(_) if span < LINE_EVERY => {}
            Display::Lines(_) => tell(&text),
        }
    }

    fn denied(&mut self, denial: &str) {
        self.line(denial);
    }

    fn done(&mut self) {
        self.wake();
    }
}

impl Drop for Progress {
    /// Removes the bars: the summary says the same, and stays.
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

/// The templates are constants and are read by a test; a style that cannot be
/// read is not worth a run.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

fn line(resource: &str, records: u64, expected: Option<u64>) -> String {
    match expected {
        Some(expected) => format!(
            "{resource}: {} of {} records",
            HumanCount(records),
            HumanCount(expected.max(records))
        ),
        None => format!("{resource}: {} records", HumanCount(records)),
    }
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
    fn a_source_that_expects_too_little_does_not_make_the_line_absurd() {
        assert_eq!(line("u", 1200, Some(1000)), "u: 1,200 of 1,200 records");
        assert_eq!(line("u", 1200, None), "u: 1,200 records");
    }
}
