//! Reads each field, and adds an issue for one that cannot be used.

use super::client_secret::ClientSecret;
use super::domain::Domain;
use super::fields::Reference;
use super::issues::Issues;
use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;
use crate::json::object::{FromObject, items};
use crate::resource::Resource;

const DEFAULT_LOOKBACK_DAYS: u32 = 30;
const DEFAULT_SHARE: f64 = 0.8;

impl Issues {
    pub(super) fn domain(&mut self, value: Option<Cell<'_>>) -> Option<Domain> {
        const EXAMPLE: &str = "such as `acme.eu.auth0.com`";
        let text = match value.map(Cell::string) {
            Some(Some(text)) => text,
            Some(None) => {
                self.add("/domain", format!("Write the tenant's domain as a string, {EXAMPLE}."));
                return None;
            }
            None => {
                self.add("/domain", format!("Add the tenant's domain, {EXAMPLE}."));
                return None;
            }
        };
        let domain = Domain::parse(&text);
        if domain.is_none() {
            match Domain::in_url(&text) {
                Some(domain) => self.add("/domain", format!("Write the domain alone, without scheme, port or path: `{domain}`.")),
                None => self.add("/domain", format!("Write the tenant's own domain, which ends in `.auth0.com`, {EXAMPLE}; custom domains are not supported.")),
            }
        }
        domain
    }

    pub(super) fn client_id(&mut self, value: Option<Cell<'_>>) -> Option<String> {
        match value.map(Cell::string) {
            Some(Some(text)) if !text.is_empty() => Some(text.into_owned()),
            Some(_) => {
                self.add(
                    "/clientId",
                    "Write the application's Client ID as a string that is not empty.",
                );
                None
            }
            None => {
                self.add("/clientId", "Add the Client ID of the Machine-to-Machine application.");
                None
            }
        }
    }

    pub(super) fn secret<'a>(
        &mut self,
        value: Option<Cell<'_>>,
        secret: impl Fn(&str) -> Option<&'a str>,
    ) -> Option<ClientSecret> {
        const REFERENCE: &str = "`{\"$secret\": \"AUTH0_CLIENT_SECRET\"}`";
        let reference = match value {
            None => {
                self.add(
                    "/clientSecret",
                    format!("Add a reference to the Client Secret: {REFERENCE}."),
                );
                return None;
            }
            Some(value) if value.string().is_some() => {
                self.add("/clientSecret", format!("Take the secret out of the configuration and write a reference to it: {REFERENCE}."));
                return None;
            }
            Some(value) => value.raw().and_then(Reference::read_text),
        };
        let name = reference.filter(|reference| !reference.has_others);
        let name = name.and_then(|reference| reference.name.string());
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            self.add("/clientSecret", format!("Write the reference as an object with the one member `$secret`, a name: {REFERENCE}."));
            return None;
        };
        match secret(&name).filter(|value| !value.is_empty()) {
            Some(value) => Some(ClientSecret::new(value)),
            None => {
                self.add(
                    "/clientSecret/$secret",
                    format!("Provide the secret `{name}`: it is not set, or is empty."),
                );
                None
            }
        }
    }

    pub(super) fn resources(&mut self, value: Option<Cell<'_>>) -> Vec<Resource> {
        let settings = || Resource::ALL.map(Resource::setting).join(", ");
        let Some(value) = value else { return Resource::ALL.to_vec() };
        let listed = value.raw().and_then(items);
        let listed: Vec<Option<Resource>> = match listed {
            Some(items) if !items.is_empty() => {
                let named = |raw| Resource::from_setting(&Cell::new(raw).string()?);
                items.into_iter().map(named).collect()
            }
            _ => {
                self.add(
                    "/resources",
                    format!("List one or more of {}, or remove the field to sync all.", settings()),
                );
                return Vec::new();
            }
        };
        for (at, resource) in listed.iter().enumerate() {
            if resource.is_none() {
                self.add(
                    format!("/resources/{at}"),
                    format!("Replace it with one of {}.", settings()),
                );
            }
        }
        Resource::ALL.into_iter().filter(|resource| listed.contains(&Some(*resource))).collect()
    }

    pub(super) fn lookback(&mut self, value: Option<Cell<'_>>) -> u32 {
        let Some(value) = value else { return DEFAULT_LOOKBACK_DAYS };
        match number(value).filter(|days| days.fract() == 0.0 && *days >= 1.0) {
            // Nothing is older than Auth0, so a larger number means the same.
            Some(days) => days.min(100_000.0) as u32,
            None => {
                self.add("/statsLookbackDays", "Write a whole number of days, 1 or more.");
                DEFAULT_LOOKBACK_DAYS
            }
        }
    }

    pub(super) fn share(&mut self, value: Option<Cell<'_>>) -> f64 {
        let Some(value) = value else { return DEFAULT_SHARE };
        match number(value).filter(|share| *share > 0.0 && *share <= 1.0) {
            Some(share) => share,
            None => {
                self.add("/rateLimitShare", "Write a number above 0 and up to 1: the part of the tenant's rate limit that a sync may use.");
                DEFAULT_SHARE
            }
        }
    }
}

/// A JSON number; a string that contains one is not.
fn number(value: Cell<'_>) -> Option<f64> {
    match value.string() {
        Some(_) => None,
        None => value.number("", &mut Anomalies::default()),
    }
}
