//! The users of a run: what is known of them for good, and the walk under way.

use serde::{Deserialize, Serialize};

use crate::auth0::cell::Oddities;
use crate::auth0::request::{Condition, Key, Request, Scope, UserSearch};
use crate::auth0::user::UsersPage;
use crate::rawdash::record::{Effect, Entity, Records, Warning};
use crate::run::pass::Pass;
use crate::run::segment::{PAGE, Segment, read_rows};
use crate::run::{OVERLAP, Yield};
use crate::timestamp::{Milliseconds, Timestamp};

/// Segments walked at once: at 200 ms a round trip, enough to fill the largest
/// share of 16 requests a second.
const LANES: usize = 4;
/// A range is divided when it seems to hold this many pages or more.
const WORTH_DIVIDING: Milliseconds = 4;

/// What the checkpoint knows of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Users {
    /// Changes up to here were read; none before the first complete walk.
    pub mark: Option<Timestamp>,
    /// How many the last complete walk found.
    pub stored: u64,
    /// The walk under way.
    pub walk: Option<Walk>,
}

/// What a walk is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Asks when the last change was, before the first page.
    Mark,
    Range,
    /// Users that no range finds.
    Undated,
    Whole,
}

/// A walk over all users, or over those that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// Set in a walk over all: what its rows are staged under.
    generation: Option<u64>,
    stage: Stage,
    /// The tenant's time at its begin.
    until: Timestamp,
    mark: Option<Timestamp>,
    segments: Vec<Segment>,
    next_segment: u32,
    undated: Option<Pass>,
    found: u64,
}

/// The lane of what is not in a segment.
const FIRST: u32 = 0;

impl Users {
    /// Begins a walk: over all, staged under the generation, or over what
    /// changed. Without a mark even a latest run walks over all.
    pub fn begin(&mut self, full: bool, generation: u64, date: Timestamp) {
        let walk = match self.mark.filter(|_| !full) {
            None => Walk {
                generation: Some(generation),
                stage: Stage::Mark,
                until: date,
                mark: None,
                segments: vec![Segment::new(FIRST, None, None)],
                next_segment: FIRST + 1,
                undated: None,
                found: 0,
            },
            Some(mark) => Walk {
                generation: None,
                stage: Stage::Range,
                until: date,
                mark: Some(mark),
                segments: vec![Segment::new(
                    FIRST,
                    Some(mark.earlier_by(OVERLAP)),
                    Some(date.later_by(1)),
                )],
                next_segment: FIRST + 1,
                undated: None,
                found: 0,
            },
        };
        self.walk = Some(walk);
    }

    /// Whether a run can have come to this.
    pub fn is_sound(&self) -> bool {
        self.walk.as_ref().is_none_or(|walk| {
            walk.segments.len() <= LANES
                && walk.segments.iter().all(Segment::is_sound)
                && walk.undated.as_ref().is_none_or(Pass::is_sound)
        })
    }

    /// Whether the walk has read all that it is to read.
    pub fn is_whole(&self) -> bool {
        self.walk.as_ref().is_none_or(|walk| walk.stage == Stage::Whole)
    }
}

impl Walk {
    fn key(&self) -> Key {
        if self.generation.is_some() { Key::CreatedAt } else { Key::UpdatedAt }
    }

    /// What each lane asks next.
    pub fn requests(&self) -> Vec<(u32, Request)> {
        match self.stage {
            Stage::Mark => {
                let search = UserSearch {
                    condition: Condition::Newest,
                    page: 0,
                    per_page: 1,
                    place_only: true,
                };
                vec![(FIRST, Request::Users(search))]
            }
            Stage::Range => {
                let ask = |segment: &Segment| {
                    (segment.id, Request::Users(segment.search(self.key(), self.until)))
                };
                self.segments.iter().map(ask).collect()
            }
            Stage::Undated => {
                let search = self.undated.as_ref().and_then(Pass::search);
                search.map(|search| (FIRST, Request::Users(search))).into_iter().collect()
            }
            Stage::Whole => Vec::new(),
        }
    }

    /// Takes the page that came for a lane; none when it cannot be read.
    pub fn take(&mut self, lane: u32, body: &str, odd: &mut Oddities) -> Option<Yield> {
        let page = UsersPage::read(body)?;
        match self.stage {
            Stage::Mark => self.take_mark(&page),
            Stage::Range => self.take_range(lane, &page, odd),
            Stage::Undated => self.take_undated(&page, odd),
            Stage::Whole => Some(Yield::default()),
        }
    }

    /// The last change, never later than the tenant's clock: a row dated 2099
    /// must not end all updates.
    fn take_mark(&mut self, page: &UsersPage<'_>) -> Option<Yield> {
        let rows = read_rows(&page.rows, Key::UpdatedAt, &mut Oddities::default());
        let newest = rows.iter().find_map(|(at, _)| *at);
        self.mark = Some(newest.unwrap_or(self.until).min(self.until));
        self.stage = Stage::Range;
        Some(Yield { expected: page.total.filter(|total| *total < 1000), ..Yield::default() })
    }

