//! A run over the log: where it is read from, and when it is read to its end.

use rawdash_connector_sdk::contract::batch::{Effect, Warning};
use rawdash_connector_sdk::contract::records::{Event, Records};
use rawdash_connector_sdk::http::reply::Answer;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::resource::{Context, PageOutcome};
use rawdash_connector_sdk::time::timestamp::{HOUR, Milliseconds, SECOND, Timestamp};
use serde::{Deserialize, Serialize};

use super::LoginEvents;
use super::page::PageOfRows;
use super::position::{LogState, Position};
use crate::api::log::{self, LogRow};
use crate::api::log_id::LogId;
use crate::api::next_link::next_from;
use crate::api::{log_type, request};
use crate::records::login_event;
use crate::resources::{OVERLAP, Shared};

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

/// What is read next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    End,
}

/// A run over the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRun {
    stage: LogStage,
    take: u32,
    refusals: u32,
    found_gap: bool,
    /// Whether types that Auth0 does not document were warned of.
    warned_of_types: bool,
}

impl LogRun {
    /// Begins a run at the tenant's time `date`.
    pub fn begin(state: &LogState, date: Timestamp) -> LogRun {
        let stage = match &state.position {
            Position::Unknown | Position::Bound(_) => LogStage::Start { exact: false },
            Position::Behind(_, at) if date.since(*at) > DOUBTFUL => LogStage::Doubt,
            Position::Behind(..) => LogStage::Read,
        };
        LogRun { stage, take: PAGE, refusals: 0, found_gap: false, warned_of_types: false }
    }

    /// Whether a gap was found in this run: the next automatic one is full.
    pub fn found_gap(&self) -> bool {
        self.found_gap
    }

    /// The next request; `None` when the log was read to its end.
    pub fn request(&self, state: &LogState) -> Option<Request> {
        match (self.stage, &state.position) {
            (LogStage::Start { .. }, _) => Some(request::oldest_log(state.bound())),
            (LogStage::Doubt | LogStage::Refused, _) => Some(request::oldest_log(None)),
            (LogStage::Read, Position::Behind(from, _)) => {
                Some(request::logs(from, self.take.clamp(1, PAGE)))
            }
            (LogStage::Read | LogStage::End, _) => None,
        }
    }
}

/// A run over the log, with all that it changes.
pub(super) struct Reading<'a> {
    state: &'a mut LogState,
    run: &'a mut LogRun,
    shared: &'a mut Shared,
    types: &'a [String],
    /// The tenant's time when the run began.
    date: Timestamp,
    /// The tenant's time now.
    now: Timestamp,
}

