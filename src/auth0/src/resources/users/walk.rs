//! A walk over all users, or over those that changed.

use rawdash_connector_sdk::census::{Census, Unlisted};
use rawdash_connector_sdk::contract::batch::{Effect, Publication, Warning};
use rawdash_connector_sdk::contract::records::{Entity, Records};
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::resource::{Lane, PageOutcome};
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::page::PageSize;
use crate::api::request;
use crate::api::user::UsersPage;
use crate::api::user_search::{Key, NEWEST, UserSearch, UserSet};
use crate::resources::OVERLAP;
use crate::resources::users::UsersState;
use crate::resources::users::deletions::read_user;
use crate::resources::users::pass::Pass;
use crate::resources::users::ranges::Ranges;
use crate::resources::users::rows::read_users;

/// The lane of what is not in a range, and of the first range.
const FIRST: Lane = 0;
/// Totals from here on are capped.
const CAPPED: u64 = 1000;

/// A walk over all users, or over those that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    extent: Extent,
    /// The tenant's time at its begin.
    until: Timestamp,
    /// How many users it found.
    found: u64,
    /// How many there are, where Auth0 counts them.
    total: Option<u64>,
    stage: WalkStage,
    /// Whether it found nobody although there are users. It is not kept: another
    /// instance finds out again.
    #[serde(skip)]
    nobody: bool,
}

/// Which users are walked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Extent {
    /// All; their rows are staged under the generation.
    All { generation: u64, census: Census },
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
    /// Asks for known users without a date by id.
    UndatedById { watermark: Timestamp, left: Unlisted },
    /// Asks whether users that were not shown exist.
    Witnesses { watermark: Timestamp },
    /// Everything was read.
    Whole { watermark: Timestamp },
}

/// What a page led to.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) outcome: PageOutcome,
    /// Set when users were certainly not read: a clause that says which.
    pub(super) incomplete: Option<String>,
}

impl From<PageOutcome> for Walked {
    fn from(outcome: PageOutcome) -> Walked {
        Walked { outcome, incomplete: None }
    }
}

/// What the answer about one user led to.
pub(super) enum ById {
    /// The walk goes on.
    On(PageOutcome),
    /// A witness exists that the walk did not show: so many of so many were found.
    IndexIncomplete { found: u64, before: u64 },
}

impl Walk {
    /// A walk over all users, up to the tenant's time `until`.
    pub(super) fn over_all(state: &UsersState, generation: u64, until: Timestamp) -> Walk {
        let extent = Extent::All { generation, census: Census::after(&state.last) };
        let stage = WalkStage::FindingWatermark;
        Walk { extent, until, found: 0, total: None, stage, nobody: false }
    }

    /// A walk over the users that changed since the watermark.
    pub(super) fn over_changes(watermark: Timestamp, until: Timestamp) -> Walk {
        let (from, to) = (watermark.earlier_by(OVERLAP), until.later_by(1));
        let ranges = Ranges::new(FIRST, Some(from), Some(to));
        let stage = WalkStage::Ranges { watermark, ranges };
        Walk { extent: Extent::Changed, until, found: 0, total: None, stage, nobody: false }
    }

    fn key(&self) -> Key {
        match self.extent {
            Extent::All { .. } => Key::CreatedAt,
            Extent::Changed => Key::UpdatedAt,
        }
    }

    /// The next request of each lane.
    pub(super) fn requests(&self) -> Vec<(Lane, Request)> {
        let first = |request: Request| vec![(FIRST, request)];
        match (&self.stage, &self.extent) {
            (WalkStage::FindingWatermark, _) => first(request::users(&UserSearch::newest())),
            (WalkStage::Ranges { ranges, .. }, _) => {
                let (key, until) = (self.key(), self.until);
                let search = |range: &super::range::Range| range.search(key, until);
                ranges.iter().map(|range| (range.id, request::users(&search(range)))).collect()
            }
            (WalkStage::Undated { pass, .. }, _) => first(request::users(&pass.search())),
            (WalkStage::UndatedById { left, .. }, _) => {
                left.next().map(|id| (FIRST, request::user(id))).into_iter().collect()
            }
            (WalkStage::Witnesses { .. }, Extent::All { census, .. }) => {
                census.witness().map(|id| (FIRST, request::user(id))).into_iter().collect()
            }
            (WalkStage::Witnesses { .. } | WalkStage::Whole { .. }, _) => Vec::new(),
        }
    }

