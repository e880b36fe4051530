//! The checkpoint: the whole state between two steps, as text that a host stores.
//!
//! It holds instants, ids and counts, and no address: a stored text can at most
//! cause a request for an id on the tenant's own host. Its tenant must be the
//! configured one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::configuration::domain::Domain;
use crate::engine::envelope::{self, EnvelopeError, Version};
use crate::engine::timestamp::{DAY, Timestamp};
use crate::resource::Resource;
use crate::sync::deletions::Deletions;
use crate::sync::events::Events;
use crate::sync::stats::Stats;
use crate::sync::users::Users;

/// The version of the state's form. A change of the form is a new version.
const VERSION: Version = Version(3);
/// A full sync is due when the last one is older than this.
const FULL_IS_DUE_AFTER: i64 = DAY;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Everything.
    Full,
    /// What changed.
    Latest,
}

/// The run under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// How much is read.
    pub mode: Mode,
    /// The tenant's time at its begin, to the end of the second.
    pub date: Timestamp,
    /// What is read.
    pub resources: Vec<Resource>,
    /// Resources that failed for good, as reported to the host.
    pub failed: Vec<Resource>,
}

/// Everything that is known between two steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// When the last complete full run began, by the tenant's clock.
    pub full_at: Option<Timestamp>,
    /// The generation of the last walk over all users.
    pub generation: u64,
    /// The run under way.
    pub run: Option<Run>,
    /// Users.
    pub users: Users,
    /// Users nominated for removal.
    pub deletions: Deletions,
    /// Login events.
    pub events: Events,
    /// Daily statistics.
    pub stats: Stats,
}

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointError(pub EnvelopeError);

impl From<EnvelopeError> for CheckpointError {
    fn from(error: EnvelopeError) -> CheckpointError {
        CheckpointError(error)
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            EnvelopeError::Unreadable => f.write_str(
                "The stored checkpoint cannot be read: it was truncated or altered. Reset it and sync again; stored records stay.",
            ),
            EnvelopeError::OtherVersion(Version(other)) => write!(
                f,
                "The stored checkpoint is of version {other}, and this connector reads version {}: use the connector that wrote it, or reset the checkpoint and sync again; stored records stay.",
                VERSION.0
            ),
            EnvelopeError::OtherTenant => f.write_str(
                "The stored checkpoint is of another tenant: configure that tenant again, sync this one under another name, or reset the checkpoint.",
            ),
        }
    }
}

impl Checkpoint {
    /// The text, for one tenant.
    pub fn write(&self, tenant: &Domain) -> String {
        envelope::seal(VERSION, tenant.as_str(), self)
    }

    /// Reads the text back, if it is whole, of this version and this tenant.
    pub fn read(text: &str, tenant: &Domain) -> Result<Checkpoint, CheckpointError> {
        let read: Checkpoint = envelope::open(VERSION, tenant.as_str(), text)?;
        if read.is_sound() { Ok(read) } else { Err(EnvelopeError::Unreadable.into()) }
    }

    /// Whether the connector can have written this: no state that is read causes
    /// requests without end or records that no host accepts.
    fn is_sound(&self) -> bool {
        self.deletions.is_sound() && self.stats.is_sound()
    }

    /// How much an automatic sync reads at the tenant's time `date`.
    pub fn due(&self, date: Timestamp) -> Mode {
        let fresh = self.full_at.is_some_and(|at| date.since(at) <= FULL_IS_DUE_AFTER);
        if fresh && !self.events.gap && !self.deletions.overflowed {
            Mode::Latest
        } else {
            Mode::Full
        }
    }

    /// Begins a run; the generation grows from run to run, also after a reset.
    pub fn begin(&mut self, run: Run, since: Option<Timestamp>, lookback_days: u32) {
        let full = run.mode == Mode::Full;
        self.generation = self.generation.saturating_add(1).max(run.date.millis().unsigned_abs());
        self.users.walk = None;
        for resource in &run.resources {
            match resource {
                Resource::Users => self.users.begin(full, self.generation, run.date),
                Resource::LoginEvents => self.events.begin(run.date, since),
                Resource::DailyActiveUsers => {
                    self.stats.begin(full, run.date, since, lookback_days)
                }
            }
        }
        self.deletions.begin();
        self.run = Some(run);
    }

    /// Ends the run under way. A full run is complete when it read the users, or
    /// they are not configured: only it finds all of their deletions.
    pub fn end(&mut self, configured: &[Resource]) {
        let Some(run) = self.run.take() else { return };
        let users = Resource::Users;
        let read = run.resources.contains(&users) && !run.failed.contains(&users);
        if run.mode == Mode::Full && (read || !configured.contains(&users)) {
            self.full_at = Some(run.date);
            self.events.gap = false;
            self.deletions.overflowed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Domain {
        Domain::parse("acme.eu.auth0.com").unwrap()
    }

    fn begun() -> Checkpoint {
        let mut checkpoint = Checkpoint::default();
        let run = Run {
            mode: Mode::Full,
            date: Timestamp::AUTH0_BEGAN,
            resources: Resource::ALL.to_vec(),
            failed: Vec::new(),
        };
        checkpoint.begin(run, Some(Timestamp::AUTH0_BEGAN), 30);
        checkpoint
    }

    #[test]
    fn a_checkpoint_is_read_back_as_it_was() {
        let checkpoint = begun();
        let text = checkpoint.write(&tenant());
        assert_eq!(Checkpoint::read(&text, &tenant()), Ok(checkpoint));
        assert!(!text.contains("http"), "no address: {text}");
    }

    #[test]
    fn a_truncated_or_altered_checkpoint_is_refused() {
        let text = begun().write(&tenant());
        for end in 0..text.len() {
            assert!(Checkpoint::read(&text[..end], &tenant()).is_err(), "cut at {end}");
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'3' { b'4' } else { b'3' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(Checkpoint::read(&altered, &tenant()).is_err(), "altered at {at}: {altered}");
        }
    }

    #[test]
    fn another_tenant_and_another_version_are_distinguished() {
        let text = begun().write(&tenant());
        let other = Domain::parse("other.auth0.com").unwrap();
        assert_eq!(Checkpoint::read(&text, &other), Err(EnvelopeError::OtherTenant.into()));
        for version in [VERSION.0 - 1, VERSION.0 + 1] {
            let text = format!(r#"{{"version":{version},"x":1}}"#);
            let refused = Checkpoint::read(&text, &tenant());
            assert_eq!(refused, Err(EnvelopeError::OtherVersion(Version(version)).into()));
        }
    }

    #[test]
    fn a_full_run_is_due_without_one_after_a_day_and_after_a_gap() {
        let mut checkpoint = begun();
        let date = Timestamp::AUTH0_BEGAN;
        assert_eq!(checkpoint.due(date), Mode::Full);
        checkpoint.end(&Resource::ALL);
        assert_eq!(checkpoint.due(date.later_by(DAY)), Mode::Latest);
        assert_eq!(checkpoint.due(date.later_by(DAY + 1)), Mode::Full);
        checkpoint.events.gap = true;
        assert_eq!(checkpoint.due(date), Mode::Full);
    }

    #[test]
    fn a_state_that_no_run_reaches_is_refused_even_if_its_checksum_is_right() {
        let days: [i64; 2] = [5, 4];
        let backwards = postcard::to_allocvec(&(None::<i64>, Some(days))).unwrap();
        let stats: Stats = postcard::from_bytes(&backwards).unwrap();
        let text = Checkpoint { stats, ..begun() }.write(&tenant());
        assert_eq!(Checkpoint::read(&text, &tenant()), Err(EnvelopeError::Unreadable.into()));
    }
}
