//! Pages of log rows, from bytes to records in the host, by the component and
//! natively, without a network.

use std::sync::Arc;

use auth0_connector_core::sync::session::{self, SyncRequest};
use auth0_tenant::{Clock, Options, Tenant};

use super::native::{self, Native};
use super::nowhere::Nowhere;
use super::outcome::Outcome;
use super::recording::Recording;
use super::workload;
use crate::clock::{SharedClock, SystemClock};
use crate::component::Connector;
use crate::contract::{Mode, Request, Step, record_count};
use crate::run::Settings;
use crate::sandbox::Limits;

/// A log that was read once, to be read again from memory.
pub struct Pages {
    settings: Settings,
    recording: Recording,
}

/// What came of reading all pages through the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Records that came.
    pub records: u64,
    /// Instructions that the component executed, where they are counted.
    pub fuel: Option<u64>,
}

impl Pages {
    /// Reads so many rows of a simulated tenant's log, and keeps the answers.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn record(rows: u32) -> Outcome<Pages> {
        let options = Options { users: 500, logs: rows, odd: false, ..Options::default() };
        let tenant = Tenant::start(options, Clock::system()).await?;
        let settings = workload::settings(&tenant.announcement(), &["login_events"], 1.0)?;
        let recording = Recording::default();
        let transport = workload::transport(&settings)?;
        let reader = Native::new(&settings, None, recording.of(transport))?;
        reader.sync(Mode::Full, &mut Nowhere).await?;
        Ok(Pages { settings, recording })
    }

    /// Bytes of all pages.
    pub fn bytes(&self) -> usize {
        self.recording.bytes()
    }

    /// Reads all pages through the component.
    ///
    /// # Errors
    /// When it breaks down, or fails.
    pub async fn by_component(&self, connector: &Connector) -> Outcome<Reading> {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let player = self.recording.player();
        let mut instance = connector.instantiate(&Limits::default(), player, clock).await?;
        let (configuration, secrets) = (&self.settings.configuration, &self.settings.secrets);
        let configured = instance.configure(configuration, secrets, None).await?;
        configured.map_err(|error| format!("{error:?}"))?;
        let request = Request { mode: Mode::Full, since: None, resources: Vec::new() };
        let mut records = 0;
        loop {
            match instance.sync(&request).await?.map_err(|failure| failure.message)? {
                Step::Batches(batches) => {
                    let counts = batches.iter().map(|batch| record_count(&batch.records));
                    records += counts.sum::<u64>();
                }
                Step::Done => return Ok(Reading { records, fuel: instance.fuel() }),
                Step::ResourceFailed(failure) => return Err(failure.message.into()),
                Step::Began(_) | Step::Wait(_) => {}
            }
        }
    }

    /// Reads all pages natively; how many records came.
    ///
    /// # Errors
    /// When it fails.
    pub async fn natively(&self) -> Outcome<u64> {
        let mut native = Native::new(&self.settings, None, self.recording.player())?;
        let mut records = 0;
        loop {
            let step = native.step(&SyncRequest::default()).await?;
            records += native::brought(&step);
            match step {
                session::Step::Done => return Ok(records),
                session::Step::ResourceFailed(failure) => return Err(failure.message.into()),
                _ => {}
            }
        }
    }
}
