//! The login events of a run: where the log is read from, and when it is read
//! to its end.

use serde::{Deserialize, Serialize};

use crate::auth0::log::{self, LogRow};
use crate::auth0::log_id::LogId;
use crate::auth0::reply::Head;
use crate::auth0::request::Request;
use crate::engine::timestamp::{HOUR, Milliseconds, SECOND, Timestamp};
use crate::json::anomalies::Anomalies;
use crate::rawdash::login_event;
use crate::rawdash::record::{Effect, Event, Records, Warning};
use crate::sync::deletions::Deletions;
use crate::sync::page_outcome::PageOutcome;

/// Rows a page, the most that Auth0 serves.
const PAGE: u32 = 100;
/// A position older than this may have fallen out of the shortest retention,
/// one day, and Auth0 probably does not report it.
const DOUBTFUL: Milliseconds = 20 * HOUR;
/// Rows are ingested a few seconds after their date, never before it; a start so
/// much earlier misses none.
const MARGIN: Milliseconds = 60 * SECOND;
/// Positions refused in one run before Auth0 is considered at fault.
const REFUSALS: u32 = 3;

/// How far the log was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Position {
    /// Nowhere yet.
    #[default]
    Unknown,
    /// The log held nothing since this bound; `None` is its very beginning.
    Bound(Option<Timestamp>),
    /// Behind this row, ingested at about that time.
    Behind(LogId, Timestamp),
}

/// Where the stored events begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Began {
    #[default]
    Nowhere,
    Oldest,
    Since(Timestamp),
}

/// What is read next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum LogStage {
    /// Looks for where to begin; `exact`: at a row itself, after Auth0 refused an
    /// id made for the purpose.
    Start {
        exact: bool,
    },
    /// Checks whether the log still reaches back to the position.
    Doubt,
    /// Looks for where to go on after the position was refused.
    Refused,
    Read,
    #[default]
    End,
}

/// What the checkpoint knows of login events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Events {
    position: Position,
    began: Began,
    stage: LogStage,
    take: u32,
    refusals: u32,
    /// A gap was reported that only a full run can repair.
    pub gap: bool,
}

impl Events {
    /// Begins a run at the tenant's time `date`.
    pub fn begin(&mut self, date: Timestamp, since: Option<Timestamp>) {
        self.take = PAGE;
        self.refusals = 0;
        match (self.began, since) {
            (Began::Nowhere, None) => self.began = Began::Oldest,
            (Began::Nowhere, Some(since)) => self.began = Began::Since(since),
            (Began::Since(began), Some(since)) if since < began => {
                self.began = Began::Since(since);
                self.position = Position::Unknown;
            }
            _ => {}
        }
        self.stage = match &self.position {
            Position::Unknown | Position::Bound(_) => LogStage::Start { exact: false },
            Position::Behind(_, at) if date.since(*at) > DOUBTFUL => LogStage::Doubt,
            Position::Behind(..) => LogStage::Read,
        };
    }

    /// Whether an earlier `since` than the stored one is requested.
    pub fn would_begin_again(&self, since: Option<Timestamp>) -> bool {
        matches!((self.began, since), (Began::Since(began), Some(since)) if since < began)
    }

    /// Whether the log was read to its end.
    pub fn is_whole(&self) -> bool {
        self.stage == LogStage::End
    }

    fn bound(&self) -> Option<Timestamp> {
        match (&self.position, self.began) {
            (Position::Bound(bound), _) => *bound,
            (_, Began::Since(since)) => Some(since),
            _ => None,
        }
    }

    /// The next request.
    pub fn request(&self) -> Option<Request> {
        match (self.stage, &self.position) {
            (LogStage::Start { .. }, _) => Some(Request::OldestLog(self.bound())),
            (LogStage::Doubt | LogStage::Refused, _) => Some(Request::OldestLog(None)),
            (LogStage::Read, Position::Behind(from, _)) => {
                Some(Request::Logs { from: from.clone(), take: self.take.clamp(1, PAGE) })
            }
            (LogStage::Read | LogStage::End, _) => None,
        }
    }

