//! The figures of the last sync, in Prometheus' text format.
//!
//! Each sync is a process of its own, so its counts are gauges: they say how it was in
//! the last sync, and nothing adds them up.

mod family;
mod file;
mod successes;

use time::OffsetDateTime;

use family::{Family, Label};
pub(crate) use file::write;
use rawdash_host::failure::Exit;
use rawdash_host::report::{Report, ResourceReport, ResourceState};
use successes::Successes;

/// The name of the family that outlives a sync, for the whole sync.
const LAST_SUCCESS: &str = "rawdash_sync_last_success_timestamp_seconds";

/// The same for each resource.
const RESOURCE_LAST_SUCCESS: &str = "rawdash_sync_resource_last_success_timestamp_seconds";

/// The states of a resource, and what each is called.
const STATES: [(ResourceState, &str); 3] = [
    (ResourceState::Complete, "complete"),
    (ResourceState::Failed, "failed"),
    (ResourceState::Postponed, "postponed"),
];

/// A sync that has ended.
pub(crate) struct EndedSync<'a> {
    /// The connector's name in the database.
    pub(crate) connector: &'a str,
    /// What became of it.
    pub(crate) report: &'a Report,
    /// How the command exits.
    pub(crate) exit: Exit,
    /// When it ended.
    pub(crate) at: OffsetDateTime,
}

impl EndedSync<'_> {
    /// The last successes up to and including this sync.
    fn successes(&self, mut earlier: Successes) -> Successes {
        if self.exit == Exit::Done {
            earlier.of_sync = Some(seconds(self.at));
        }
        for (name, resource) in &self.report.resources {
            if let Some(at) = resource.completed_at {
                earlier.of_resources.insert(name.clone(), seconds(at));
            }
        }
        earlier
    }

    /// The text of the file, where `earlier` were the last successes before this sync.
    fn text(&self, earlier: Successes) -> String {
        let successes = self.successes(earlier);
        let families = [self.of_sync(&successes), self.of_resources(&successes)];
        families.into_iter().flatten().map(|family| family.to_string()).collect()
    }

    fn of_sync(&self, successes: &Successes) -> Vec<Family> {
        let EndedSync { connector, report, exit, at } = self;
        let family = |name, help, value: Option<f64>| {
            let mut family = Family::new(name, help);
            value.into_iter().for_each(|value| family.add(&[("connector", connector)], value));
            family
        };
        vec![
            family(
                "rawdash_sync_timestamp_seconds",
                "When the last sync ended, successful or not.",
                Some(seconds(*at)),
            ),
            family(LAST_SUCCESS, "When a sync last exited with status 0.", successes.of_sync),
            family(
                "rawdash_sync_exit_status",
                "The exit status of the last sync: 0 done, 75 returns later.",
                Some(f64::from(exit.code())),
            ),
            family(
                "rawdash_sync_duration_seconds",
                "How long the last sync took.",
                Some(report.wall_ms as f64 / 1000.0),
            ),
            family(
                "rawdash_sync_requests",
                "HTTP requests of the last sync, including those for tokens and retries.",
                Some(report.requests as f64),
            ),
            family(
                "rawdash_sync_rate_limited_responses",
                "Responses with the status 429 in the last sync.",
                Some(report.rate_limited as f64),
            ),
            family(
                "rawdash_sync_waits",
                "Waits of the last sync for a rate limit or before another attempt.",
                Some(report.waits as f64),
            ),
            family(
                "rawdash_sync_waiting_seconds",
                "How long the last sync waited in all.",
                Some(report.waited_ms as f64 / 1000.0),
            ),
        ]
    }

    fn of_resources(&self, successes: &Successes) -> Vec<Family> {
        let mut last_success =
            Family::new(RESOURCE_LAST_SUCCESS, "When a run of the resource was last complete.");
        for (name, at) in &successes.of_resources {
            last_success.add(&self.labels(name), *at);
        }
        let mut state = Family::new(
            "rawdash_sync_resource_state",
            "1 for the state of the resource after the last sync, otherwise 0.",
        );
        for (name, resource) in &self.report.resources {
            for (other, word) in STATES {
                let [connector, resource_name] = self.labels(name);
                let value = f64::from(u8::from(resource.state == other));
                state.add(&[connector, resource_name, ("state", word)], value);
            }
        }
        let mut families = vec![last_success, state];
        families.extend(self.counts());
        families
    }

    fn counts(&self) -> impl Iterator<Item = Family> {
        type Count = fn(&ResourceReport) -> u64;
        let counts: [(&str, &str, Count); 4] = [
            (
                "rawdash_sync_resource_records",
                "Records that the source returned in the last sync.",
                |resource| resource.records,
            ),
            (
                "rawdash_sync_resource_rows_written",
                "Rows that the last sync added or changed.",
                |resource| resource.written,
            ),
            (
                "rawdash_sync_resource_rows_removed",
                "Rows that the last sync removed.",
                |resource| resource.removed,
            ),
            (
                "rawdash_sync_resource_warnings",
                "What the last sync warned of, by rows or occurrences.",
                |resource| resource.warnings.iter().map(|warning| warning.count).sum(),
            ),
        ];
        counts.into_iter().map(|(name, help, count)| {
            let mut family = Family::new(name, help);
            for (name, resource) in &self.report.resources {
                family.add(&self.labels(name), count(resource) as f64);
            }
            family
        })
    }

    fn labels<'a>(&'a self, resource: &'a str) -> [Label<'a>; 2] {
        [("connector", self.connector), ("resource", resource)]
    }
}

