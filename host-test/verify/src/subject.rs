//! The component under test with one configuration, and its instances.

use std::time::Duration;

use serde_json::Value;

use rawdash_host::clock::SharedClock;
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, ConfigureError, Configured, Request, ResourceInfo};
use rawdash_host::error::HostError;
use rawdash_host::instance::Instance;
use rawdash_host::origins::{Egress, OriginError, OriginPolicy, Route};
use rawdash_host::run::Settings;
use rawdash_host::transport::Transport;

use super::alteration::Alteration;
use super::altered_endpoint::AlteredEndpoint;

/// A connector and a configuration.
pub(super) struct Subject<'a> {
    pub(super) connector: &'a Connector,
    pub(super) about: &'a About,
    pub(super) settings: &'a Settings,
    /// The longest call: one that never returns is found quickly.
    longest_call: Duration,
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
    /// The one that the settings name, of which the endpoint at this path answers
    /// differently.
    Altered(&'a str, &'a Alteration),
}

/// An instance, and what it sends.
pub(super) struct Opened {
    pub(super) instance: Instance,
    pub(super) transport: Transport,
    /// What the configuration allows; the manifest's where it is not configured.
    pub(super) resources: Vec<ResourceInfo>,
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
        let longest_call = Duration::from_secs(120);
        Subject { connector, about, settings, longest_call, configuration }
    }

    /// The same without the host's own deadlines: every wait is the component's.
    pub(super) fn without_deadlines(&self, settings: &'a Settings) -> Subject<'a> {
        let longest_call = Duration::MAX;
        Subject { longest_call, ..Subject::new(self.connector, self.about, settings) }
    }

    /// A new instance.
    pub(super) async fn open(
        &self,
        source: Source<'_>,
        clock: &SharedClock,
    ) -> Result<Opened, HostError> {
        let transport = self.transport(source, clock);
        let mut limits = self.settings.limits.clone();
        limits.call = limits.call.min(self.longest_call);
        let instance = match source {
            Source::Altered(path, alteration) => {
                let altered = AlteredEndpoint::new(transport.clone(), path, alteration);
                self.connector.instantiate(&limits, altered, clock.clone()).await?
            }
            _ => self.connector.instantiate(&limits, transport.clone(), clock.clone()).await?,
        };
        let resources = self.about.resources.clone();
        Ok(Opened { instance, transport, resources, most_records: limits.records })
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
        Ok(configured.map(|configured| {
            self.narrow(&opened.transport, source, &configured);
            opened.resources = configured.resources;
            opened
        }))
    }

    /// Why no source can be reached under the configuration, if that is so.
    pub(super) fn unreachable(&self, clock: &SharedClock) -> Option<String> {
        let policy = match self.policy() {
            Ok(policy) => policy,
            Err(error) => return Some(error.to_string()),
        };
        if policy.allows_nothing() {
            let why = "the configuration holds nothing where the manifest's origins point";
            return Some(why.to_owned());
        }
        let egress = match Egress::new(&policy, &policy.origins(), &self.settings.routes) {
            Ok(egress) => egress,
            Err(error) => return Some(error.to_string()),
        };
        let transport = Transport::nowhere(&self.settings.limits.http, clock.clone());
        transport.open(egress, &self.settings.network).err().map(|error| error.to_string())
    }

    fn policy(&self) -> Result<OriginPolicy, OriginError> {
        OriginPolicy::new(&self.about.origins, &self.configuration)
    }

    /// A transport; if none can be opened, one that sends nothing. Calls in any
    /// order reach the origins that the manifest names.
    fn transport(&self, source: Source<'_>, clock: &SharedClock) -> Transport {
        let transport = Transport::nowhere(&self.settings.limits.http, clock.clone());
        if let Ok(policy) = self.policy() {
            self.open_to(&transport, source, &policy, &policy.origins());
        }
        transport
    }

    /// Lets a configured instance reach the origins that it has named.
    fn narrow(&self, transport: &Transport, source: Source<'_>, configured: &Configured) {
        if let Ok(policy) = self.policy() {
            self.open_to(transport, source, &policy, &configured.origins);
        }
    }

    fn open_to(
        &self,
        transport: &Transport,
        source: Source<'_>,
        policy: &OriginPolicy,
        origins: &[String],
    ) {
        let routes: Vec<Route> = match source {
            Source::Nowhere => return,
            Source::Own | Source::Altered(..) => self.settings.routes.clone(),
            Source::StandIn(url) => {
                let route = |origin: &String| format!("{origin}={url}").parse().ok();
                self.about.origins.iter().filter_map(route).collect()
            }
        };
        // What lies beyond the manifest is a finding of `configured`; nothing is sent
        // there.
        if let Ok(egress) = Egress::new(policy, origins, &routes) {
            // Why it cannot be opened, `unreachable` says.
            let _ = transport.open(egress, &self.settings.network);
        }
    }
}

/// A request for everything.
pub(super) fn everything() -> Request {
    Request { wants: Vec::new(), patience: None }
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
