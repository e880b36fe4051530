//! What comes after each slice of a sync: a function of the outcomes so far, which the
//! engine replays.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::outcome::{Problem, ResourceOutcome, SliceEnd, SliceOutcome};

/// The slices in a row that may read nothing before a sync is left to the next one.
const FRUITLESS: u32 = 8;

/// The shortest wait, the first one of which the source says nothing, and the longest
/// of those.
const SHORTEST: Duration = Duration::from_secs(1);
const FIRST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_mins(10);

/// A sync, slice by slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Course {
    slices: u32,
    requests: u64,
    changed: u64,
    resources: BTreeMap<String, ResourceOutcome>,
    /// Slices in a row that read nothing.
    fruitless: u32,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another slice.
    Slice,
    /// Another slice after a wait.
    Wait(Duration),
    /// Nothing: the sync has ended.
    End(SyncOutcome),
}

/// What a sync led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncOutcome {
    /// How it ended.
    pub(crate) end: SyncEnd,
    /// The slices that it took.
    pub(crate) slices: u32,
    /// HTTP requests that it sent.
    pub(crate) requests: u64,
    /// Rows that it added, changed or removed.
    pub(crate) changed: u64,
    /// By name in storage, what became of each resource.
    pub(crate) resources: BTreeMap<String, ResourceOutcome>,
    /// When it ended, in Unix milliseconds; unknown of one that was cancelled.
    pub(crate) ended_at: Option<i64>,
}

/// How a sync ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SyncEnd {
    /// Everything is read.
    Done,
    /// Waiting did not help; the next sync resumes.
    Postponed {
        /// What it waited for.
        message: String,
    },
    /// Waiting repairs nothing.
    Failed(Problem),
    /// Somebody cancelled it; the next sync resumes.
    Cancelled,
}