    /// Takes the page of a lane; `None` when it cannot be read.
    pub(super) fn take(&mut self, lane: Lane, body: &str) -> Option<Walked> {
        let page = UsersPage::read(body)?;
        match &self.stage {
            WalkStage::FindingWatermark => Some(self.take_watermark(&page).into()),
            WalkStage::Ranges { .. } => self.take_range(lane, &page),
            WalkStage::Undated { .. } => self.take_undated(&page),
            _ => Some(Walked::default()),
        }
    }

    /// The last change, never later than the tenant's clock: a row dated 2099
    /// must not end all updates.
    fn take_watermark(&mut self, page: &UsersPage<'_>) -> PageOutcome {
        let rows = read_users(&page.rows, Key::UpdatedAt, &mut Anomalies::default());
        let newest = rows.iter().find_map(|row| row.at);
        let watermark = newest.unwrap_or(self.until).min(self.until);
        self.total = page.total.filter(|total| *total < CAPPED);
        self.walk_ranges(watermark);
        PageOutcome { expected: self.total, ..PageOutcome::default() }
    }

    fn walk_ranges(&mut self, watermark: Timestamp) {
        self.stage = WalkStage::Ranges { watermark, ranges: Ranges::new(FIRST, None, None) };
    }

    fn take_range(&mut self, lane: Lane, page: &UsersPage<'_>) -> Option<Walked> {
        let (key, until) = (self.key(), self.until);
        let mut anomalies = Anomalies::default();
        let WalkStage::Ranges { watermark, ranges } = &mut self.stage else { return None };
        let walked = ranges.get_mut(lane)?.take(key, page, until, &mut anomalies)?;
        if walked.ended {
            ranges.remove(lane);
        }
        if let (Extent::Changed, Some(newest)) = (&self.extent, walked.newest) {
            *watermark = newest.min(until).max(*watermark);
        }
        if let Some(span) = walked.span {
            ranges.divide(span, until);
        }
        self.leave_ranges();
        let mut outcome = self.outcome(walked.users, walked.fresh);
        outcome.anomalies = anomalies;
        outcome.warnings.extend(walked.warning);
        Some(Walked { outcome, incomplete: walked.incomplete })
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

    fn take_undated(&mut self, page: &UsersPage<'_>) -> Option<Walked> {
        let mut anomalies = Anomalies::default();
        let WalkStage::Undated { watermark, pass } = &mut self.stage else { return None };
        let watermark = *watermark;
        let rows = read_users(&page.rows, Key::CreatedAt, &mut anomalies);
        // No user of this search has the key.
        let another = page.limit == Some(NEWEST) || rows.iter().any(|row| row.at.is_some());
        let passed = if another {
            pass.take_another(page.rows.len())
        } else {
            rows.iter().for_each(|row| self.extent.see_undated(&row.user.id));
            let ids = rows.iter().map(|row| row.user.id.clone()).collect();
            pass.take(page.rows.len(), ids, page.limit, page.total)
        };
        let users: Vec<Entity> = rows.into_iter().map(|row| row.user).collect();
        let mut outcome = self.conclude(passed.over, watermark, users, passed.fresh);
        outcome.anomalies = anomalies;
        outcome.warnings.extend(passed.warning);
        Some(Walked { outcome, incomplete: passed.incomplete })
    }

    /// Ends the walk with these users if it is `over`, unless so few were found
    /// that witnesses are asked first.
    fn conclude(
        &mut self,
        over: bool,
        watermark: Timestamp,
        users: Vec<Entity>,
        fresh: u64,
    ) -> PageOutcome {
        let counted = self.found.saturating_add(fresh);
        if over && counted == 0 && self.expected() > 0 {
            self.nobody = true;
            let pass = Pass::new(UserSet::Undated, PageSize::MOST);
            self.stage = WalkStage::Undated { watermark, pass };
        } else if over {
            users.iter().for_each(|user| self.extent.see(&user.id));
            self.stage = match &self.extent {
                Extent::All { census, .. } if census.doubts(counted) => {
                    WalkStage::Witnesses { watermark }
                }
                _ => WalkStage::Whole { watermark },
            };
        }
        self.outcome(users, fresh)
    }

    /// The effect follows from the stage: the last page of a walk over all
    /// publishes what was staged.
    fn outcome(&mut self, users: Vec<Entity>, fresh: u64) -> PageOutcome {
        self.found = self.found.saturating_add(fresh);
        users.iter().for_each(|user| self.extent.see(&user.id));
        let is_whole = matches!(self.stage, WalkStage::Whole { .. });
        let effect = match &self.extent {
            Extent::Changed => Effect::Merge,
            Extent::All { generation, .. } if is_whole => Effect::Publish(Publication {
                generation: *generation,
                scope: None,
                empty_is_true: false,
            }),
            Extent::All { generation, .. } => Effect::Stage(*generation),
        };
        let mut outcome = PageOutcome::of(Records::Entities(users), effect);
        if is_whole {
            outcome.warnings.extend(self.missing());
        }
        outcome
    }

    /// A warning where Auth0 counted more users than it showed.
    fn missing(&self) -> Option<Warning> {
        let missing = self.total?.checked_sub(self.found).filter(|missing| *missing > 0)?;
        let (total, found) = (self.total?, self.found);
        Some(Warning {
            code: "users-missing",
            message: format!("Auth0 counts {total} users, and only {found} of them could be read."),
            count: u32::try_from(missing).unwrap_or(u32::MAX),
        })
    }

    /// Whether the request of the moment asks what the walk can do without.
    pub(super) fn is_side_question(&self) -> bool {
        matches!(self.stage, WalkStage::FindingWatermark | WalkStage::Undated { .. })
    }

    /// Whether it looks for the last change, which costs no user where it is not
    /// found.
    pub(super) fn is_finding_watermark(&self) -> bool {
        matches!(self.stage, WalkStage::FindingWatermark)
    }

    /// Goes on without the answer to a side question; the clause says why there is
    /// none.
    pub(super) fn go_on_without(&mut self, why: &str) -> PageOutcome {
        let (message, mut outcome) = match &self.stage {
            WalkStage::FindingWatermark => {
                let until = self.until;
                self.walk_ranges(until);
                let message = format!(
                    "Auth0 did not say which user changed last ({why}): changes are read from the time of this run on."
                );
                (message, PageOutcome::default())
            }
            WalkStage::Undated { watermark, .. } => {
                let watermark = *watermark;
                let left = self.extent.undated_before();
                let message = format!(
                    "Users without created_at could not be searched ({why}): {} known from earlier runs are requested one by one, and new ones are not found.",
                    left.count()
                );
                (message, self.ask_by_id(watermark, left, Vec::new()))
            }
            _ => return PageOutcome::default(),
        };
        outcome.warnings.insert(0, Warning::new("users-unchecked", message));
        outcome
    }

    fn ask_by_id(
        &mut self,
        watermark: Timestamp,
        left: Unlisted,
        users: Vec<Entity>,
    ) -> PageOutcome {
        let (over, fresh) = (left.next().is_none(), users.len() as u64);
        self.stage = WalkStage::UndatedById { watermark, left };
        self.conclude(over, watermark, users, fresh)
    }

    /// Takes the answer about the user that was requested by id: the body, or that
    /// there is none. `None` when it cannot be read.
    pub(super) fn take_by_id(&mut self, body: Option<&str>) -> Option<ById> {
        match (&mut self.stage, &mut self.extent) {
            (WalkStage::UndatedById { watermark, left }, extent) => {
                let read = match body {
                    Some(body) => Some(read_user(body)?),
                    None => None,
                };
                let (watermark, mut left) = (*watermark, std::mem::take(left));
                left.settle_next();
                let (users, anomalies) = match read {
                    Some((user, anomalies)) => {
                        extent.see_undated(&user.id);
                        (vec![user], anomalies)
                    }
                    None => (Vec::new(), Anomalies::default()),
                };
                let outcome = self.ask_by_id(watermark, left, users);
                Some(ById::On(PageOutcome { anomalies, ..outcome }))
            }
            (WalkStage::Witnesses { watermark }, Extent::All { census, .. }) => {
                if body.is_some() {
                    let (found, before) = (self.found, census.before());
                    return Some(ById::IndexIncomplete { found, before });
                }
                census.dismiss_witness();
                let (over, watermark) = (census.witness().is_none(), *watermark);
                Some(ById::On(match over {
                    true => self.conclude(true, watermark, Vec::new(), 0),
                    false => PageOutcome::default(),
                }))
            }
            _ => Some(ById::On(PageOutcome::default())),
        }
    }

    /// Whether the walk is over, or left what it finds.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, WalkStage::Whole { .. })
    }