    /// Takes the reply; `None` when it cannot be read.
    pub fn take(
        &mut self,
        head: &Head,
        body: &str,
        date: Timestamp,
        deletions: &mut Deletions,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let rows = log::read_page(body)?;
        match self.stage {
            LogStage::Read => self.take_page(head, &rows, date, deletions, anomalies),
            _ => self.take_oldest(rows.first(), date, anomalies),
        }
    }

    fn take_oldest(
        &mut self,
        oldest: Option<&Option<LogRow<'_>>>,
        date: Timestamp,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let Some(row) = oldest else { return Some(self.find_nothing()) };
        let row = row.as_ref()?;
        let ignored = &mut Anomalies::default();
        let at = row.date.timestamp("date", ignored);
        let mut outcome = PageOutcome::default();
        if matches!(self.stage, LogStage::Doubt | LogStage::Refused) {
            outcome.warnings.extend(at.and_then(|oldest| self.judge_gap(oldest)));
        }
        if self.stage != LogStage::Doubt {
            let id = row.id(ignored)?;
            let started = self.start(row, id, at, date, anomalies);
            outcome.records.push((Records::Events(started.into_iter().collect()), Effect::Merge));
        }
        self.stage = LogStage::Read;
        Some(outcome)
    }

    /// An empty log: the bound is the position, so that the next run finds a row
    /// that is added later.
    fn find_nothing(&mut self) -> PageOutcome {
        match (self.stage, &self.position) {
            (LogStage::Doubt, _) => self.stage = LogStage::Read,
            (LogStage::Refused, Position::Behind(_, at)) => {
                self.position = Position::Bound(Some(*at));
                self.stage = LogStage::End;
            }
            _ => {
                self.position = Position::Bound(self.bound());
                self.stage = LogStage::End;
            }
        }
        PageOutcome::default()
    }

    /// Sets the position before the row found; or at it, storing it, where no
    /// id can be made or Auth0 refuses one.
    fn start(
        &mut self,
        row: &LogRow<'_>,
        id: LogId,
        at: Option<Timestamp>,
        date: Timestamp,
        anomalies: &mut Anomalies,
    ) -> Option<Event> {
        let from = match (self.stage, &self.position) {
            (LogStage::Refused, Position::Behind(_, at)) => Some(*at),
            _ => self.bound(),
        };
        let exact = self.stage == LogStage::Start { exact: true };
        let begin = at.map(|at| from.map_or(at, |from| from.max(at)).earlier_by(MARGIN));
        match begin.filter(|_| !exact).and_then(|begin| Some((id.before(begin)?, begin))) {
            Some((made, begin)) => {
                self.position = Position::Behind(made, begin);
                None
            }
            None => {
                let at = id.ingested_at().or(at).unwrap_or(date);
                self.position = Position::Behind(id, at);
                login_event::event(row, anomalies)
            }
        }
    }

    /// A log whose oldest row is newer than the position has lost rows.
    fn judge_gap(&mut self, oldest: Timestamp) -> Option<Warning> {
        let Position::Behind(_, at) = &self.position else { return None };
        if oldest <= *at {
            return None;
        }
        self.gap = true;
        Some(Warning {
            code: "log-gap",
            message: format!(
                "Auth0 no longer keeps the log between {at} and {oldest}: events of that time are lost; sync more often than the tenant's log retention. The next automatic run is full."
            ),
            count: 1,
        })
    }

