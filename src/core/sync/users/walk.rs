//! A walk over all users, or over those that changed.

use serde::{Deserialize, Serialize};

use crate::auth0::page::PageSize;
use crate::auth0::request::Request;
use crate::auth0::user::UsersPage;
use crate::auth0::user_search::{Key, UserSearch, UserSet};
use crate::engine::timestamp::Timestamp;
use crate::json::anomalies::Anomalies;
use crate::rawdash::record::{Effect, Entity, Records, Warning};
use crate::sync::OVERLAP;
use crate::sync::page_outcome::PageOutcome;
use crate::sync::users::pass::Pass;
use crate::sync::users::ranges::Ranges;
use crate::sync::users::rows::read_users;

/// The lane of what is not in a range, and of the first range.
const FIRST: u32 = 0;

/// A walk over all users, or over those that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    extent: Extent,
    /// The tenant's time at its begin.
    until: Timestamp,
    found: u64,
    stage: WalkStage,
}

/// Which users are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Extent {
    /// All; their rows are staged under the generation.
    All { generation: u64 },
    /// Those that changed.
    Changed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum WalkStage {
    /// Looks for the last change, before the first page.
    FindingWatermark,
    /// Walks ranges of the key.
    Ranges { watermark: Timestamp, ranges: Ranges },
    /// Pages the users that no range finds.
    Undated { watermark: Timestamp, pass: Pass },
    /// Everything was read.
    Whole { watermark: Timestamp },
}

/// What is known once a walk is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Changes up to here were read.
    pub watermark: Timestamp,
    /// How many users there are, after a walk over all.
    pub found: Option<u64>,
}

impl Walk {
    /// A walk over all users, up to the tenant's time `until`.
    pub fn over_all(generation: u64, until: Timestamp) -> Walk {
        let extent = Extent::All { generation };
        Walk { extent, until, found: 0, stage: WalkStage::FindingWatermark }
    }

    /// A walk over the users that changed since the watermark.
    pub fn over_changes(watermark: Timestamp, until: Timestamp) -> Walk {
        let (from, to) = (watermark.earlier_by(OVERLAP), until.later_by(1));
        let ranges = Ranges::new(FIRST, Some(from), Some(to));
        let stage = WalkStage::Ranges { watermark, ranges };
        Walk { extent: Extent::Changed, until, found: 0, stage }
    }

    fn key(&self) -> Key {
        match self.extent {
            Extent::All { .. } => Key::CreatedAt,
            Extent::Changed => Key::UpdatedAt,
        }
    }

    /// The next request of each lane.
    pub fn requests(&self) -> Vec<(u32, Request)> {
        match &self.stage {
            WalkStage::FindingWatermark => vec![(FIRST, Request::Users(UserSearch::newest()))],
            WalkStage::Ranges { ranges, .. } => {
                let (key, until) = (self.key(), self.until);
                let requests = ranges.iter();
                requests.map(|range| (range.id, Request::Users(range.search(key, until)))).collect()
            }
            WalkStage::Undated { pass, .. } => vec![(FIRST, Request::Users(pass.search()))],
            WalkStage::Whole { .. } => Vec::new(),
        }
    }

    /// Takes the page of a lane; `None` when it cannot be read.
    pub fn take(
        &mut self,
        lane: u32,
        body: &str,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let page = UsersPage::read(body)?;
        match &self.stage {
            WalkStage::FindingWatermark => Some(self.take_watermark(&page)),
            WalkStage::Ranges { .. } => self.take_range(lane, &page, anomalies),
            WalkStage::Undated { .. } => self.take_undated(&page, anomalies),
            WalkStage::Whole { .. } => Some(PageOutcome::default()),
        }
    }

    /// The last change, never later than the tenant's clock: a row dated 2099
    /// must not end all updates.
    fn take_watermark(&mut self, page: &UsersPage<'_>) -> PageOutcome {
        let rows = read_users(&page.rows, Key::UpdatedAt, &mut Anomalies::default());
        let newest = rows.iter().find_map(|row| row.at);
        let watermark = newest.unwrap_or(self.until).min(self.until);
        self.stage = WalkStage::Ranges { watermark, ranges: Ranges::new(FIRST, None, None) };
        let expected = page.total.filter(|total| *total < 1000);
        PageOutcome { expected, ..PageOutcome::default() }
    }

