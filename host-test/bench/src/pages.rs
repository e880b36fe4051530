//! Pages of log rows, from bytes to records in the host, by the component and
//! natively, without a network.

use std::sync::Arc;

use auth0_tenant::{Clock, Options, Tenant};

use super::measured::Measured;
use super::native::Native;
use super::nowhere::Nowhere;
use super::recording::Recording;
use super::taking::{Tally, take_all};
use super::workload;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::Mode;
use rawdash_host::run::Settings;
use rawdash_host::sandbox::Limits;

/// A recorded log, to be read again from memory.
pub struct Pages {
    settings: Settings,
    recording: Recording,
}

/// The result of reading all pages through the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Records read.
    pub records: u64,
    /// Instructions that the component executed, if they are counted.
    pub fuel: Option<u64>,
}

impl Pages {
    /// Reads this many rows of a simulated tenant's log, and records the responses.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn record(rows: u32) -> Measured<Pages> {
        let options = Options { users: 500, logs: rows, odd: false, ..Options::default() };
        let tenant = Tenant::start(options, Clock::system()).await?;
        let settings = workload::settings(&tenant.announcement(), &["login_events"], 1.0)?;
        let recording = Recording::default();
        let transport = workload::transport(&settings)?;
        let reader = Native::new(&settings, None, recording.of(transport))?;
        reader.sync(Mode::Full, &mut Nowhere, &mut Tally::default()).await?;
        Ok(Pages { settings, recording })
    }

    /// Bytes of all pages.
    pub fn bytes(&self) -> usize {
        self.recording.bytes()
    }

    /// Reads all pages through the component.
    ///
    /// # Errors
    /// When it crashes or fails.
    pub async fn by_component(&self, connector: &Connector) -> Measured<Reading> {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let player = self.recording.player();
        let mut instance = connector.instantiate(&Limits::default(), player, clock).await?;
        let (configuration, secrets) = (&self.settings.configuration, &self.settings.secrets);
        let configured = instance.configure(configuration, secrets, None).await?;
        let configured = configured.map_err(|error| format!("{error:?}"))?;
        let mut tally = Tally::default();
        take_all(&configured.resources, Mode::Full, &mut instance, &mut Nowhere, &mut tally)
            .await?;
        Ok(Reading { records: tally.records, fuel: instance.fuel() })
    }

    /// Reads all pages natively, and returns the number of records.
    ///
    /// # Errors
    /// When it fails.
    pub async fn natively(&self) -> Measured<u64> {
        let native = Native::new(&self.settings, None, self.recording.player())?;
        let mut tally = Tally::default();
        native.sync(Mode::Full, &mut Nowhere, &mut tally).await?;
        Ok(tally.records)
    }
}
