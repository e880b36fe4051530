//! A configured component, with the origins that it may reach.

use serde_json::Value;

use super::narration::Narration;
use super::settings::Settings;
use crate::clock::SharedClock;
use crate::component::Connector;
use crate::contract::{About, ConfigureError, Configured, Failure, Issue, ResourceInfo};
use crate::error::HostError;
use crate::failure::{FailureReport, HostKind};
use crate::instance::Instance;
use crate::origins::{Egress, OriginError, OriginPolicy};
use crate::redaction::Redaction;
use crate::transport::Transport;
use crate::validation;

/// An instance under a configuration.
pub struct ConfiguredInstance {
    pub(super) instance: Instance,
    pub(super) narration: Narration,
    /// What the configuration allows.
    pub(super) resources: Vec<ResourceInfo>,
}

impl ConfiguredInstance {
    /// Instantiates the connector and configures it.
    ///
    /// # Errors
    /// The report's `failure`.
    pub async fn open(
        connector: &Connector,
        about: &About,
        settings: &Settings,
        clock: &SharedClock,
        checkpoint: Option<&str>,
    ) -> Result<ConfiguredInstance, FailureReport> {
        let Accepted { instance, transport, redaction, resources, egress } =
            accept(connector, about, settings, clock, checkpoint).await?;
        transport
            .open(egress, &settings.network)
            .map_err(|error| FailureReport::new(HostKind::Configuration, error))?;
        let narration = Narration::new(transport, redaction);
        Ok(ConfiguredInstance { instance, narration, resources })
    }

    /// Whether the connector accepts the configuration, and where it may then send
    /// requests. Nothing is sent, and no checkpoint is read: this can be known before
    /// there is a storage.
    ///
    /// # Errors
    /// The report's `failure`.
    pub async fn try_configuration(
        connector: &Connector,
        about: &About,
        settings: &Settings,
        clock: &SharedClock,
    ) -> Result<Egress, FailureReport> {
        accept(connector, about, settings, clock, None).await.map(|accepted| accepted.egress)
    }

    /// What the configuration allows.
    pub fn resources(&self) -> &[ResourceInfo] {
        &self.resources
    }

    /// Whether the credentials suffice, resource by resource.
    ///
    /// # Errors
    /// When the call does not return.
    pub async fn check(
        &mut self,
    ) -> Result<Vec<(String, Result<(), FailureReport>)>, FailureReport> {
        let checked = self.instance.check().await;
        self.narration.learn();
        let denied = self.narration.take_denials();
        let checked = checked.map_err(broken(self.narration.redaction()))?;
        let report = |(name, result): (String, Result<(), Failure>)| {
            let explained = |failure: Failure| {
                // A request with a response was not denied.
                let denied = if failure.status.is_none() { denied.as_slice() } else { &[] };
                self.narration.failure(&failure, denied)
            };
            (name, result.map_err(explained))
        };
        Ok(checked.into_iter().map(report).collect())
    }
}

/// What an instance that accepted its configuration needs before it may send.
struct Accepted {
    instance: Instance,
    transport: Transport,
    redaction: Redaction,
    resources: Vec<ResourceInfo>,
    egress: Egress,
}

async fn accept(
    connector: &Connector,
    about: &About,
    settings: &Settings,
    clock: &SharedClock,
    checkpoint: Option<&str>,
) -> Result<Accepted, FailureReport> {
    let redaction =
        Redaction::new(&[&settings.secrets, settings.network.proxies.secrets()].concat());
    // Nothing can be sent before the component says what it needs.
    let transport = Transport::nowhere(&settings.limits.http, clock.clone());
    let instance = connector.instantiate(&settings.limits, transport.clone(), clock.clone()).await;
    let mut instance = instance.map_err(broken(&redaction))?;
    let configured =
        instance.configure(&settings.configuration, &settings.secrets, checkpoint).await;
    let configured =
        configured.map_err(broken(&redaction))?.map_err(|error| refused(&redaction, &error))?;
    let breach = |error: &dyn std::fmt::Display| {
        FailureReport::new(HostKind::Component, redaction.apply(&error.to_string()))
    };
    validation::check_configured(about, &configured.resources).map_err(|error| breach(&error))?;
    let egress = egress(about, &configured, settings).map_err(|error| match error {
        OriginError::Beyond { .. } => breach(&error),
        error => FailureReport::new(HostKind::Configuration, error),
    })?;
    let resources = configured.resources;
    Ok(Accepted { instance, transport, redaction, resources, egress })
}

fn egress(
    about: &About,
    configured: &Configured,
    settings: &Settings,
) -> Result<Egress, OriginError> {
    // The component has accepted it: it is JSON.
    let configuration = serde_json::from_str(&settings.configuration).unwrap_or(Value::Null);
    let policy = OriginPolicy::new(&about.origins, &configuration)?;
    Egress::new(&policy, &configured.origins, &settings.routes)
}

fn broken(redaction: &Redaction) -> impl Fn(HostError) -> FailureReport {
    |error| FailureReport::from(&error).redacted(redaction)
}

fn refused(redaction: &Redaction, error: &ConfigureError) -> FailureReport {
    match error {
        ConfigureError::Configuration(issues) => {
            let line = |issue: &Issue| match issue.path.as_str() {
                "" => issue.message.clone(),
                path => format!("{path}: {}", issue.message),
            };
            let lines: Vec<String> = issues.iter().map(line).collect();
            FailureReport::new(HostKind::Configuration, redaction.apply(&lines.join("\n")))
        }
        ConfigureError::Checkpoint(message) => {
            FailureReport::new(HostKind::Checkpoint, redaction.apply(message))
        }
    }
}
