//! The connector's configuration: read whole, every issue reported at once.

use std::fmt;

use serde_json::value::RawValue;

use crate::auth0::cell::{Cell, Oddities, Row, items};
use crate::resource::Resource;

/// A tenant's host name, such as `acme.eu.auth0.com`: lower-case, and the only
/// host that the connector ever names in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Reads a host name of the form `labels.auth0.com`, in any case.
    pub fn parse(text: &str) -> Option<Domain> {
        let domain = text.to_ascii_lowercase();
        let labels = domain.strip_suffix(".auth0.com")?;
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        labels.split('.').all(label).then_some(Domain(domain))
    }

    /// The host name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The audience of the tenant's Management API.
    pub fn audience(&self) -> String {
        format!("https://{}/api/v2/", self.0)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The client secret. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret itself, for the token request alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(hidden)")
    }
}

/// What the connector was told, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The tenant.
    pub domain: Domain,
    /// The Machine-to-Machine application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// What to bring, in the manifest's order; never empty.
    pub resources: Vec<Resource>,
    /// How many days of statistics a full run reads, today included; at least 1.
    pub stats_lookback_days: u32,
    /// The part of the tenant's rate limit that a sync may use, above 0 up to 1.
    pub rate_limit_share: f64,
}

/// One thing wrong with a configuration: a JSON Pointer, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// JSON Pointer into the configuration.
    pub path: String,
    /// One sentence.
    pub message: String,
}

const FIELDS: [&str; 6] =
    ["domain", "clientId", "clientSecret", "resources", "statsLookbackDays", "rateLimitShare"];
const DEFAULT_LOOKBACK_DAYS: u32 = 30;
const DEFAULT_SHARE: f64 = 0.8;

impl Configuration {
    /// Reads the configuration's JSON text; `secret` looks up a secret by the
    /// name in its reference.
    pub fn read<'a>(
        text: &str,
        secret: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Configuration, Vec<Issue>> {
        let mut issues = Issues(Vec::new());
        let Some(fields) = object(text, &mut issues) else { return Err(issues.0) };
        for name in &fields.unknown {
            issues.unknown(name);
        }
        let domain = issues.domain(fields.domain);
        let client_id = issues.client_id(fields.client_id);
        let client_secret = issues.secret(fields.client_secret, secret);
        let resources = issues.resources(fields.resources);
        let stats_lookback_days = issues.lookback(fields.stats_lookback_days);
        let rate_limit_share = issues.share(fields.rate_limit_share);
        match (domain, client_id, client_secret) {
            (Some(domain), Some(client_id), Some(client_secret)) if issues.0.is_empty() => {
                Ok(Configuration {
                    domain,
                    client_id,
                    client_secret,
                    resources,
                    stats_lookback_days,
                    rate_limit_share,
                })
            }
            _ => Err(issues.0),
        }
    }
}

/// The fields, unread; none where a field is absent.
#[derive(Default)]
struct Fields<'a> {
    domain: Option<Cell<'a>>,
    client_id: Option<Cell<'a>>,
    client_secret: Option<Cell<'a>>,
    resources: Option<Cell<'a>>,
    stats_lookback_days: Option<Cell<'a>>,
    rate_limit_share: Option<Cell<'a>>,
    unknown: Vec<String>,
}

impl<'a> Row<'a> for Fields<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        let field = match name {
            "domain" => &mut self.domain,
            "clientId" => &mut self.client_id,
            "clientSecret" => &mut self.client_secret,
            "resources" => &mut self.resources,
            "statsLookbackDays" => &mut self.stats_lookback_days,
            "rateLimitShare" => &mut self.rate_limit_share,
            _ => return self.unknown.push(name.to_owned()),
        };
        *field = Some(value);
    }
}

/// A reference to a secret.
#[derive(Default)]
struct Reference<'a> {
    name: Cell<'a>,
    has_others: bool,
}

impl<'a> Row<'a> for Reference<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "$secret" => self.name = value,
            _ => self.has_others = true,
        }
    }
}

fn object<'a>(text: &'a str, issues: &mut Issues) -> Option<Fields<'a>> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => {
            let fields = Fields::read(raw);
            if fields.is_none() {
                issues.add("", "Make the configuration a JSON object with `domain`, `clientId` and `clientSecret`.");
            }
            fields
        }
        Err(error) => {
            issues.add(
                "",
                format!(
                    "Mend the JSON at line {}, column {}: it cannot be read.",
                    error.line(),
                    error.column()
                ),
            );
            None
        }
    }
}

/// Collects what is wrong while the fields are read one by one.
struct Issues(Vec<Issue>);

