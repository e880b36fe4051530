//! Pages of one resource, from bytes to records in the host, without a network.

use std::sync::Arc;

use auth0_tenant::{Clock, Options, Tenant};
use time::OffsetDateTime;

use super::discard::Discard;
use super::landed::Landed;
use super::measured::Measured;
use super::native::Native;
use super::recording::Recording;
use super::taking::{Tally, take_all};
use super::workload;
use rawdash_host::clock::{DrivenClock, SharedClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::{Mode, ResourceInfo, Shape};
use rawdash_host::run::Settings;
use rawdash_host::sandbox::Limits;

/// The time of tenant and components, in seconds since 1970. It stands still, so
/// that each reading sends the same requests.
pub(super) const NOW: i64 = 1_787_220_000;

/// A resource with one record, or almost one, for each row of its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Rows of the log.
    Log,
    /// Users.
    Users,
}

impl Rows {
    /// The name in the configuration.
    fn setting(self) -> &'static str {
        match self {
            Rows::Log => "login_events",
            Rows::Users => "users",
        }
    }

    /// The name in storage.
    pub(super) fn name(self) -> &'static str {
        match self {
            Rows::Log => "auth0_login_event",
            Rows::Users => "auth0_user",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Rows::Log => Shape::Event,
            Rows::Users => Shape::Entity,
        }
    }

    fn options(self, rows: u32) -> Options {
        let (users, logs) = match self {
            Rows::Log => (500, rows),
            Rows::Users => (rows, 0),
        };
        Options { users, logs, odd: false, ..Options::default() }
    }
}

/// What reads pages.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// A component of today's contract.
    Component(&'a Connector),
    /// The component as landed.
    Landed(&'a Landed),
}

/// A tenant whose answers are kept in memory.
pub struct Pages {
    rows: Rows,
    settings: Settings,
    recording: Recording,
    _tenant: Tenant,
}

/// The result of reading all pages through a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Records read.
    pub records: u64,
    /// Instructions that the component executed, if they are counted.
    pub fuel: Option<u64>,
}

impl Pages {
    /// Pages with so many rows. The first reading fetches them.
    ///
    /// # Errors
    /// When the tenant cannot be started.
    pub async fn of(rows: Rows, count: u32) -> Measured<Pages> {
        let tenant = Tenant::start(rows.options(count), Clock::fixed(NOW * 1000)).await?;
        let settings = workload::settings(&tenant.announcement(), &[rows.setting()], 1.0)?;
        let recording = Recording::of(workload::transport(&settings)?);
        Ok(Pages { rows, settings, recording, _tenant: tenant })
    }

    /// Bytes of all pages that were fetched.
    pub fn bytes(&self) -> usize {
        self.recording.bytes()
    }

    /// Reads all pages through a component, from memory alone: earlier readings,
    /// whose result does not count, fetch what is missing.
    ///
    /// # Errors
    /// When it crashes or fails.
    pub async fn from_memory(&self, reader: Reader<'_>) -> Measured<Reading> {
        loop {
            let before = self.recording.responses();
            let reading = self.read(reader).await?;
            if self.recording.responses() == before {
                return Ok(reading);
            }
        }
    }

    /// Reads all pages through a component.
    ///
    /// # Errors
    /// When it crashes or fails.
    pub async fn read(&self, reader: Reader<'_>) -> Measured<Reading> {
        match reader {
            Reader::Component(connector) => self.by_component(connector).await,
            Reader::Landed(landed) => self.by_landed(landed).await,
        }
    }

    async fn by_component(&self, connector: &Connector) -> Measured<Reading> {
        let clock: SharedClock =
            Arc::new(DrivenClock::new(OffsetDateTime::from_unix_timestamp(NOW)?));
        let hooks = self.recording.clone();
        let mut instance = connector.instantiate(&Limits::default(), hooks, clock).await?;
        let (configuration, secrets) = (&self.settings.configuration, &self.settings.secrets);
        let configured = instance.configure(configuration, secrets, None).await?;
        let configured = configured.map_err(|error| format!("{error:?}"))?;
        let mut tally = Tally::default();
        take_all(&configured.resources, Mode::Full, &mut instance, &mut Discard, &mut tally)
            .await?;
        Ok(Reading { records: tally.records, fuel: instance.fuel() })
    }

    async fn by_landed(&self, landed: &Landed) -> Measured<Reading> {
        let (name, hooks) = (self.rows.name(), self.recording.clone());
        let mut instance = landed.configure(&self.settings, name, hooks).await?;
        let resources = [ResourceInfo::named(name, self.rows.shape())];
        let mut tally = Tally::default();
        take_all(&resources, Mode::Full, &mut instance, &mut Discard, &mut tally).await?;
        Ok(Reading { records: tally.records, fuel: instance.fuel() })
    }

    /// Reads all pages natively, and returns the number of records. Only pages of
    /// the log, whose requests do not depend on the machine's clock.
    ///
    /// # Errors
    /// When it fails.
    pub async fn natively(&self) -> Measured<u64> {
        let native = Native::new(&self.settings, None, self.recording.clone())?;
        let mut tally = Tally::default();
        native.sync(Mode::Full, &mut Discard, &mut tally).await?;
        Ok(tally.records)
    }
}
