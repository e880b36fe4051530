//! The runs of one resource.

use rawdash_connector_sdk::contract::batch::{Batch, Effect, Progress};
use rawdash_connector_sdk::contract::manifest::Shape;
use rawdash_connector_sdk::contract::request::{Mode, Want};
use rawdash_connector_sdk::contract::step::{Ending, RunMode};

use crate::batches::check_batch;
use crate::seal::StoredResource;

/// The warning after which a run stages anew: the walk so far is worthless.
const STAGES_ANEW: &str = "users-index-incomplete";

/// The runs of one resource.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    shape: Shape,
    standing: Standing,
    /// The run that has begun and has not ended for good.
    run: Option<Run>,
    /// The last generation that was staged or published.
    generation: Option<u64>,
    /// Whether the next one has to be another.
    is_new: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    mode: RunMode,
    progress: Progress,
}

/// Where a resource stands in the sync under way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    NotBegun,
    UnderWay(Begin),
    Ended(Begin, End),
}

/// How the last run of a sync began.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Begin {
    /// Carried on from an earlier sync.
    Resumed,
    /// As requested.
    AsRequested,
    /// Once more, for what another resource left.
    Following,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Complete,
    Incomplete,
}

impl Account {
    pub(crate) fn new(name: &str, shape: Shape) -> Account {
        Account {
            name: name.to_owned(),
            shape,
            standing: Standing::NotBegun,
            run: None,
            generation: None,
            is_new: false,
        }
    }

    /// A new sync begins; a run that is not over is kept.
    pub(crate) fn leave_sync(&mut self) {
        self.standing = Standing::NotBegun;
    }

    /// A new instance begins with what a checkpoint holds of the resource.
    pub(crate) fn restore(&mut self, stored: Option<&StoredResource>) {
        self.leave_sync();
        let run = stored.and_then(|stored| stored.run.as_ref());
        self.run = run.map(|run| Run { mode: run.mode, progress: run.progress });
    }

    /// Whether a run is kept in another way than a checkpoint says.
    pub(crate) fn differs(&self, stored: Option<&StoredResource>) -> bool {
        let run = stored.and_then(|stored| stored.run.as_ref());
        let kept = self.run.map(|run| (run.mode, run.progress.records));
        kept != run.map(|run| (run.mode, run.progress.records))
    }

    pub(crate) fn begin(&mut self, mode: RunMode, resumed: bool, want: Option<&Want>) {
        let begin = match (self.standing, resumed) {
            (Standing::NotBegun, true) => Begin::Resumed,
            (Standing::NotBegun, false)
            | (Standing::Ended(Begin::Resumed, End::Complete), false) => Begin::AsRequested,
            (Standing::Ended(Begin::AsRequested, End::Complete), false) => Begin::Following,
            _ => unreachable!("a run began (resumed: {resumed}): {self:?}"),
        };
        match begin {
            Begin::Resumed => {
                assert!(want.is_some(), "nobody wants {self:?}");
                assert_eq!(self.run.map(|run| run.mode), Some(mode), "not the run that is kept");
            }
            Begin::AsRequested => {
                assert_eq!(self.run, None, "a run that is kept is not carried on");
                let wanted = want.map(|want| want.mode);
                let fits = match wanted {
                    None => false,
                    Some(Mode::Auto) => true,
                    Some(Mode::Full) => mode == RunMode::Full,
                    Some(Mode::Latest) => mode == RunMode::Latest,
                };
                assert!(fits, "{mode:?} where {wanted:?} is wanted of {}", self.name);
            }
            Begin::Following => assert_eq!(mode, RunMode::Latest, "{self:?}"),
        }
        if begin != Begin::Resumed {
            self.run = Some(Run { mode, progress: Progress::default() });
            self.is_new = true;
        }
        self.standing = Standing::UnderWay(begin);
    }

    pub(crate) fn end(&mut self, ending: &Ending) {
        let Standing::UnderWay(begin) = self.standing else {
            unreachable!("no run is under way that could end: {self:?}")
        };
        let end = if *ending == Ending::Complete { End::Complete } else { End::Incomplete };
        self.standing = Standing::Ended(begin, end);
        if !matches!(ending, Ending::Postponed(_)) {
            self.run = None;
        }
    }

    /// Takes the batches that a step has of the resource.
    pub(crate) fn take(&mut self, batches: &[&Batch]) {
        assert!(matches!(self.standing, Standing::UnderWay(_)), "records of no run: {self:?}");
        let Some(run) = &mut self.run else { return };
        let mut records = run.progress.records;
        for batch in batches {
            check_batch(batch, self.shape);
            let (before, after) = (run.progress, batch.progress);
            assert!(
                after.pages >= before.pages && after.records >= before.records,
                "progress shrinks from {before:?} to {after:?}"
            );
            run.progress = after;
            if !batch.records.are_removals() {
                records = records.saturating_add(batch.records.len() as u64);
            }
        }
        assert_eq!(run.progress.records, records, "of {} records {:?}", self.name, run.progress);
        for batch in batches {
            match batch.effect {
                Effect::Stage(generation) => self.stage(generation),
                Effect::Publish(publication) => self.stage(publication.generation),
                _ => {}
            }
            self.is_new |= batch.warnings.iter().any(|warning| warning.code == STAGES_ANEW);
        }
    }

    fn stage(&mut self, generation: u64) {
        let fits = match self.generation {
            Some(earlier) if self.is_new => generation > earlier,
            Some(earlier) => generation == earlier,
            None => true,
        };
        assert!(fits, "the generation {generation} in {self:?}");
        self.generation = Some(generation);
        self.is_new = false;
    }

    /// Checks that a sync may be done that wants the resource, or does not.
    pub(crate) fn check_done(&self, is_wanted: bool) {
        match self.standing {
            Standing::UnderWay(_) => unreachable!("done, and a run is under way: {self:?}"),
            Standing::NotBegun => assert!(!is_wanted, "done, and nothing was read: {self:?}"),
            Standing::Ended(Begin::Resumed, End::Complete) => {
                assert!(!is_wanted, "done, and no run was begun as requested: {self:?}");
            }
            Standing::Ended(..) => {}
        }
    }
}