    fn take_range(
        &mut self,
        lane: u32,
        page: &UsersPage<'_>,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let (key, until) = (self.key(), self.until);
        let WalkStage::Ranges { watermark, ranges } = &mut self.stage else { return None };
        let walked = ranges.get_mut(lane)?.take(key, page, until, anomalies)?;
        if walked.ended {
            ranges.remove(lane);
        }
        if let (Extent::Changed, Some(newest)) = (self.extent, walked.newest) {
            *watermark = newest.min(until).max(*watermark);
        }
        if let Some(span) = walked.span {
            ranges.divide(span, until);
        }
        self.leave_ranges();
        let mut outcome = self.outcome(walked.users);
        outcome.warnings.extend(walked.warning);
        outcome.incomplete = walked.incomplete;
        Some(outcome)
    }

    /// Goes on to the next stage once all ranges are walked.
    fn leave_ranges(&mut self) {
        let WalkStage::Ranges { watermark, ranges } = &self.stage else { return };
        if !ranges.is_empty() {
            return;
        }
        let watermark = *watermark;
        self.stage = match self.extent {
            Extent::All { .. } => {
                let pass = Pass::new(UserSet::Undated, PageSize::MOST);
                WalkStage::Undated { watermark, pass }
            }
            Extent::Changed => WalkStage::Whole { watermark },
        };
    }

    fn take_undated(
        &mut self,
        page: &UsersPage<'_>,
        anomalies: &mut Anomalies,
    ) -> Option<PageOutcome> {
        let WalkStage::Undated { watermark, pass } = &mut self.stage else { return None };
        let rows = read_users(&page.rows, Key::CreatedAt, anomalies);
        // No user of this search has the key.
        let passed = if rows.iter().any(|row| row.at.is_some()) {
            pass.take_another(page.rows.len())
        } else {
            let ids = rows.iter().map(|row| row.user.id.clone()).collect();
            pass.take(page.rows.len(), ids, page.limit, page.total)
        };
        if passed.over {
            self.stage = WalkStage::Whole { watermark: *watermark };
        }
        let mut outcome = self.outcome(rows.into_iter().map(|row| row.user).collect());
        outcome.incomplete = passed.incomplete;
        outcome.warnings.extend(passed.warning);
        Some(outcome)
    }

    /// The effect follows from the stage: the last page of a walk over all
    /// publishes what was staged.
    fn outcome(&mut self, users: Vec<Entity>) -> PageOutcome {
        self.found = self.found.saturating_add(users.len() as u64);
        let effect = match (self.extent, &self.stage) {
            (Extent::Changed, _) => Effect::Merge,
            (Extent::All { generation }, WalkStage::Whole { .. }) => Effect::ReplaceAll(generation),
            (Extent::All { generation }, _) => Effect::Stage(generation),
        };
        PageOutcome { records: vec![(Records::Entities(users), effect)], ..PageOutcome::default() }
    }

    /// What is known, once the walk is whole.
    pub fn finished(&self) -> Option<Finished> {
        let WalkStage::Whole { watermark } = self.stage else { return None };
        let found = match self.extent {
            Extent::All { .. } => Some(self.found),
            Extent::Changed => None,
        };
        Some(Finished { watermark, found })
    }

    /// A search of a lane took too long; false when that is an outage.
    pub fn narrow(&mut self, lane: u32) -> bool {
        let WalkStage::Ranges { ranges, .. } = &mut self.stage else { return false };
        ranges.get_mut(lane).is_some_and(|range| range.narrow(self.until))
    }

    /// A page of a lane could not be read; false at single rows.
    pub fn shrink(&mut self, lane: u32) -> bool {
        match &mut self.stage {
            WalkStage::Ranges { ranges, .. } => {
                ranges.get_mut(lane).is_some_and(|range| range.shrink())
            }
            WalkStage::Undated { pass, .. } => pass.shrink(),
            WalkStage::FindingWatermark | WalkStage::Whole { .. } => false,
        }
    }

    /// Skips a single row that cannot be read, with a warning; `None` when
    /// there is no way past it.
    pub fn skip(&mut self, lane: u32) -> Option<PageOutcome> {
        let warning = match &mut self.stage {
            WalkStage::Ranges { .. } => self.skip_in_range(lane)?,
            WalkStage::Undated { watermark, pass } => {
                let passed = pass.skip();
                if passed.over {
                    self.stage = WalkStage::Whole { watermark: *watermark };
                }
                passed.warning
            }
            WalkStage::FindingWatermark | WalkStage::Whole { .. } => return None,
        };
        let mut outcome = self.outcome(Vec::new());
        outcome.warnings.extend(warning);
        Some(outcome)
    }

    fn skip_in_range(&mut self, lane: u32) -> Option<Option<Warning>> {
        let WalkStage::Ranges { ranges, .. } = &mut self.stage else { return None };
        let skipped = ranges.get_mut(lane)?.skip()?;
        if skipped.ended {
            ranges.remove(lane);
        }
        self.leave_ranges();
        Some(skipped.warning)
    }
}
