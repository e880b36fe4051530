//! A configured component, with the origins that it may reach.

use serde_json::Value;

use super::narration::Narration;
use super::settings::Settings;
use crate::clock::SharedClock;
use crate::component::Connector;
use crate::contract::{About, ConfigureError, Failure, Issue};
use crate::error::HostError;
use crate::failure::{FailureReport, HostKind};
use crate::instance::Instance;
use crate::origins::Egress;
use crate::redaction::Redaction;
use crate::transport::Transport;

/// An instance under a configuration.
pub struct Configured {
    pub(super) instance: Instance,
    pub(super) narration: Narration,
}

impl Configured {
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
    ) -> Result<Configured, FailureReport> {
        let redaction = Redaction::new(&settings.secrets);
        let egress = egress(about, settings);
        let transport = match &egress {
            Ok(egress) => open_transport(egress.clone(), settings, clock)?,
            // The component's own message about its configuration is better than
            // that of an origin without a host name.
            Err(_) => Transport::nowhere(&settings.limits.http, clock.clone()),
        };
        let instance =
            connector.instantiate(&settings.limits, transport.clone(), clock.clone()).await;
        let mut instance = instance.map_err(broken(&redaction))?;
        let configured =
            instance.configure(&settings.configuration, &settings.secrets, checkpoint).await;
        configured.map_err(broken(&redaction))?.map_err(|error| refused(&redaction, &error))?;
        egress?;
        Ok(Configured { instance, narration: Narration::new(transport, redaction) })
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

fn egress(about: &About, settings: &Settings) -> Result<Egress, FailureReport> {
    // A text that is not JSON has no origins; the component reports it.
    let configuration = serde_json::from_str(&settings.configuration).unwrap_or(Value::Null);
    Egress::new(&about.origins, &configuration, &settings.routes)
        .map_err(|error| FailureReport::new(HostKind::Configuration, error))
}

fn open_transport(
    egress: Egress,
    settings: &Settings,
    clock: &SharedClock,
) -> Result<Transport, FailureReport> {
    let transport = Transport::new(egress, &settings.roots, &settings.limits.http, clock.clone());
    transport.map_err(|error| {
        let what = "the certificate authorities cannot be read";
        FailureReport::new(HostKind::Configuration, format!("{what}: {error}"))
    })
}

fn broken(redaction: &Redaction) -> impl Fn(HostError) -> FailureReport {
    |error| FailureReport::new(HostKind::Component, redaction.apply(&error.to_string()))
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
