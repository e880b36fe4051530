//! The checkpoint: the whole state between two steps, as text that a host stores.

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::contract::batch::Progress;
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::step::RunMode;
use crate::engine::envelope::{self, EnvelopeError, VERSION};
use crate::engine::member::{Member, RunRecord};
use crate::time::timestamp::Timestamp;

/// Bytes of the text that a host stores.
const LARGEST: usize = 1024 * 1024;

/// Everything that is known between two steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// What the resources share.
    #[serde(with = "serde_bytes")]
    pub(super) shared: Vec<u8>,
    /// Whether the source was ever reached.
    pub(super) worked: bool,
    /// The resources, also those that the configuration no longer allows.
    pub(super) resources: Vec<SavedResource>,
}

/// A resource's part of the checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedResource {
    pub(super) name: String,
    pub(super) generation: u64,
    pub(super) full_at: Option<Timestamp>,
    /// Kept so that no resource starves where each instance lives for a few steps.
    pub(super) answered: u64,
    #[serde(with = "serde_bytes")]
    pub(super) state: Vec<u8>,
    pub(super) run: Option<SavedRun>,
}

/// The run under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedRun {
    mode: RunMode,
    date: Timestamp,
    progress: Progress,
    #[serde(with = "serde_bytes")]
    state: Vec<u8>,
}

impl SavedResource {
    pub(super) fn of<C: Connector>(member: &Member<C>) -> SavedResource {
        let run = member.run.zip(member.resource.save_run());
        SavedResource {
            name: member.info.name.clone(),
            generation: member.generation,
            full_at: member.full_at,
            answered: member.answered,
            state: member.resource.save_state(),
            run: run.map(|(run, state)| SavedRun {
                mode: run.mode,
                date: run.date,
                progress: run.progress,
                state,
            }),
        }
    }

    /// Restores a member; false where what is stored cannot be its state.
    pub(super) fn restore<C: Connector>(&self, member: &mut Member<C>) -> bool {
        member.generation = self.generation;
        member.full_at = self.full_at;
        (member.served, member.answered) = (self.answered, self.answered);
        member.run = self.run.as_ref().map(|run| RunRecord {
            mode: run.mode,
            date: run.date,
            progress: run.progress,
        });
        let run = self.run.as_ref().map(|run| run.state.as_slice());
        member.resource.load(&self.state, run)
    }
}

impl Checkpoint {
    /// The text, for one source. A run that does not fit is left out: it is right
    /// to begin it again.
    pub(super) fn write(mut self, source: &str) -> Result<String, Failure> {
        loop {
            let state = postcard::to_allocvec(&self).unwrap_or_default();
            let text = envelope::seal(source, &state);
            if text.len() <= LARGEST {
                return Ok(text);
            }
            let size = |saved: &SavedResource| saved.run.as_ref().map(|run| run.state.len());
            let largest = self.resources.iter_mut().max_by_key(|saved| size(saved));
            if largest.and_then(|saved| saved.run.take()).is_none() {
                let message = "The checkpoint is larger than 1 MiB. Report this: the connector keeps too much between runs.";
                return Err(Failure::new(FailureKind::Upstream, message));
            }
        }
    }

    /// Reads the text back, if it is whole, of this version and this source.
    pub(super) fn read(text: &str, source: &str) -> Result<Checkpoint, String> {
        let state = envelope::open(source, text).map_err(refusal)?;
        match postcard::take_from_bytes(&state) {
            Ok((checkpoint, [])) => Ok(checkpoint),
            _ => Err(unreadable()),
        }
    }
}

/// What is said of a checkpoint that cannot be read.
pub(super) fn unreadable() -> String {
    refusal(EnvelopeError::Unreadable)
}

fn refusal(error: EnvelopeError) -> String {
    match error {
        EnvelopeError::Unreadable => {
            "The stored checkpoint cannot be read: it was truncated or altered. Reset it and sync again; stored records stay.".to_owned()
        }
        EnvelopeError::OtherVersion(other) => format!(
            "The stored checkpoint is of version {other}, and this connector reads version {VERSION}: use the connector that wrote it, or reset the checkpoint and sync again; stored records stay."
        ),
        EnvelopeError::OtherSource => {
            "The stored checkpoint is of another source: configure that source again, sync this one under another name, or reset the checkpoint.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(name: &str, state: usize, run: usize) -> SavedResource {
        let (mode, date, progress) = (RunMode::Full, Timestamp::EPOCH, Progress::default());
        SavedResource {
            name: name.to_owned(),
            generation: 7,
            full_at: None,
            answered: 3,
            state: vec![1; state],
            run: Some(SavedRun { mode, date, progress, state: vec![1; run] }),
        }
    }

    #[test]
    fn a_run_that_does_not_fit_is_left_out_and_all_else_is_kept() {
        let resources = vec![saved("a", 10, 10), saved("b", 10, LARGEST)];
        let text = Checkpoint { resources, ..Checkpoint::default() }.write("x").unwrap();
        assert!(text.len() <= LARGEST);
        let read = Checkpoint::read(&text, "x").unwrap();
        let runs = read.resources.iter().map(|saved| saved.run.is_some());
        assert_eq!(runs.collect::<Vec<_>>(), [true, false]);
        assert_eq!((read.resources[1].generation, read.resources[1].state.len()), (7, 10));
    }

    #[test]
    fn a_state_that_does_not_fit_is_a_failure_and_no_endless_loop() {
        let resources = vec![saved("a", LARGEST, 10)];
        let text = Checkpoint { resources, ..Checkpoint::default() }.write("x");
        assert_eq!(text.unwrap_err().kind, FailureKind::Upstream);
    }
}