impl Course {
    /// The resources that the next slice reads: those of the sync that are not complete.
    /// None before the first slice, for all that the configuration allows.
    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.resources.iter().filter(|(_, resource)| !resource.complete);
        left.map(|(name, _)| name.clone()).collect()
    }

    /// What comes after a slice with this outcome.
    pub(crate) fn after(&mut self, outcome: SliceOutcome) -> Next {
        self.slices = self.slices.saturating_add(1);
        self.requests = self.requests.saturating_add(outcome.requests);
        self.changed = self.changed.saturating_add(outcome.changed);
        let fruitful = self.further(outcome.resources) || outcome.changed > 0;
        self.fruitless = if fruitful { 0 } else { self.fruitless.saturating_add(1) };
        let ended_at = Some(outcome.ended_at);
        match outcome.end {
            SliceEnd::More => Next::Slice,
            SliceEnd::Later { message, .. } if self.fruitless >= FRUITLESS => {
                self.end(SyncEnd::Postponed { message }, ended_at)
            }
            SliceEnd::Later { after_ms, .. } => Next::Wait(self.wait(after_ms)),
            SliceEnd::Done => {
                // Also where the outcome of the slice that completed them was lost.
                for resource in self.resources.values_mut() {
                    resource.complete = true;
                    resource.failure = None;
                }
                self.end(SyncEnd::Done, ended_at)
            }
            SliceEnd::Failed(problem) => self.end(SyncEnd::Failed(problem), ended_at),
        }
    }

    /// The outcome of a sync that somebody cancelled.
    pub(crate) fn cancelled(self) -> SyncOutcome {
        self.outcome(SyncEnd::Cancelled, None)
    }

    /// Takes over how far the resources are now, and returns whether one of them is further
    /// than it was. Rows that are staged, or stored already, change nothing and count all
    /// the same.
    fn further(&mut self, resources: BTreeMap<String, ResourceOutcome>) -> bool {
        let mut further = false;
        for (name, mut now) in resources {
            let before =
                self.resources.get(&name).map_or((false, 0), |it| (it.complete, it.records));
            further |= (now.complete, now.records) > before;
            if !now.complete {
                // A slice that read nothing of a run does not know what others read of it.
                now.records = now.records.max(before.1);
            }
            self.resources.insert(name, now);
        }
        further
    }

    fn wait(&self, after_ms: Option<u64>) -> Duration {
        match after_ms {
            Some(after_ms) => Duration::from_millis(after_ms).max(SHORTEST),
            None => {
                let doubled = 2_u32.saturating_pow(self.fruitless.saturating_sub(1));
                FIRST.saturating_mul(doubled).min(LONGEST)
            }
        }
    }

    fn end(&self, end: SyncEnd, ended_at: Option<i64>) -> Next {
        Next::End(self.clone().outcome(end, ended_at))
    }

    fn outcome(self, end: SyncEnd, ended_at: Option<i64>) -> SyncOutcome {
        let Course { slices, requests, changed, resources, .. } = self;
        SyncOutcome { end, slices, requests, changed, resources, ended_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(end: SliceEnd, changed: u64) -> SliceOutcome {
        SliceOutcome { end, requests: 10, changed, resources: BTreeMap::new(), ended_at: 7 }
    }

    fn later(after_ms: Option<u64>) -> SliceEnd {
        SliceEnd::Later { after_ms, message: "the rate limit".to_owned() }
    }

    #[test]
    fn a_sync_goes_on_while_there_is_more_and_ends_when_all_is_read() {
        let mut course = Course::default();
        assert_eq!(course.after(slice(SliceEnd::More, 100)), Next::Slice);
        let Next::End(outcome) = course.after(slice(SliceEnd::Done, 5)) else {
            panic!("goes on");
        };
        assert_eq!((outcome.end, outcome.slices), (SyncEnd::Done, 2));
        assert_eq!((outcome.requests, outcome.changed, outcome.ended_at), (20, 105, Some(7)));
    }

    #[test]
    fn a_wait_is_as_long_as_the_source_says_or_doubles_up_to_ten_minutes() {
        let mut course = Course::default();
        let hour = Duration::from_hours(1);
        assert_eq!(course.after(slice(later(Some(3_600_000)), 1)), Next::Wait(hour));
        assert_eq!(course.after(slice(later(Some(0)), 1)), Next::Wait(SHORTEST));
        let waits: Vec<Next> =
            (1..FRUITLESS).map(|_| course.after(slice(later(None), 0))).collect();
        assert_eq!(waits.first(), Some(&Next::Wait(FIRST)));
        assert_eq!(waits.get(1), Some(&Next::Wait(FIRST * 2)));
        assert_eq!(waits.last(), Some(&Next::Wait(LONGEST)));
    }

    #[test]
    fn a_source_that_stays_unreadable_does_not_hold_the_tenant_for_ever() {
        let mut course = Course::default();
        let ends = (0..FRUITLESS).map(|_| course.after(slice(later(None), 0)));
        assert!(matches!(
            ends.last(),
            Some(Next::End(SyncOutcome { end: SyncEnd::Postponed { .. }, .. }))
        ));
    }

    #[test]
    fn a_sync_that_reads_rows_which_are_staged_or_unchanged_is_not_left_to_the_next_one() {
        let mut course = Course::default();
        for records in 1..=3 * u64::from(FRUITLESS) {
            let mut read = slice(later(None), 0);
            let resource = ResourceOutcome { complete: false, records, failure: None };
            read.resources = [("a".to_owned(), resource)].into();
            assert_eq!(course.after(read), Next::Wait(FIRST), "{records} records");
        }
    }

    #[test]
    fn a_run_that_begins_again_and_again_does_not_hold_the_tenant_for_ever() {
        let mut course = Course::default();
        let ends = (0..=2 * FRUITLESS).map(|turn| {
            let mut read = slice(later(None), 0);
            let records = if turn % 2 == 0 { 100 } else { 0 };
            let resource = ResourceOutcome { complete: false, records, failure: None };
            read.resources = [("a".to_owned(), resource)].into();
            course.after(read)
        });
        assert!(ends.into_iter().any(|next| matches!(next, Next::End(_))));
    }

    #[test]
    fn the_next_slice_reads_what_is_not_complete_and_nothing_that_the_first_one_did_not() {
        let resource = |complete| ResourceOutcome { complete, records: 1, failure: None };
        let mut course = Course::default();
        let mut first = slice(SliceEnd::More, 1);
        first.resources =
            [("a".to_owned(), resource(true)), ("b".to_owned(), resource(false))].into();
        assert!(course.left().is_empty());
        course.after(first);
        assert_eq!(course.left(), ["b"]);
    }
}