    fn take_range(&mut self, lane: u32, page: &UsersPage<'_>, odd: &mut Oddities) -> Option<Yield> {
        let (key, until) = (self.key(), self.until);
        let segment = self.segments.iter_mut().find(|segment| segment.id == lane)?;
        let walked = segment.take(key, page, until, odd)?;
        if walked.ended {
            self.segments.retain(|segment| segment.id != lane);
        }
        if self.generation.is_none() {
            let newest = walked.newest.map(|newest| newest.min(until));
            self.mark = self.mark.max(newest);
        }
        if let Some(span) = walked.span {
            self.divide(span);
        }
        if self.segments.is_empty() {
            self.leave_range();
        }
        let mut brought = self.bring(walked.users);
        brought.warnings.extend(walked.warning);
        brought.incomplete = walked.incomplete;
        Some(brought)
    }

    /// Divides the largest range while lanes are free and it seems to hold
    /// pages enough, by what the last page spanned.
    fn divide(&mut self, span: Milliseconds) {
        let least = span.saturating_mul(WORTH_DIVIDING).max(1);
        while self.segments.len() < LANES {
            let until = self.until;
            let Some(largest) = self.segments.iter_mut().max_by_key(|segment| segment.rest(until))
            else {
                return;
            };
            let Some(later) = largest.split(self.next_segment, until, least) else { return };
            self.next_segment = self.next_segment.saturating_add(1);
            self.segments.push(later);
        }
    }

    fn leave_range(&mut self) {
        if self.generation.is_some() {
            self.stage = Stage::Undated;
            self.undated = Some(Pass::new(Scope::Undated, PAGE));
        } else {
            self.stage = Stage::Whole;
        }
    }

    fn take_undated(&mut self, page: &UsersPage<'_>, odd: &mut Oddities) -> Option<Yield> {
        let rows = read_rows(&page.rows, Key::CreatedAt, odd);
        let pass = self.undated.as_mut()?;
        // Nobody here has what the search asks to be without.
        let judged = if rows.iter().any(|(at, _)| at.is_some()) {
            pass.take_another(page.rows.len())
        } else {
            let ids = rows.iter().map(|(_, user)| user.id.clone()).collect();
            pass.take(page.rows.len(), ids, page.limit, page.total)
        };
        if pass.search().is_none() {
            self.stage = Stage::Whole;
        }
        let mut brought = self.bring(rows.into_iter().map(|(_, user)| user).collect());
        brought.incomplete = judged.clone().err();
        brought.warnings.extend(judged.ok().flatten());
        Some(brought)
    }

    /// The effect follows from the stage: the last page of a walk over all
    /// makes what was staged the whole.
    fn bring(&mut self, users: Vec<Entity>) -> Yield {
        self.found = self.found.saturating_add(users.len() as u64);
        let effect = match self.generation {
            None => Effect::Merge,
            Some(generation) if self.stage == Stage::Whole => Effect::ReplaceAll(generation),
            Some(generation) => Effect::Stage(generation),
        };
        Yield { records: vec![(Records::Entities(users), effect)], ..Yield::default() }
    }

    /// Whether the walk over all, now whole, found nobody.
    pub fn found_nobody(&self) -> bool {
        self.generation.is_some() && self.stage == Stage::Whole && self.found == 0
    }

    /// What is known once the walk is whole: the mark, and how many users there
    /// are if it was a walk over all.
    pub fn result(&self) -> (Option<Timestamp>, Option<u64>) {
        (self.mark, self.generation.map(|_| self.found))
    }

    /// A search of a lane took too long; false when that is an outage.
    pub fn narrow(&mut self, lane: u32) -> bool {
        let until = self.until;
        match self.stage {
            Stage::Range => self
                .segments
                .iter_mut()
                .find(|segment| segment.id == lane)
                .is_some_and(|segment| segment.narrow(until)),
            _ => false,
        }
    }

    /// A page of a lane could not be read; false at single rows.
    pub fn shrink(&mut self, lane: u32) -> bool {
        match self.stage {
            Stage::Range => self
                .segments
                .iter_mut()
                .find(|segment| segment.id == lane)
                .is_some_and(Segment::shrink),
            Stage::Undated => self.undated.as_mut().is_some_and(Pass::shrink),
            _ => false,
        }
    }

    /// Gives up a single row that cannot be read, as told; none when there is
    /// no way past it.
    pub fn pass_over(&mut self, lane: u32) -> Option<Yield> {
        let warning = match self.stage {
            Stage::Range => self.pass_over_in_segment(lane)?,
            Stage::Undated => {
                let pass = self.undated.as_mut()?;
                let warning = pass.pass_over();
                if pass.search().is_none() {
                    self.stage = Stage::Whole;
                }
                Some(warning)
            }
            _ => return None,
        };
        let mut brought = self.bring(Vec::new());
        brought.warnings.extend(warning);
        Some(brought)
    }

    fn pass_over_in_segment(&mut self, lane: u32) -> Option<Option<Warning>> {
        let segment = self.segments.iter_mut().find(|segment| segment.id == lane)?;
        let (past, warning, ended) = segment.pass_over();
        if !past {
            return None;
        }
        if ended {
            self.segments.retain(|segment| segment.id != lane);
        }
        if self.segments.is_empty() {
            self.leave_range();
        }
        Some(warning)
    }
}
