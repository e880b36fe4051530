//! What a run and a check need before they begin: the component, what it says
//! of itself, and its settings.

use std::path::Path;

use super::configuration::Configuration;
use super::stop::Stop;
use crate::component::{Connector, EMBEDDED};
use crate::contract::{About, Secret};
use crate::origins::{Egress, OriginError, Route};
use crate::run::Settings;

/// A connector that is ready to be configured.
pub(super) struct Preparation {
    /// The compiled component.
    pub(super) connector: Connector,
    /// Its manifest.
    pub(super) about: About,
}

impl Preparation {
    /// Loads the component in the file, or else the embedded one.
    pub(super) async fn load(component: Option<&Path>) -> Result<Preparation, Stop> {
        let connector = match component {
            Some(path) => Connector::load_file(path)?,
            None => Connector::load(EMBEDDED)?,
        };
        let about = connector.describe().await?;
        Ok(Preparation { connector, about })
    }

    /// The settings of an instance, its secrets taken from the environment.
    pub(super) fn settings(
        &self,
        configuration: Configuration,
        routes: &[Route],
    ) -> Result<Settings, Stop> {
        settings(&self.about, configuration, routes)
    }

    /// The settings of an instance with these secrets.
    pub(super) fn settings_with(
        &self,
        configuration: Configuration,
        secrets: Vec<Secret>,
        routes: &[Route],
    ) -> Result<Settings, Stop> {
        settings_with(&self.about, configuration, secrets, routes)
    }
}

/// The settings of an instance of a connector, its secrets taken from the
/// environment.
pub(super) fn settings(
    about: &About,
    configuration: Configuration,
    routes: &[Route],
) -> Result<Settings, Stop> {
    let secrets = configuration.secrets(|name| std::env::var(name).ok())?;
    settings_with(about, configuration, secrets, routes)
}

fn settings_with(
    about: &About,
    configuration: Configuration,
    secrets: Vec<Secret>,
    routes: &[Route],
) -> Result<Settings, Stop> {
    // Whatever else is wrong with them, the session says, the component
    // first.
    let egress = Egress::new(&about.origins, &configuration.value, routes);
    if let Err(error @ OriginError::UnknownRoute { .. }) = egress {
        return Err(Stop::Usage(error.to_string()));
    }
    Ok(Settings {
        configuration: configuration.text,
        secrets,
        routes: routes.to_vec(),
        ..Settings::default()
    })
}
