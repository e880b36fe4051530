//! The connector's configuration: read whole, every issue reported at once.

pub mod client_secret;
pub mod domain;
mod fields;
pub mod issues;
mod read;

use crate::resource::Resource;
use client_secret::ClientSecret;
use domain::Domain;
use issues::{Issue, Issues};

/// A valid configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The tenant.
    pub domain: Domain,
    /// The Machine-to-Machine application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// The resources to sync, in the manifest's order; never empty.
    pub resources: Vec<Resource>,
    /// How many days of statistics a full run reads, today included; at least 1.
    pub stats_lookback_days: u32,
    /// The part of the tenant's rate limit that a sync may use, above 0 up to 1.
    pub rate_limit_share: f64,
}

impl Configuration {
    /// Reads the configuration's JSON text; `secret` looks up a secret by the
    /// name in its reference.
    pub fn read<'a>(
        text: &str,
        secret: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Configuration, Vec<Issue>> {
        let mut issues = Issues::default();
        let Some(fields) = fields::read(text, &mut issues) else { return Err(issues.0) };
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
    fn the_least_configuration_syncs_everything() {
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
    fn every_issue_is_reported_at_once() {
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
    fn issues_include_a_fix() {
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
}
