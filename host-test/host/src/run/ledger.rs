//! Which runs are under way in a sync, and which have ended. Pure.

use std::collections::BTreeMap;

use super::breach::Breach;
use crate::contract::{Batch, Ended, Ending, Mode, Request, ResourceInfo, Run, Want};

/// The runs of one sync, by resource.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Every resource that the configuration allows.
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    wanted: bool,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// No run of it has begun in this sync.
    Waiting,
    UnderWay(Run),
    Ended(Run, Outcome),
}

/// How a run ended, without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Complete,
    Failed,
    Postponed,
}

impl From<&Ending> for Outcome {
    fn from(ending: &Ending) -> Outcome {
        match ending {
            Ending::Complete => Outcome::Complete,
            Ending::Failed(_) => Outcome::Failed,
            Ending::Postponed(_) => Outcome::Postponed,
        }
    }
}

impl Entry {
    /// A run that was resumed and is complete is followed by the requested one.
    fn has_ended(&self) -> bool {
        match &self.stage {
            Stage::Ended(run, outcome) => !(run.resumed && *outcome == Outcome::Complete),
            Stage::Waiting | Stage::UnderWay(_) => false,
        }
    }
}

impl Ledger {
    /// A ledger of what is requested, under a configuration that allows these.
    pub(super) fn new(allowed: &[ResourceInfo], request: &Request) -> Ledger {
        let wanted = |name: &str| {
            request.wants.is_empty() || request.wants.iter().any(|want| want.resource == name)
        };
        let entry = |resource: &ResourceInfo| {
            let entry = Entry { wanted: wanted(&resource.name), stage: Stage::Waiting };
            (resource.name.clone(), entry)
        };
        Ledger { entries: allowed.iter().map(entry).collect() }
    }

    pub(super) fn knows(&self, resource: &str) -> Result<(), Breach> {
        match self.entries.contains_key(resource) {
            true => Ok(()),
            false => Err(Breach::UnknownResource(resource.to_owned())),
        }
    }

    pub(super) fn began(&mut self, run: &Run) -> Result<(), Breach> {
        let name = || run.resource.clone();
        let entry = self.entry(&run.resource)?;
        if !entry.wanted {
            return Err(Breach::NotWanted(name()));
        }
        if matches!(entry.stage, Stage::UnderWay(_)) {
            return Err(Breach::RunWithinRun(name()));
        }
        if run.mode == Mode::Auto {
            return Err(Breach::ModeAuto(name()));
        }
        entry.stage = Stage::UnderWay(run.clone());
        Ok(())
    }

    pub(super) fn batches(&mut self, batches: &[Batch]) -> Result<(), Breach> {
        batches.iter().try_for_each(|batch| self.under_way(&batch.resource).map(|_| ()))
    }

    /// Returns the run that ended.
    pub(super) fn ended(&mut self, ended: &Ended) -> Result<Run, Breach> {
        let run = self.under_way(&ended.resource)?.clone();
        let entry = self.entry(&ended.resource)?;
        entry.stage = Stage::Ended(run.clone(), Outcome::from(&ended.ending));
        Ok(run)
    }

    /// The storage refuses what the run of a resource publishes: it is postponed.
    /// Other runs under way are to be resumed from the checkpoint.
    pub(super) fn refused(&mut self, resource: &str) -> Result<Run, Breach> {
        let run = self.under_way(resource)?.clone();
        self.entry(resource)?.stage = Stage::Ended(run.clone(), Outcome::Postponed);
        for entry in self.entries.values_mut() {
            if matches!(entry.stage, Stage::UnderWay(_)) {
                entry.stage = Stage::Waiting;
            }
        }
        Ok(run)
    }

    /// What is requested and has not ended.
    pub(super) fn rest(&self, request: &Request) -> Vec<Want> {
        let unread = self.entries.iter().filter(|(_, entry)| entry.wanted && !entry.has_ended());
        let wanted = |name: &String| {
            let named = request.wants.iter().find(|want| want.resource == *name);
            named.cloned().unwrap_or_else(|| Want {
                resource: name.clone(),
                mode: Mode::Auto,
                since: None,
                conditions: Vec::new(),
            })
        };
        unread.map(|(name, _)| wanted(name)).collect()
    }

    /// Whether `done` is true: every wanted resource has ended as requested.
    pub(super) fn done(&self) -> Result<(), Breach> {
        for (name, entry) in self.entries.iter().filter(|(_, entry)| entry.wanted) {
            match &entry.stage {
                Stage::Ended(run, Outcome::Complete) if run.resumed => {
                    return Err(Breach::NotFollowed(name.clone()));
                }
                Stage::Ended(..) => {}
                Stage::Waiting | Stage::UnderWay(_) => return Err(Breach::NotEnded(name.clone())),
            }
        }
        Ok(())
    }

    /// Whether every wanted resource is complete.
    pub(super) fn all_complete(&self) -> bool {
        let wanted = self.entries.values().filter(|entry| entry.wanted);
        wanted.into_iter().all(|entry| matches!(entry.stage, Stage::Ended(_, Outcome::Complete)))
    }

    /// Whether no run of a wanted resource is under way or has yet to begin, but for those
    /// that follow a resumed one.
    pub(super) fn all_ended(&self) -> bool {
        let mut wanted = self.entries.values().filter(|entry| entry.wanted);
        wanted.all(|entry| matches!(entry.stage, Stage::Ended(..)))
    }

    fn under_way(&mut self, resource: &str) -> Result<&Run, Breach> {
        match &self.entry(resource)?.stage {
            Stage::UnderWay(run) => Ok(run),
            Stage::Waiting | Stage::Ended(..) => Err(Breach::NotUnderWay(resource.to_owned())),
        }
    }

    fn entry(&mut self, resource: &str) -> Result<&mut Entry, Breach> {
        let unknown = || Breach::UnknownResource(resource.to_owned());
        self.entries.get_mut(resource).ok_or_else(unknown)
    }
}
