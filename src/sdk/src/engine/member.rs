//! A resource of the engine: its run, its lanes, and where it stands in the sync.

use crate::connector::Connector;
use crate::contract::batch::Progress;
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::manifest::ResourceInfo;
use crate::contract::request::{Mode, Want};
use crate::contract::step::{Ending, RunMode};
use crate::engine::lane_state::{LaneState, foremost, summary};
use crate::engine::small_map::SmallMap;
use crate::http::request::Request;
use crate::resource::{AnyResource, Begin, Lane, Place, Trouble};
use crate::time::instant::Instant;
use crate::time::timestamp::{DAY, Timestamp};

/// A full run is due when the last one is older than this.
const FULL_IS_DUE_AFTER: i64 = DAY;

/// A resource, with all that the engine knows of it.
pub(super) struct Member<C: Connector> {
    pub(super) info: ResourceInfo,
    pub(super) resource: Box<dyn AnyResource<C>>,
    /// The generation of the last run.
    pub(super) generation: u64,
    /// When the last complete full run began, by the source's clock.
    pub(super) full_at: Option<Timestamp>,
    /// The run under way, or kept for the next sync.
    pub(super) run: Option<RunRecord>,
    pub(super) standing: Standing,
    /// How the run under way is about to end, whatever its lanes do.
    pub(super) ending: Option<Ending>,
    pub(super) lanes: SmallMap<Lane, LaneState>,
    /// When the last request was sent, counted in requests: the resource that has
    /// waited longest goes first.
    pub(super) served: u64,
    /// The last of those requests that was answered: another instance, which knows
    /// of no request in flight, goes on from here.
    pub(super) answered: u64,
    /// Whether it had one more run in this sync, for what another resource left.
    followed: bool,
}

/// What the engine knows of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RunRecord {
    pub(super) mode: RunMode,
    pub(super) date: Timestamp,
    pub(super) progress: Progress,
}

/// Where a resource stands in the sync under way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// Not wanted in this sync.
    Unwanted,
    /// To be begun; a run that is kept goes first.
    Wanted(Want),
    /// Carries on the run of an earlier sync; then what is wanted is begun.
    Resumed(Want),
    /// Runs as requested.
    Running,
    /// Ended in this sync.
    Ended {
        /// Whether everything was read.
        complete: bool,
    },
}

/// A run that begins.
pub(super) struct Began {
    pub(super) mode: RunMode,
    pub(super) resumed: bool,
}

impl<C: Connector> Member<C> {
    /// When it is its turn, counted in requests.
    pub(super) fn turn(&self) -> u64 {
        self.served.saturating_add(self.resource.gives_way())
    }

    pub(super) fn new(resource: Box<dyn AnyResource<C>>) -> Member<C> {
        Member {
            info: resource.info(),
            resource,
            generation: 0,
            full_at: None,
            run: None,
            standing: Standing::Unwanted,
            ending: None,
            lanes: SmallMap::default(),
            served: 0,
            answered: 0,
            followed: false,
        }
    }

    /// Takes what a sync wants of it, as far as it has not begun that.
    pub(super) fn want(&mut self, want: Option<Want>) {
        self.standing = match (std::mem::replace(&mut self.standing, Standing::Unwanted), want) {
            (Standing::Unwanted | Standing::Wanted(_), Some(want)) => Standing::Wanted(want),
            (Standing::Unwanted | Standing::Wanted(_), None) => Standing::Unwanted,
            (Standing::Resumed(_), Some(want)) => Standing::Resumed(want),
            (standing, _) => standing,
        };
    }

    /// Forgets the sync; a run that is under way is kept.
    pub(super) fn leave_sync(&mut self) {
        self.standing = Standing::Unwanted;
        self.ending = None;
        self.lanes.clear();
        self.followed = false;
    }