/// An instant as Prometheus has it, to the millisecond.
fn seconds(at: OffsetDateTime) -> f64 {
    (at.unix_timestamp_nanos() / 1_000_000) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rawdash_host::failure::{FailureReport, HostKind};
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-03-01 12:00:00.25 UTC);
    const LATER: OffsetDateTime = datetime!(2026-03-02 12:00 UTC);

    fn report() -> Report {
        let mut report = Report { done: true, wall_ms: 1500, requests: 9, ..Report::default() };
        for (name, at) in [("event", None), ("user", Some(NOON))] {
            let resource = report.resources.entry(name.to_owned()).or_default();
            resource.completed_at = at;
            resource.written = 3;
            let complete = at.map(|_| ResourceState::Complete);
            resource.state = complete.unwrap_or(ResourceState::Postponed);
        }
        report
    }

    fn ended(report: &Report, at: OffsetDateTime, exit: Exit) -> EndedSync<'_> {
        EndedSync { connector: "a \"name\"\n\\", report, exit, at }
    }

    fn assert_has(text: &str, line: &str) {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }

    #[test]
    fn a_sync_is_described_by_its_own_figures() {
        let report = report();
        let text = ended(&report, NOON, Exit::Later).text(Successes::default());
        let of_sync = "{connector=\"a \\\"name\\\"\\n\\\\\"}";
        let of =
            |name: &str| format!("{{connector=\"a \\\"name\\\"\\n\\\\\",resource=\"{name}\"}}");
        assert_has(&text, &format!("rawdash_sync_timestamp_seconds{of_sync} 1772366400.25"));
        assert_has(&text, &format!("rawdash_sync_exit_status{of_sync} 75"));
        assert_has(&text, &format!("rawdash_sync_duration_seconds{of_sync} 1.5"));
        assert_has(&text, &format!("{RESOURCE_LAST_SUCCESS}{} 1772366400.25", of("user")));
        assert_has(&text, &format!("rawdash_sync_resource_rows_written{} 3", of("event")));
        assert_has(&text, "# TYPE rawdash_sync_requests gauge");
        let state = "connector=\"a \\\"name\\\"\\n\\\\\",resource=\"event\",state";
        assert_has(&text, &format!("rawdash_sync_resource_state{{{state}=\"postponed\"}} 1"));
        assert_has(&text, &format!("rawdash_sync_resource_state{{{state}=\"complete\"}} 0"));
        assert!(!text.contains(LAST_SUCCESS), "no sync was successful yet: {text}");
    }

    #[test]
    fn a_failed_sync_keeps_every_last_success_and_a_later_one_moves_it() {
        let report = report();
        let first = ended(&report, NOON, Exit::Done);
        let known = Successes::parse(&first.text(Successes::default()), first.connector);
        let failed = Report {
            failure: Some(FailureReport::new(HostKind::Busy, "locked")),
            ..Report::default()
        };
        let second = ended(&failed, LATER, Exit::Later);
        let kept = Successes::parse(&second.text(known.clone()), second.connector);
        assert_eq!(kept, known);
        assert_eq!(kept.of_sync, Some(1_772_366_400.25));
        let third = ended(&report, LATER, Exit::Done);
        let moved = Successes::parse(&third.text(kept), third.connector);
        assert_eq!(moved.of_sync, Some(seconds(LATER)));
    }

    proptest! {
        #[test]
        fn what_one_sync_writes_the_next_reads_whatever_the_names_are(
            connector in "\\PC{1,8}|[\"\\\\\n{},]{1,4}",
            names in prop::collection::btree_map("\\PC{1,8}|[\"\\\\\n{} ,=]{1,4}", 0_u32.., 0..4),
        ) {
            let mut report = Report::default();
            for (name, second) in &names {
                let at = OffsetDateTime::from_unix_timestamp(i64::from(*second)).unwrap();
                report.resources.entry(name.clone()).or_default().completed_at = Some(at);
            }
            let connector = &connector;
            let sync = EndedSync { connector, report: &report, exit: Exit::Done, at: NOON };
            let text = sync.text(Successes::default());
            let read = Successes::parse(&text, connector);
            prop_assert_eq!(read.of_sync, Some(seconds(NOON)));
            let of_resources = names.into_iter().map(|(name, at)| (name, f64::from(at)));
            prop_assert_eq!(read.of_resources, of_resources.collect());
            prop_assert_eq!(Successes::parse(&text, "another one"), Successes::default());
        }
    }
}
