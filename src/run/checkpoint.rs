//! The checkpoint: all that a run knows, as text that a host keeps.
//!
//! It holds instants, ids and counts, and no address: what a stored text says
//! can at most make the tenant's own host be asked for an id. The tenant it
//! names must be the configured one.

use std::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};

use crate::auth0::cell::{Cell, Oddities, Row};
use crate::configuration::Domain;
use crate::resource::Resource;
use crate::run::deletions::Deletions;
use crate::run::events::Events;
use crate::run::stats::Stats;
use crate::run::users::Users;
use crate::timestamp::{DAY, Timestamp};

/// The version of the text. A change of its form is a new version.
const VERSION: u32 = 2;
/// A full run as old as this is due again.
const FULL_IS_DUE_AFTER: i64 = DAY;

/// How much a run brings.
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
    /// How much it brings.
    pub mode: Mode,
    /// The tenant's time at its begin, to the end of the second.
    pub date: Timestamp,
    /// What it brings.
    pub resources: Vec<Resource>,
    /// Resources that failed for good, as the host was told.
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

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    tenant: &'a str,
    sum: String,
    state: &'a str,
}

#[derive(Default)]
struct Read<'a> {
    version: Cell<'a>,
    tenant: Cell<'a>,
    sum: Cell<'a>,
    state: Cell<'a>,
}

impl<'a> Row<'a> for Read<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "version" => self.version = value,
            "tenant" => self.tenant = value,
            "sum" => self.sum = value,
            "state" => self.state = value,
            _ => {}
        }
    }
}

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// Cut, altered, or no checkpoint at all.
    Unreadable,
    /// Written by a newer or an older connector, in another form.
    OtherVersion(u32),
    /// Of another tenant.
    OtherTenant,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Unreadable => f.write_str(
                "The stored checkpoint cannot be read: it was cut or altered. Reset it and sync again; what is stored stays.",
            ),
            CheckpointError::OtherVersion(version) => write!(
                f,
                "The stored checkpoint is of version {version}, and this connector reads version {VERSION}: use the connector that wrote it, or reset the checkpoint and sync again; what is stored stays."
            ),
            CheckpointError::OtherTenant => f.write_str(
                "The stored checkpoint is of another tenant: configure that tenant again, sync this one under another name, or reset the checkpoint.",
            ),
        }
    }
}

impl Checkpoint {
    /// The text, for one tenant.
    pub fn write(&self, tenant: &Domain) -> String {
        let state = postcard::to_allocvec(self).unwrap_or_default();
        let state = percent_encode(&state, NON_ALPHANUMERIC).to_string();
        let sum = sum(tenant.as_str(), &state);
        let written = Written { version: VERSION, tenant: tenant.as_str(), sum, state: &state };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads the text back, if it is whole, of this version and this tenant.
    pub fn read<'a>(text: &'a str, tenant: &Domain) -> Result<Checkpoint, CheckpointError> {
        let read = Read::read_text(text).ok_or(CheckpointError::Unreadable)?;
        let version = read.version.raw().and_then(|version| version.parse().ok());
        let version = version.ok_or(CheckpointError::Unreadable)?;
        if version != VERSION {
            return Err(CheckpointError::OtherVersion(version));
        }
        let member = |cell: Cell<'a>| {
            cell.text("", &mut Oddities::default()).ok_or(CheckpointError::Unreadable)
        };
        let (stored_for, state) = (member(read.tenant)?, member(read.state)?);
        if member(read.sum)? != sum(&stored_for, &state) {
            return Err(CheckpointError::Unreadable);
        }
        if stored_for != tenant.as_str() {
            return Err(CheckpointError::OtherTenant);
        }
        let state: Vec<u8> = percent_decode_str(&state).collect();
        let read: Option<Checkpoint> = postcard::from_bytes(&state).ok();
        read.filter(Checkpoint::is_sound).ok_or(CheckpointError::Unreadable)
    }

    /// Whether a run can have come to this: no state that is read lets a run
    /// ask without end or bring what no host takes.
    fn is_sound(&self) -> bool {
        self.users.is_sound() && self.deletions.is_sound() && self.stats.is_sound()
    }

    /// How much an automatic run brings at the tenant's time `date`.
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

    /// Ends the run under way. A full run is complete when it read the users,
    /// or was not to: it is their deletions that only it can tell.
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

/// Guards against cut and altered texts, not against forgers: who can write
/// here can write the whole database.
fn sum(tenant: &str, state: &str) -> String {
    // Without a table: a checkpoint is short, and the component smaller by it.
    const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    let mut digest = CRC.digest();
    digest.update(tenant.as_bytes());
    digest.update(state.as_bytes());
    format!("{:08x}", digest.finalize())
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
    fn a_cut_or_altered_checkpoint_is_refused() {
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
    fn another_tenant_and_another_version_are_told_apart() {
        let text = begun().write(&tenant());
        let other = Domain::parse("other.auth0.com").unwrap();
        assert_eq!(Checkpoint::read(&text, &other), Err(CheckpointError::OtherTenant));
        for version in [VERSION - 1, VERSION + 1] {
            let text = format!(r#"{{"version":{version},"x":1}}"#);
            let refused = Checkpoint::read(&text, &tenant());
            assert_eq!(refused, Err(CheckpointError::OtherVersion(version)));
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
    fn a_state_that_no_run_comes_to_is_refused_though_its_sum_is_right() {
        let days: [i64; 2] = [5, 4];
        let backwards = postcard::to_allocvec(&(None::<i64>, Some(days))).unwrap();
        let stats: Stats = postcard::from_bytes(&backwards).unwrap();
        let text = Checkpoint { stats, ..begun() }.write(&tenant());
        assert_eq!(Checkpoint::read(&text, &tenant()), Err(CheckpointError::Unreadable));
    }
}