    /// Whether a run is still to begin in this sync.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.standing, Standing::Wanted(_))
    }

    /// Whether a run is under way in this sync.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.standing, Standing::Resumed(_) | Standing::Running)
    }

    /// Whether nothing more of it is awaited in this sync.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Unwanted | Standing::Ended { .. })
    }

    /// Begins what is wanted, or carries on the run that is kept.
    pub(super) fn begin(
        &mut self,
        connector: &C,
        shared: &mut C::Shared,
        date: Timestamp,
    ) -> Option<Began> {
        let Standing::Wanted(want) = &self.standing else { return None };
        let want = want.clone();
        if let Some(run) = &self.run {
            let mode = run.mode;
            self.standing = Standing::Resumed(want);
            return Some(Began { mode, resumed: true });
        }
        let mode = match want.mode {
            Mode::Full => RunMode::Full,
            Mode::Latest => RunMode::Latest,
            Mode::Auto => self.due(shared, date),
        };
        self.begin_run(connector, shared, mode, &want, date);
        Some(Began { mode, resumed: false })
    }

    /// How much an automatic run reads.
    fn due(&self, shared: &C::Shared, date: Timestamp) -> RunMode {
        // One from the future was dated by a clock that was wrong.
        let fresh = self.full_at.is_some_and(|at| date.since(at).abs() <= FULL_IS_DUE_AFTER);
        if fresh && !self.resource.needs_full(shared) { RunMode::Latest } else { RunMode::Full }
    }

    /// The generation grows from run to run, also after a reset.
    fn begin_run(
        &mut self,
        connector: &C,
        shared: &mut C::Shared,
        mode: RunMode,
        want: &Want,
        date: Timestamp,
    ) {
        self.generation = self.generation.saturating_add(1).max(date.millis().unsigned_abs());
        let begin = Begin {
            mode,
            since: want.since,
            conditions: want.conditions.clone(),
            date,
            generation: self.generation,
        };
        self.resource.begin(connector, shared, &begin);
        self.run = Some(RunRecord { mode, date, progress: Progress::default() });
        self.standing = Standing::Running;
        self.lanes.clear();
    }

    /// One more run, for what another resource left after this one had ended.
    pub(super) fn follow(
        &mut self,
        connector: &C,
        shared: &mut C::Shared,
        date: Timestamp,
    ) -> Option<Began> {
        let ended = self.standing == Standing::Ended { complete: true };
        if !ended || self.followed || !self.resource.has_work(shared) {
            return None;
        }
        self.followed = true;
        let want = Want::auto(&self.info.name);
        self.begin_run(connector, shared, RunMode::Latest, &want, date);
        Some(Began { mode: RunMode::Latest, resumed: false })
    }

    /// What each lane requests next; nothing while no run is under way, or while
    /// it is about to end.
    pub(super) fn requests(&self, connector: &C, shared: &C::Shared) -> Vec<(Lane, Request)> {
        if !self.is_running() || self.ending.is_some() {
            return Vec::new();
        }
        self.resource.requests(connector, shared)
    }

    /// How the run ends, once nothing of it is left to do in this sync.
    pub(super) fn is_ending(
        &self,
        connector: &C,
        shared: &C::Shared,
        now: Instant,
    ) -> Option<Ending> {
        if !self.is_running() {
            return None;
        }
        if let Some(ending) = &self.ending {
            return Some(ending.clone());
        }
        let requests = self.resource.requests(connector, shared);
        if requests.is_empty() {
            return Some(Ending::Complete);
        }
        let idle = LaneState::default();
        let lanes: Vec<&LaneState> =
            requests.iter().map(|(lane, _)| self.lanes.get(lane).unwrap_or(&idle)).collect();
        let troubles: Vec<&Trouble> = lanes.iter().filter_map(|lane| lane.exhausted()).collect();
        if troubles.len() < lanes.len() {
            return None;
        }
        let trouble = foremost(troubles.into_iter())?;
        let pauses = lanes.iter().map(|lane| lane.not_before.since(now));
        let pause = pauses.min().unwrap_or(0).max(1000);
        Some(Ending::Postponed(Failure {
            kind: trouble.kind,
            message: summary(self.info.title(), trouble, pause),
            resource: Some(self.info.name.clone()),
            status: trouble.status,
            retry_after: Some(pause),
        }))
    }

    /// Ends the run.
    pub(super) fn end(
        &mut self,
        connector: &C,
        shared: &mut C::Shared,
        ending: &Ending,
        now: Timestamp,
    ) {
        let standing = std::mem::replace(&mut self.standing, Standing::Ended { complete: false });
        self.ending = None;
        self.lanes.clear();
        match (ending, self.run) {
            (Ending::Postponed(_), _) | (_, None) => {}
            (Ending::Failed(_), Some(_)) => {
                self.run = None;
                self.resource.drop_run();
            }
            (Ending::Complete, Some(run)) => {
                let (mode, date) = (run.mode, run.date);
                let generation = &mut self.generation;
                self.resource.end(Place { connector, shared, mode, date, now, generation });
                self.run = None;
                if mode == RunMode::Full {
                    self.full_at = Some(date);
                }
                self.standing = match standing {
                    Standing::Resumed(want) => Standing::Wanted(want),
                    _ => Standing::Ended { complete: true },
                };
            }
        }
    }

    /// Postpones the run at once; the sentence says why.
    pub(super) fn postpone(&mut self, sentence: String) {
        let failure = Failure {
            resource: Some(self.info.name.clone()),
            retry_after: Some(60_000),
            ..Failure::new(FailureKind::Transient, sentence)
        };
        self.ending.get_or_insert(Ending::Postponed(failure));
    }

    /// Fails the run for good.
    pub(super) fn fail(&mut self, failure: Failure) {
        let failure = failure.of(&self.info.name);
        self.ending.get_or_insert(Ending::Failed(failure));
    }
}