impl<'a> Reading<'a> {
    /// The reading of a run under way.
    pub(super) fn of(context: Context<'a, LoginEvents>) -> Reading<'a> {
        Reading {
            state: context.state,
            run: context.run,
            shared: context.shared,
            types: &context.connector.configuration.log_types,
            date: context.date,
            now: context.now,
        }
    }

    /// Adds a warning of types that Auth0 does not document, once in a run.
    pub(super) fn with_unknown_types(&mut self, mut outcome: PageOutcome) -> PageOutcome {
        if std::mem::replace(&mut self.run.warned_of_types, true) {
            return outcome;
        }
        let unknown: Vec<_> =
            self.types.iter().filter(|code| !log_type::is_known(code)).cloned().collect();
        if !unknown.is_empty() {
            let count = u32::try_from(unknown.len()).unwrap_or(u32::MAX);
            let message = format!(
                "`logTypes` has codes that Auth0 does not document: {}. Rows of these types are stored if there are any.",
                unknown.join(", ")
            );
            outcome.warnings.push(Warning { code: "log-types-unknown", message, count });
        }
        outcome
    }

    /// Takes an answer; `None` when it cannot be read.
    pub(super) fn take(&mut self, answer: &Answer) -> Option<PageOutcome> {
        let rows = log::read_page(&answer.body)?;
        match self.run.stage {
            LogStage::Read => self.take_page(answer, &rows),
            _ => self.take_oldest(rows.first()),
        }
    }

    fn see_end(&mut self) {
        self.run.stage = LogStage::End;
        self.state.end_seen = self.state.end_seen.max(Some(self.now));
    }

    fn take_oldest(&mut self, oldest: Option<&Option<LogRow<'_>>>) -> Option<PageOutcome> {
        let Some(row) = oldest else {
            self.find_nothing();
            return Some(PageOutcome::default());
        };
        let row = row.as_ref()?;
        let ignored = &mut Anomalies::default();
        let id = row.id(ignored);
        let at = row.date.timestamp("date", ignored);
        let at = at.or_else(|| id.as_ref().and_then(LogId::ingested_at));
        let mut outcome = PageOutcome::default();
        if self.run.stage != LogStage::Doubt && id.is_none() {
            return None;
        }
        if matches!(self.run.stage, LogStage::Doubt | LogStage::Refused) {
            outcome.warnings.extend(at.and_then(|oldest| self.judge_gap(oldest)));
        }
        if let (true, Some(id)) = (self.run.stage != LogStage::Doubt, id) {
            let started = self.start(row, id, at, &mut outcome.anomalies);
            outcome.records.push((Records::Events(started.into_iter().collect()), Effect::Merge));
        }
        self.run.stage = LogStage::Read;
        Some(outcome)
    }

    /// An empty log: the bound is the position, so that the next run finds a row
    /// that is added later.
    fn find_nothing(&mut self) {
        match (self.run.stage, &self.state.position) {
            (LogStage::Doubt, _) => self.run.stage = LogStage::Read,
            (LogStage::Refused, Position::Behind(_, at)) => {
                self.state.position = Position::Bound(Some(*at));
                self.see_end();
            }
            _ => {
                self.state.position = Position::Bound(self.state.bound());
                self.see_end();
            }
        }
    }

    /// Sets the position before the row found; or at it, storing it, where no
    /// id can be made or Auth0 refuses one.
    fn start(
        &mut self,
        row: &LogRow<'_>,
        id: LogId,
        at: Option<Timestamp>,
        anomalies: &mut Anomalies,
    ) -> Option<Event> {
        let from = match (self.run.stage, &self.state.position) {
            (LogStage::Refused, Position::Behind(_, at)) => Some(*at),
            _ => self.state.bound(),
        };
        let exact = self.run.stage == LogStage::Start { exact: true };
        let begin = at.map(|at| from.map_or(at, |from| from.max(at)).earlier_by(MARGIN));
        match begin.filter(|_| !exact).and_then(|begin| Some((id.before(begin)?, begin))) {
            Some((made, begin)) => {
                self.state.position = Position::Behind(made, begin);
                None
            }
            None => {
                let at = id.ingested_at().or(at).unwrap_or(self.date);
                self.state.position = Position::Behind(id, at);
                login_event::event(row, &row.kind()?, self.types, anomalies)
            }
        }
    }

    /// A log whose oldest row is newer than the position has lost rows, unless it
    /// was read to its end since: what was added after that is still kept, or the
    /// oldest row is not newer.
    fn judge_gap(&mut self, oldest: Timestamp) -> Option<Warning> {
        let Position::Behind(_, at) = &self.state.position else { return None };
        let seen = self.state.end_seen;
        let settles = |seen: Timestamp| {
            self.now.since(seen) <= DOUBTFUL || oldest <= seen.earlier_by(OVERLAP)
        };
        if oldest <= *at || seen.is_some_and(settles) {
            return None;
        }
        let from = seen.map_or(*at, |seen| seen.earlier_by(OVERLAP).max(*at));
        self.state.gap = true;
        self.run.found_gap = true;
        self.shared.doubt();
        Some(Warning::new(
            "log-gap",
            format!(
                "Auth0 no longer keeps the log between {from} and {oldest}: events of that time are lost; sync more often than the tenant's log retention. The next automatic run is full."
            ),
        ))
    }

    fn take_page(&mut self, answer: &Answer, rows: &[Option<LogRow<'_>>]) -> Option<PageOutcome> {
        let Position::Behind(from, known) = self.state.position.clone() else { return None };
        let link = next_from(&answer.head);
        // Where only the link leads past the rows, a single one is skipped, never
        // a page.
        let readable = rows.iter().flatten().any(|row| row.id(&mut Anomalies::default()).is_some());
        if !readable && !rows.is_empty() && self.run.take > 1 {
            return None;
        }
        let last = rows.iter().flatten().rev().find_map(|row| row.id(&mut Anomalies::default()));
        let next = last.or(link).filter(|next| next.is_after(&from));
        let Some(next) = next else {
            // A page that was read before is requested again.
            rows.is_empty().then(|| self.see_end())?;
            return Some(PageOutcome::of(Records::Events(Vec::new()), Effect::Merge));
        };
        let page = PageOfRows::read(rows, known, self.types, self.shared);
        if rows.is_empty() {
            self.see_end();
        } else {
            let at = next.ingested_at().unwrap_or(page.last_at);
            // A busy tenant never shows an empty page.
            if (rows.len() as u64) < u64::from(self.run.take) && at >= self.date {
                self.see_end();
            }
            self.state.position = Position::Behind(next, at);
        }
        self.run.take = self.run.take.saturating_mul(2).min(PAGE);
        Some(PageOutcome {
            warnings: page.warnings,
            anomalies: page.anomalies,
            ..PageOutcome::of(Records::Events(page.events), Effect::Merge)
        })
    }

    /// Auth0 refused the position. False when it refuses everything.
    pub(super) fn refuse(&mut self) -> bool {
        let run = &mut self.run;
        run.refusals = run.refusals.saturating_add(1);
        if run.stage != LogStage::Read || run.refusals > REFUSALS {
            return false;
        }
        run.stage = match run.refusals {
            1 if self.state.is_made() => LogStage::Start { exact: true },
            1 => LogStage::Refused,
            _ => LogStage::Start { exact: true },
        };
        true
    }

    /// A page could not be read: requests half as many rows. False at one row.
    pub(super) fn shrink(&mut self) -> bool {
        let shrunk = self.run.stage == LogStage::Read && self.run.take > 1;
        self.run.take = (self.run.take / 2).max(1);
        shrunk
    }

    /// Skips a single row that cannot be read, by the position in the answer's
    /// link; `None` when that leads nowhere.
    pub(super) fn skip(&mut self, next: LogId) -> Option<Warning> {
        let Position::Behind(from, at) = &self.state.position else { return None };
        if self.run.stage != LogStage::Read || !next.is_after(from) {
            return None;
        }
        let at = next.ingested_at().unwrap_or(*at);
        self.state.position = Position::Behind(next, at);
        self.run.take = self.run.take.saturating_mul(2).min(PAGE);
        Some(Warning::new(
            "log-row-unreadable",
            format!("A log row of about {at} could not be read, even alone, and was skipped."),
        ))
    }
}

#[cfg(test)]
mod tests;