impl Issues {
    fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Issue { path: path.into(), message: message.into() });
    }

    fn unknown(&mut self, name: &str) {
        let path = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let nearest = FIELDS
            .iter()
            .map(|field| {
                (
                    strsim::osa_distance(&name.to_ascii_lowercase(), &field.to_ascii_lowercase()),
                    field,
                )
            })
            .min()
            .filter(|(distance, field)| *distance <= field.len() / 2);
        match nearest {
            Some((_, field)) => {
                self.add(
                    path,
                    format!(
                        "Rename or remove it: this field is not known; did you mean `{field}`?"
                    ),
                );
            }
            None => self.add(
                path,
                format!(
                    "Remove it: this field is not known; the known ones are {}.",
                    FIELDS.join(", ")
                ),
            ),
        }
    }

    fn domain(&mut self, value: Option<Cell<'_>>) -> Option<Domain> {
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
            let bare = bare_host(&text);
            match Domain::parse(bare) {
                Some(mended) => self.add("/domain", format!("Write the domain alone, without scheme, port or path: `{mended}`.")),
                None => self.add("/domain", format!("Write the tenant's own domain, which ends in `.auth0.com`, {EXAMPLE}; custom domains are not supported.")),
            }
        }
        domain
    }

    fn client_id(&mut self, value: Option<Cell<'_>>) -> Option<String> {
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

    fn secret<'a>(
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
            Some(value) => Some(ClientSecret(value.to_owned())),
            None => {
                self.add(
                    "/clientSecret/$secret",
                    format!("Provide the secret `{name}`: it is not set, or is empty."),
                );
                None
            }
        }
    }

    fn resources(&mut self, value: Option<Cell<'_>>) -> Vec<Resource> {
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
                    format!("Replace it by one of {}.", settings()),
                );
            }
        }
        Resource::ALL.into_iter().filter(|resource| listed.contains(&Some(*resource))).collect()
    }

    fn lookback(&mut self, value: Option<Cell<'_>>) -> u32 {
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

    fn share(&mut self, value: Option<Cell<'_>>) -> f64 {
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

/// A JSON number; a text that holds one is none.
fn number(value: Cell<'_>) -> Option<f64> {
    match value.string() {
        Some(_) => None,
        None => value.number("", &mut Oddities::default()),
    }
}

/// What is left of a URL when all but the host name is taken away.
fn bare_host(text: &str) -> &str {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Configuration, Vec<Issue>> {
        Configuration::read(text, |name| (name == "SECRET").then_some("hush"))
    }

    fn paths(text: &str) -> Vec<String> {
        read(text).unwrap_err().into_iter().map(|issue| issue.path).collect()
    }

    #[test]
    fn the_least_configuration_brings_everything() {
        let read = read(
            r#"{"domain":"Acme.EU.auth0.com","clientId":"id","clientSecret":{"$secret":"SECRET"}}"#,
        )
        .unwrap();
        assert_eq!(read.domain.as_str(), "acme.eu.auth0.com");
        assert_eq!(read.domain.audience(), "https://acme.eu.auth0.com/api/v2/");
        assert_eq!(read.resources, Resource::ALL);
        assert_eq!((read.stats_lookback_days, read.rate_limit_share), (30, 0.8));
        assert!(!format!("{read:?}").contains("hush"), "the secret is not printed");
    }

    #[test]
    fn every_issue_is_told_at_once() {
        let all = paths(
            r#"{"domain":"https://acme.auth0.com/","clientSecret":"plain","resources":["users","logs"],
                "statsLookbackDays":1.5,"rateLimitShare":0,"client_id":"x"}"#,
        );
        assert_eq!(
            all,
            [
                "/client_id",
                "/domain",
                "/clientId",
                "/clientSecret",
                "/resources/1",
                "/statsLookbackDays",
                "/rateLimitShare"
            ]
        );
    }

    #[test]
    fn issues_say_how_to_mend() {
        let issues = read(r#"{"domain":"https://acme.auth0.com/","clientID":"x","clientSecret":{"$secret":"OTHER"},"resources":[]}"#).unwrap_err();
        let text = format!("{issues:?}");
        for wanted in [
            "`acme.auth0.com`",
            "did you mean `clientId`",
            "Provide the secret `OTHER`",
            "List one or more",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        assert_eq!(paths("[]"), [""]);
        assert_eq!(paths("{"), [""]);
    }

    #[test]
    fn only_hosts_of_auth0_are_domains() {
        for bad in [
            "auth0.com",
            ".auth0.com",
            "a..auth0.com",
            "acme.auth0.com.evil.org",
            "acme.auth0app.com",
            "a_b.auth0.com",
            "acme.auth0.com:443",
            "127.0.0.1",
        ] {
            assert_eq!(Domain::parse(bad), None, "{bad}");
        }
    }
}
