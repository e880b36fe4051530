//! What a sync does next: which runs begin, what is read, which runs end.

use std::collections::{BTreeMap, VecDeque};

use bare_contract::contract::{Ending, Failure, Mode, Request, Step};
use serde::{Deserialize, Serialize};

use crate::{LABEL, NAMES, fault};

/// What the checkpoint keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) generation: u64,
    pub(crate) labels_generation: u64,
    /// The page of things to read next.
    pub(crate) next: u64,
    /// Pages and things since the run of things began.
    pub(crate) counted: (u64, u64),
    /// All things are with the host: only the ends of their runs are missing.
    pub(crate) read: bool,
    /// What a fault notes.
    pub(crate) note: String,
    /// Resources whose run is under way.
    under_way: Vec<String>,
}

impl Kept {
    /// What an instance knows that carries on.
    pub(crate) fn after_a_resume(mut self) -> Kept {
        if fault("forgets") && !self.under_way.is_empty() {
            self.next = 1;
        }
        if fault("counts-anew") {
            self.counted = (0, 0);
        }
        self
    }

    pub(crate) fn count(&mut self, things: usize) {
        self.counted.0 += 1;
        self.counted.1 += things as u64;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// To be carried on.
    Resume,
    /// To be begun.
    Fresh,
    Resumed,
    Requested,
    Ended,
}

/// A sync under way.
pub(crate) struct Plan {
    phases: BTreeMap<&'static str, Phase>,
    since: BTreeMap<String, i64>,
    ending: VecDeque<(&'static str, Ending)>,
}

impl Plan {
    pub(crate) fn new(request: &Request, kept: &Kept) -> Plan {
        let phase = |name: &str| match kept.under_way.iter().any(|under_way| under_way == name) {
            true => Phase::Resume,
            false => Phase::Fresh,
        };
        let wanted = NAMES.into_iter().filter(|name| request.wants(name));
        let since = request.wants.iter();
        let since = since.filter_map(|want| Some((want.resource.clone(), want.since?)));
        Plan {
            phases: wanted.map(|name| (name, phase(name))).collect(),
            since: since.collect(),
            ending: VecDeque::new(),
        }
    }

    /// The next run to begin. Things are read together, so a requested run of
    /// theirs waits for the resumed ones.
    pub(crate) fn begin(&mut self, kept: &mut Kept) -> Option<Step> {
        if !self.ending.is_empty() {
            return None;
        }
        let carried_on = self
            .phases
            .iter()
            .any(|(name, phase)| *name != LABEL && matches!(phase, Phase::Resume | Phase::Resumed));
        let begun = |phase: &Phase| *phase == Phase::Requested;
        let first = !self.phases.iter().any(|(name, phase)| *name != LABEL && begun(phase));
        let (name, phase) = self.phases.iter_mut().find(|(name, phase)| match phase {
            Phase::Resume => true,
            Phase::Fresh => **name == LABEL || !carried_on,
            _ => false,
        })?;
        let resumed = *phase == Phase::Resume;
        *phase = if resumed { Phase::Resumed } else { Phase::Requested };
        let grows = u64::from(!fault("generation-stands-still"));
        match *name {
            _ if resumed => {}
            LABEL => kept.labels_generation += grows,
            _ if first => {
                (kept.next, kept.counted, kept.read) = (0, (0, 0), false);
                kept.generation += grows;
                kept.under_way.retain(|name| name == LABEL);
            }
            _ => {}
        }
        if !resumed {
            kept.under_way.push((*name).to_owned());
        }
        let mode = if fault("auto-run") { Mode::Auto } else { Mode::Full };
        Some(Step::began(name, mode, resumed))
    }

    /// The next run to end, or `done`.
    pub(crate) fn end(&mut self, kept: &mut Kept) -> Option<Step> {
        let reads = NAMES.into_iter().any(|name| name != LABEL && self.runs(name));
        if self.ending.is_empty() && kept.read && reads {
            self.things_read();
        }
        if let Some((name, ending)) = self.ending.pop_front() {
            if !matches!(ending, Ending::Postponed(_)) {
                kept.under_way.retain(|under_way| under_way != name);
            }
            let resumed = self.phases.get(name) == Some(&Phase::Resumed);
            let follows =
                resumed && matches!(ending, Ending::Complete) && !fault("resumed-is-enough");
            self.phases.insert(name, if follows { Phase::Fresh } else { Phase::Ended });
            return Some(Step::ended(name, ending));
        }
        let ended = self.phases.values().all(|phase| *phase == Phase::Ended);
        ended.then_some(Step::Done)
    }

    /// Whether a run of the resource is under way.
    pub(crate) fn runs(&self, name: &str) -> bool {
        matches!(self.phases.get(name), Some(Phase::Resumed | Phase::Requested))
    }

    pub(crate) fn since(&self, name: &str) -> Option<i64> {
        self.since.get(name).copied()
    }

    pub(crate) fn labels_read(&mut self) {
        self.finish(true, || Ending::Complete);
    }

    pub(crate) fn things_read(&mut self) {
        self.finish(false, || Ending::Complete);
    }

    /// Ends the runs that read an endpoint, for this reason.
    pub(crate) fn give_up(
        &mut self,
        labels: bool,
        failure: &Failure,
        ending: impl Fn(Failure) -> Ending,
    ) {
        self.finish(labels, || ending(failure.clone()));
    }

    fn finish(&mut self, labels: bool, ending: impl Fn() -> Ending) {
        let ends = |name: &&str| (*name == LABEL) == labels && self.runs(name);
        self.ending = NAMES.into_iter().filter(ends).map(|name| (name, ending())).collect();
    }
}