    fn take_page(
        &mut self,
        head: &Head,
        rows: &[Option<LogRow<'_>>],
        date: Timestamp,
        deletions: &mut Deletions,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let Position::Behind(from, known) = self.position.clone() else { return None };
        let mut page =
            PageOfRows { last: None, last_at: known, events: Vec::new(), warnings: Vec::new() };
        for row in rows {
            page.read(row.as_ref(), deletions, anomalies);
        }
        // Where only the link leads past the rows, a single one is skipped, never
        // a page.
        if page.last.is_none() && !rows.is_empty() && self.take > 1 {
            return None;
        }
        let Some(next) =
            page.last.or_else(|| head.next_from.clone()).filter(|next| next.is_after(&from))
        else {
            if rows.is_empty() {
                self.stage = LogStage::End;
                return Some(PageOutcome {
                    records: vec![(Records::Events(Vec::new()), Effect::Merge)],
                    ..PageOutcome::default()
                });
            }
            // The page is one that was read before: request it again.
            return None;
        };
        if rows.is_empty() {
            self.stage = LogStage::End;
        } else {
            let at = next.ingested_at().unwrap_or(page.last_at);
            // A busy tenant never shows an empty page.
            if (rows.len() as u64) < u64::from(self.take) && at >= date {
                self.stage = LogStage::End;
            }
            self.position = Position::Behind(next, at);
        }
        self.take = self.take.saturating_mul(2).min(PAGE);
        Some(PageOutcome {
            records: vec![(Records::Events(page.events), Effect::Merge)],
            warnings: page.warnings,
            ..PageOutcome::default()
        })
    }

    /// Auth0 refused the position. False when it refuses everything.
    pub fn refuse(&mut self) -> bool {
        self.refusals = self.refusals.saturating_add(1);
        if self.stage != LogStage::Read || self.refusals > REFUSALS {
            return false;
        }
        self.stage = match self.refusals {
            1 if self.is_made() => LogStage::Start { exact: true },
            1 => LogStage::Refused,
            _ => LogStage::Start { exact: true },
        };
        true
    }

    /// Whether the position is an id that was made, no row's own.
    fn is_made(&self) -> bool {
        match &self.position {
            Position::Behind(id, at) => id.before(*at).is_some_and(|made| made == *id),
            _ => false,
        }
    }

    /// A page could not be read: requests half as many rows. False at one row.
    pub fn shrink(&mut self) -> bool {
        let shrunk = self.stage == LogStage::Read && self.take > 1;
        self.take = (self.take / 2).max(1);
        shrunk
    }

    /// Skips a single row that cannot be read, by the position in the reply's
    /// link; `None` when it has none.
    pub fn skip(&mut self, head: &Head) -> Option<PageOutcome> {
        let Position::Behind(from, at) = &self.position else { return None };
        let next = head
            .next_from
            .clone()
            .filter(|next| self.stage == LogStage::Read && next.is_after(from))?;
        let at = next.ingested_at().unwrap_or(*at);
        self.position = Position::Behind(next, at);
        self.take = self.take.saturating_mul(2).min(PAGE);
        Some(PageOutcome {
            warnings: vec![Warning {
                code: "log-row-unreadable",
                message: format!(
                    "A log row of about {at} could not be read, even alone, and was skipped."
                ),
                count: 1,
            }],
            ..PageOutcome::default()
        })
    }
}

struct PageOfRows {
    last: Option<LogId>,
    last_at: Timestamp,
    events: Vec<Event>,
    warnings: Vec<Warning>,
}

impl PageOfRows {
    fn read(
        &mut self,
        row: Option<&LogRow<'_>>,
        deletions: &mut Deletions,
        anomalies: &mut Anomalies,
    ) {
        let Some(row) = row else {
            anomalies.count("a row", "is not an object");
            return;
        };
        let ignored = &mut Anomalies::default();
        // The last row that can be read, whatever its type, is the position.
        self.last = row.id(ignored).or_else(|| self.last.take());
        self.last_at = row.date.timestamp("date", ignored).unwrap_or(self.last_at);
        self.events.extend(login_event::event(row, anomalies));
        self.warnings.extend(deletions.consider(row, self.last_at));
    }
}

#[cfg(test)]
mod tests {
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
        events: Events,
        deletions: Deletions,
    }

    impl Driven {
        fn begun(date: &str, since: Option<&str>) -> Driven {
            let mut events = Events::default();
            events.begin(at(date), since.map(at));
            Driven { events, deletions: Deletions::default() }
        }

        fn requested(&self) -> String {
            self.events.request().unwrap().path_and_query().replace("/api/v2/logs?", "")
        }

        fn answer(&mut self, date: &str, rows: &[String]) -> Option<PageOutcome> {
            let body = format!("[{}]", rows.join(","));
            self.events.take(
                &Head::default(),
                &body,
                at(date),
                &mut self.deletions,
                &mut Anomalies::default(),
            )
        }
    }

    const NOW: &str = "2026-11-24T12:00:00.999Z";

