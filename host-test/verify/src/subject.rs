//! The component under test with one configuration, and its instances.

use std::time::Duration;

use serde_json::Value;

use rawdash_host::clock::SharedClock;
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, ConfigureError, Mode, Request};
use rawdash_host::error::HostError;
use rawdash_host::instance::Instance;
use rawdash_host::origins::{Egress, OriginError, Route};
use rawdash_host::run::Settings;
use rawdash_host::transport::Transport;

/// A connector and a configuration.
pub(super) struct Subject<'a> {
    pub(super) connector: &'a Connector,
    pub(super) about: &'a About,
    pub(super) settings: &'a Settings,
    /// The parsed configuration.
    pub(super) configuration: Value,
}

/// The source that an instance reaches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// The one that the settings name.
    Own,
    /// None: requests are denied, and noted.
    Nowhere,
    /// A server on this machine, by its URL, in place of all origins.
    StandIn(&'a str),
}

/// An instance, and what it sends.
pub(super) struct Opened {
    pub(super) instance: Instance,
    pub(super) transport: Transport,
    /// The most records that a run may return.
    pub(super) most_records: u64,
}

impl Opened {
    /// Whether it neither sent nor tried to send a request.
    pub(super) fn was_silent(&self) -> bool {
        self.transport.traffic().requests() == 0 && self.transport.take_denials().is_empty()
    }
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        connector: &'a Connector,
        about: &'a About,
        settings: &'a Settings,
    ) -> Subject<'a> {
        let configuration = serde_json::from_str(&settings.configuration).unwrap_or_default();
        Subject { connector, about, settings, configuration }
    }

    /// A new instance.
    pub(super) async fn open(
        &self,
        source: Source<'_>,
        clock: &SharedClock,
    ) -> Result<Opened, HostError> {
        let transport = self.transport(source, clock);
        let mut limits = self.settings.limits.clone();
        // A short limit, so that a call that never returns is found quickly.
        limits.call = limits.call.min(Duration::from_secs(120));
        let instance =
            self.connector.instantiate(&limits, transport.clone(), clock.clone()).await?;
        Ok(Opened { instance, transport, most_records: limits.records })
    }

    /// A new, configured instance.
    pub(super) async fn configured(
        &self,
        source: Source<'_>,
        clock: &SharedClock,
        checkpoint: Option<&str>,
    ) -> Result<Result<Opened, ConfigureError>, HostError> {
        let mut opened = self.open(source, clock).await?;
        let Settings { configuration, secrets, .. } = self.settings;
        let configured = opened.instance.configure(configuration, secrets, checkpoint).await?;
        Ok(configured.map(|()| opened))
    }

    /// Why no source can be reached under the configuration, if that is so.
    pub(super) fn unreachable(&self) -> Option<OriginError> {
        let Settings { routes, .. } = self.settings;
        Egress::new(&self.about.origins, &self.configuration, routes).err()
    }

    /// A transport; if none can be opened, one that sends nothing.
    fn transport(&self, source: Source<'_>, clock: &SharedClock) -> Transport {
        let routes: Vec<Route> = match source {
            Source::Own => self.settings.routes.clone(),
            Source::Nowhere => Vec::new(),
            Source::StandIn(url) => {
                let route = |origin: &String| format!("{origin}={url}").parse().ok();
                self.about.origins.iter().filter_map(route).collect()
            }
        };
        let http = &self.settings.limits.http;
        let egress = Egress::new(&self.about.origins, &self.configuration, &routes).ok();
        let transport = match source {
            Source::Nowhere => None,
            Source::Own | Source::StandIn(_) => egress.and_then(|egress| {
                Transport::new(egress, &self.settings.roots, http, clock.clone()).ok()
            }),
        };
        transport.unwrap_or_else(|| Transport::nowhere(http, clock.clone()))
    }
}

/// A request for everything.
pub(super) fn everything(mode: Mode) -> Request {
    Request { mode, since: None, resources: Vec::new() }
}

/// The issues of `configure` with a configuration or a checkpoint, in one line.
pub(super) fn refusal(error: &ConfigureError) -> String {
    match error {
        ConfigureError::Checkpoint(message) => message.clone(),
        ConfigureError::Configuration(issues) => {
            let lines = issues.iter().map(|issue| format!("{:?} {}", issue.path, issue.message));
            lines.collect::<Vec<_>>().join("; ")
        }
    }
}
