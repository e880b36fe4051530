//! What a sync and a check need before they begin: the component, its manifest and
//! its settings.

use std::path::Path;

use crate::arguments::network::NetworkArguments;
use crate::early_end::EarlyEnd;
use crate::input::configuration::Configuration;
use crate::input::secrets::{Process, SecretHints, Secrets};
use rawdash_host::component::Connector;
use rawdash_host::contract::{About, Secret};
use rawdash_host::origins::{OriginPolicy, Route};
use rawdash_host::run::Settings;

/// A connector that is ready to be configured.
pub(crate) struct Preparation {
    /// The compiled component.
    pub(crate) connector: Connector,
    /// Its manifest.
    pub(crate) about: About,
}

impl Preparation {
    /// Loads the component in the file, or the embedded one without a file.
    pub(crate) async fn load(component: Option<&Path>) -> Result<Preparation, EarlyEnd> {
        let connector = match component {
            Some(path) => Connector::load_file(path)?,
            None => Connector::load(crate::EMBEDDED)?,
        };
        let about = connector.describe().await?;
        Ok(Preparation { connector, about })
    }

    /// The settings of an instance, with its secrets and proxies from the environment,
    /// and what looks wrong with the secrets.
    pub(crate) fn settings(
        &self,
        configuration: Configuration,
        network: &NetworkArguments,
    ) -> Result<(Settings, SecretHints), EarlyEnd> {
        settings(&self.about, configuration, network)
    }

    /// The settings of an instance with these secrets.
    pub(crate) fn settings_with(
        &self,
        configuration: Configuration,
        secrets: Vec<Secret>,
        routes: &[Route],
    ) -> Result<Settings, EarlyEnd> {
        settings_with(&self.about, configuration, secrets, routes)
    }
}

/// The settings of an instance of a connector, with its secrets and proxies from the
/// environment, and what looks wrong with the secrets.
pub(crate) fn settings(
    about: &About,
    configuration: Configuration,
    network: &NetworkArguments,
) -> Result<(Settings, SecretHints), EarlyEnd> {
    let Secrets { values, hints } = configuration.secrets(&Process)?;
    let mut settings = settings_with(about, configuration, values, &network.routes)?;
    settings.network = network.network()?;
    Ok((settings, hints))
}

fn settings_with(
    about: &About,
    configuration: Configuration,
    secrets: Vec<Secret>,
    routes: &[Route],
) -> Result<Settings, EarlyEnd> {
    // Other errors of the configuration are reported when the sync begins, by the
    // component first.
    if let Ok(policy) = OriginPolicy::new(&about.origins, &configuration.value) {
        Route::check(routes, &policy).map_err(|error| EarlyEnd::Usage(error.to_string()))?;
    }
    Ok(Settings {
        configuration: configuration.text,
        secrets,
        routes: routes.to_vec(),
        ..Settings::default()
    })
}