    #[test]
    fn the_log_is_read_from_a_minute_before_the_oldest_row() {
        let mut run = Driven::begun(NOW, None);
        assert_eq!(run.requested(), "sort=date%3A1&page=0&per_page=1");
        run.answer(NOW, &[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
        assert_eq!(
            run.requested(),
            format!("from=90020261123105900000{}&take=100", "0".repeat(36))
        );
    }

    #[test]
    fn a_made_id_that_is_refused_gives_way_to_the_row_itself_which_is_stored() {
        let mut run = Driven::begun(NOW, None);
        let oldest = row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z");
        run.answer(NOW, std::slice::from_ref(&oldest)).unwrap();
        assert!(run.events.refuse());
        let outcome = run.answer(NOW, &[oldest]).unwrap();
        assert_eq!(outcome.records[0].0.len(), 1);
        assert!(run.requested().starts_with(&format!("from={}", id("20261123110005000"))));
    }

    #[test]
    fn a_busy_tenant_ends_a_run_without_an_empty_page() {
        let mut run = Driven::begun(NOW, None);
        run.answer(NOW, &[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
        run.answer(NOW, &[row(&id("20261124110000000"), "2026-11-24T11:00:00.000Z")]).unwrap();
        assert!(!run.events.is_whole(), "short, but of before the run");
        run.answer(NOW, &[row(&id("20261124120003000"), "2026-11-24T11:00:00.000Z")]).unwrap();
        assert!(run.events.is_whole());
    }

    #[test]
    fn a_page_that_was_read_before_is_requested_again() {
        let mut run = Driven::begun(NOW, None);
        let first = row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z");
        run.answer(NOW, std::slice::from_ref(&first)).unwrap();
        run.answer(NOW, std::slice::from_ref(&first)).unwrap();
        let before = run.requested();
        assert_eq!(run.answer(NOW, &[first]), None);
        assert_eq!(run.requested(), before);
    }

    #[test]
    fn a_gap_is_reported_with_both_ends() {
        let mut run = Driven::begun(NOW, None);
        run.answer(NOW, &[row(&id("20261124110005000"), "2026-11-24T11:00:00.000Z")]).unwrap();
        run.answer(NOW, &[]).unwrap();
        let later = "2026-11-26T12:00:00.999Z";
        run.events.begin(at(later), None);
        assert_eq!(run.requested(), "sort=date%3A1&page=0&per_page=1");
        let outcome = run
            .answer(later, &[row(&id("20261125120000000"), "2026-11-25T12:00:00.000Z")])
            .unwrap();
        assert!(
            outcome.warnings[0]
                .message
                .contains("between 2026-11-24T10:59:00.000Z and 2026-11-25T12:00:00.000Z"),
            "{outcome:?}"
        );
        assert!(run.events.gap);
    }

    #[test]
    fn an_empty_log_keeps_its_bound_and_an_earlier_since_begins_again() {
        let mut run = Driven::begun(NOW, Some("2026-11-20T00:00:00.000Z"));
        run.answer(NOW, &[]).unwrap();
        assert!(run.events.is_whole());
        run.events.begin(at(NOW), Some(at("2026-11-24T00:00:00.000Z")));
        assert!(run.requested().contains("2026-11-20T00%3A00%3A00.000Z"), "{}", run.requested());
        run.events.begin(at(NOW), Some(at("2026-11-19T00:00:00.000Z")));
        assert!(run.requested().contains("2026-11-19"), "{}", run.requested());
    }

    #[test]
    fn only_a_row_that_is_unreadable_alone_is_skipped() {
        let mut run = Driven::begun(NOW, None);
        run.answer(NOW, &[row(&id("20261123110005000"), "2026-11-23T11:00:00.000Z")]).unwrap();
        let halvings = std::iter::from_fn(|| run.events.shrink().then_some(())).count();
        assert_eq!(halvings, 6);
        assert_eq!(
            run.events.skip(&Head::default()),
            None,
            "an outage that looks like a page has no link"
        );
        let head = Head { next_from: LogId::parse(&id("20261123110006000")), ..Head::default() };
        assert_eq!(run.events.skip(&head).unwrap().warnings.len(), 1);
        assert!(run.requested().starts_with(&format!("from={}&take=2", id("20261123110006000"))));
    }
}
