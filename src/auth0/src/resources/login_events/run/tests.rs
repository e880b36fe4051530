use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn row(id: &str, date: &str) -> String {
    format!(r#"{{"log_id":"{id}","date":"{date}","type":"s"}}"#)
}

fn id(instant: &str) -> String {
    format!("900{instant}{}", "7".repeat(36))
}

struct Driven {
    state: LogState,
    run: LogRun,
    shared: Shared,
    types: Vec<String>,
    date: Timestamp,
}

impl Driven {
    fn begun(date: &str, since: Option<&str>) -> Driven {
        let state = LogState::default();
        let run = LogRun::begin(&state, at(date));
        let types = log_type::DEFAULT.map(str::to_owned).to_vec();
        let shared = Shared::default();
        let mut driven = Driven { state, run, shared, types, date: at(date) };
        driven.begin(date, since);
        driven
    }

    fn begin(&mut self, date: &str, since: Option<&str>) {
        self.date = at(date);
        self.state.start_from(since.map(at));
        self.run = LogRun::begin(&self.state, self.date);
    }

    fn requested(&self) -> String {
        self.run.request(&self.state).unwrap().path.replace("/api/v2/logs?", "")
    }

    fn is_whole(&self) -> bool {
        self.run.request(&self.state).is_none()
    }

    fn reading(&mut self) -> Reading<'_> {
        Reading {
            state: &mut self.state,
            run: &mut self.run,
            shared: &mut self.shared,
            types: &self.types,
            date: self.date,
            now: self.date,
        }
    }

    fn answer(&mut self, rows: &[String]) -> Option<PageOutcome> {
        let body = format!("[{}]", rows.join(","));
        self.reading().take(&Answer { body, ..Answer::default() })
    }
}

const NOW: &str = "2026-11-24T12:00:00.999Z";

#[test]
fn the_log_is_read_from_a_minute_before_the_oldest_row() {
    let mut run = Driven::begun(NOW, None);
    assert_eq!(run.requested(), "sort=date%3A1&page=0&per_page=1");
    run.answer(&[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
    assert_eq!(run.requested(), format!("from=90020261123105900000{}&take=100", "0".repeat(36)));
}

#[test]
fn a_made_id_that_is_refused_gives_way_to_the_row_itself_which_is_stored() {
    let mut run = Driven::begun(NOW, None);
    let oldest = row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z");
    run.answer(std::slice::from_ref(&oldest)).unwrap();
    assert!(run.reading().refuse());
    let outcome = run.answer(&[oldest]).unwrap();
    assert_eq!(outcome.records[0].0.len(), 1);
    assert!(run.requested().starts_with(&format!("from={}", id("20261123110005000"))));
}

#[test]
fn a_busy_tenant_ends_a_run_without_an_empty_page() {
    let mut run = Driven::begun(NOW, None);
    run.answer(&[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
    run.answer(&[row(&id("20261124110000000"), "2026-11-24T11:00:00.000Z")]).unwrap();
    assert!(!run.is_whole(), "short, but of before the run");
    run.answer(&[row(&id("20261124120003000"), "2026-11-24T11:00:00.000Z")]).unwrap();
    assert!(run.is_whole());
}

#[test]
fn a_page_that_was_read_before_is_requested_again() {
    let mut run = Driven::begun(NOW, None);
    let first = row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z");
    run.answer(std::slice::from_ref(&first)).unwrap();
    run.answer(std::slice::from_ref(&first)).unwrap();
    let before = run.requested();
    assert_eq!(run.answer(&[first]), None);
    assert_eq!(run.requested(), before);
}

#[test]
fn a_gap_is_reported_with_both_ends() {
    let mut run = Driven::begun(NOW, None);
    run.answer(&[row(&id("20261124110005000"), "2026-11-24T11:00:00.000Z")]).unwrap();
    run.answer(&[]).unwrap();
    let later = "2026-11-26T12:00:00.999Z";
    run.begin(later, None);
    assert_eq!(run.requested(), "sort=date%3A1&page=0&per_page=1");
    let outcome = run.answer(&[row(&id("20261125120000000"), "2026-11-25T12:00:00.000Z")]).unwrap();
    assert!(
        outcome.warnings[0]
            .message
            .contains("between 2026-11-24T11:45:00.999Z and 2026-11-25T12:00:00.000Z"),
        "{outcome:?}"
    );
    assert!(run.state.gap);
}

#[test]
fn an_empty_log_keeps_its_bound_and_an_earlier_since_begins_again() {
    let mut run = Driven::begun(NOW, Some("2026-11-20T00:00:00.000Z"));
    run.answer(&[]).unwrap();
    assert!(run.is_whole());
    run.begin(NOW, Some("2026-11-24T00:00:00.000Z"));
    assert!(run.requested().contains("2026-11-20T00%3A00%3A00.000Z"), "{}", run.requested());
    run.begin(NOW, Some("2026-11-19T00:00:00.000Z"));
    assert!(run.requested().contains("2026-11-19"), "{}", run.requested());
}

#[test]
fn only_a_row_that_is_unreadable_alone_is_skipped() {
    let mut run = Driven::begun(NOW, None);
    run.answer(&[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
    let halvings = std::iter::from_fn(|| run.reading().shrink().then_some(())).count();
    assert_eq!(halvings, 6);
    let position = id("20261123110006000");
    let earlier = LogId::parse(&id("20261123105800000")).unwrap();
    assert_eq!(run.reading().skip(earlier), None, "a link that leads back");
    assert!(run.reading().skip(LogId::parse(&position).unwrap()).is_some());
    assert!(run.requested().starts_with(&format!("from={}&take=2", id("20261123110006000"))));
}

#[test]
fn a_quiet_log_whose_rows_expire_has_no_gap() {
    for (now, next, gap) in [
        // The end was seen an hour ago: whatever was added since is still there.
        ("2026-11-24T13:00:00.999Z", "2026-11-24T12:30:00.000Z", false),
        // The end was seen two days ago, when this row was there.
        ("2026-11-26T12:00:00.999Z", "2026-11-24T11:40:00.000Z", false),
        ("2026-11-26T12:00:00.999Z", "2026-11-24T12:30:00.000Z", true),
    ] {
        let mut run = Driven::begun(NOW, None);
        let old = row(&id("20261123060000000"), "2026-11-23T06:00:00.000Z");
        run.answer(std::slice::from_ref(&old)).unwrap();
        run.answer(&[old]).unwrap();
        run.answer(&[]).unwrap();
        run.begin(now, None);
        assert!(run.requested().starts_with("sort="), "the position is old");
        run.answer(&[row(&id("20261126000000000"), next)]).unwrap();
        assert_eq!((run.state.gap, run.shared.doubts), (gap, u32::from(gap)), "{now}");
    }
}

#[test]
fn types_that_are_not_documented_are_warned_of_once() {
    let mut run = Driven::begun(NOW, None);
    run.types = vec!["fu".to_owned(), "zz".to_owned()];
    let warned = run.reading().with_unknown_types(PageOutcome::default()).warnings;
    assert!(warned[0].message.contains("document: zz."), "{warned:?}");
    assert_eq!(run.reading().with_unknown_types(PageOutcome::default()).warnings, []);
}