    /// How many users there are, after a walk over all that found nobody.
    pub(super) fn found_nobody(&self) -> Option<u64> {
        self.nobody.then_some(self.expected())
    }

    /// How many users a walk over all must find some of: those that the last one
    /// found, or that Auth0 counts.
    fn expected(&self) -> u64 {
        match &self.extent {
            Extent::All { census, .. } => census.before().max(self.total.unwrap_or(0)),
            Extent::Changed => 0,
        }
    }

    /// Takes over what is known once the walk is over.
    pub(super) fn finish(self, state: &mut UsersState) {
        let WalkStage::Whole { watermark } = self.stage else { return };
        state.watermark = Some(watermark);
        if let Extent::All { census, .. } = self.extent {
            state.last = census.end(self.found);
        }
    }

    /// A search of a lane took too long; false when that is an outage.
    pub(super) fn narrow(&mut self, lane: Lane) -> bool {
        let WalkStage::Ranges { ranges, .. } = &mut self.stage else { return false };
        ranges.get_mut(lane).is_some_and(|range| range.narrow(self.until))
    }

    /// A page of a lane could not be read; false at single rows.
    pub(super) fn shrink(&mut self, lane: Lane) -> bool {
        match &mut self.stage {
            WalkStage::Ranges { ranges, .. } => {
                ranges.get_mut(lane).is_some_and(|range| range.shrink())
            }
            WalkStage::Undated { pass, .. } => pass.shrink(),
            _ => false,
        }
    }

    /// Skips a single row that cannot be read, with a warning; `None` when
    /// there is no way past it.
    pub(super) fn skip(&mut self, lane: Lane) -> Option<PageOutcome> {
        let (mut outcome, warning) = match &mut self.stage {
            WalkStage::Ranges { ranges, .. } => {
                let skipped = ranges.get_mut(lane)?.skip()?;
                if skipped.ended {
                    ranges.remove(lane);
                }
                self.leave_ranges();
                (self.outcome(Vec::new(), 0), skipped.warning)
            }
            WalkStage::Undated { watermark, pass } => {
                let (watermark, passed) = (*watermark, pass.skip());
                (self.conclude(passed.over, watermark, Vec::new(), 0), passed.warning)
            }
            _ => return None,
        };
        outcome.warnings.extend(warning);
        Some(outcome)
    }
}

impl Extent {
    /// A walk over all showed a user.
    fn see(&mut self, id: &str) {
        if let Extent::All { census, .. } = self {
            census.see(id);
        }
    }

    /// A walk over all showed a user without a date.
    fn see_undated(&mut self, id: &str) {
        if let Extent::All { census, .. } = self {
            census.see_unlisted(id);
        }
    }

    fn undated_before(&self) -> Unlisted {
        match self {
            Extent::All { census, .. } => census.unlisted_before().clone(),
            Extent::Changed => Unlisted::default(),
        }
    }
}
