//! What the connector is configured with.

use rawdash_connector_sdk::config::{Choice, Configuration, Form, Host, Secret, Text};

use crate::api::log_type;

/// Nothing is older than Auth0, so more days mean the same.
const MOST_LOOKBACK_DAYS: i64 = 100_000;

/// One of the words of the configuration's `resources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting(pub &'static str);

/// The settings of the resources.
pub const USERS: Setting = Setting("users");
/// The setting of login events.
pub const LOGIN_EVENTS: Setting = Setting("login_events");
/// The setting of daily statistics.
pub const DAILY_ACTIVE_USERS: Setting = Setting("daily_active_users");

const SETTINGS: &[(&str, Setting)] =
    &[("users", USERS), ("login_events", LOGIN_EVENTS), ("daily_active_users", DAILY_ACTIVE_USERS)];

/// A valid configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Auth0Configuration {
    /// The tenant.
    pub domain: Host,
    /// The Machine-to-Machine application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The resources to sync; never empty.
    pub resources: Vec<Setting>,
    /// How many days of statistics a full run reads, today included; at least 1.
    pub stats_lookback_days: i64,
    /// The part of the tenant's rate limit that a sync may use, above 0 up to 1.
    pub rate_limit_share: f64,
    /// The types of log rows that are stored.
    pub log_types: Vec<String>,
}

impl Configuration for Auth0Configuration {
    const TITLE: &'static str = "Auth0";
    const DESCRIPTION: &'static str =
        "An Auth0 tenant, read through a Machine-to-Machine application.";

    fn declare(form: &mut Form<'_>) -> Auth0Configuration {
        Auth0Configuration {
            domain: form
                .host("domain", "the tenant's own domain")
                .under("auth0.com", "custom domains are not supported")
                .such_as("acme.eu.auth0.com")
                .required(),
            client_id: form
                .text("clientId", "the Client ID of the Machine-to-Machine application")
                .title("Client ID")
                .required(),
            client_secret: form
                .secret("clientSecret", "the application's Client Secret")
                .such_as("AUTH0_CLIENT_SECRET")
                .required(),
            resources: form
                .list("resources", "what to sync; all of it when absent", Choice::of(SETTINGS))
                .or_all(),
            stats_lookback_days: form
                .whole(
                    "statsLookbackDays",
                    "how many days of statistics a full run reads, today included",
                )
                .title("Days of statistics")
                .from(1)
                .or(30)
                .min(MOST_LOOKBACK_DAYS),
            rate_limit_share: form
                .number(
                    "rateLimitShare",
                    "the part of the tenant's rate limit that a sync may use; the rest is left to the tenant's own production",
                )
                .title("Share of the rate limit")
                .above(0.0)
                .up_to(1.0)
                .or(0.8),
            log_types: form
                .list("logTypes", "the codes of the log types that are stored", Text::new())
                .or(log_type::DEFAULT.map(str::to_owned).to_vec()),
        }
    }
}

impl Auth0Configuration {
    /// The audience of the tenant's Management API.
    pub fn audience(&self) -> String {
        format!("https://{}/api/v2/", self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_connector_sdk::config::{self, Issue};

    fn read(text: &str) -> Result<Auth0Configuration, Vec<Issue>> {
        config::read(text, &|name| (name == "SECRET").then(|| "hush".to_owned()))
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
        assert_eq!(read.audience(), "https://acme.eu.auth0.com/api/v2/");
        assert_eq!(read.resources, [USERS, LOGIN_EVENTS, DAILY_ACTIVE_USERS]);
        assert_eq!((read.stats_lookback_days, read.rate_limit_share), (30, 0.8));
        assert_eq!(read.log_types, ["s", "f", "seacft", "fp"]);
        assert!(!format!("{read:?}").contains("hush"), "the secret is not printed");
    }

    #[test]
    fn every_issue_is_reported_at_once() {
        let all = paths(
            r#"{"domain":"https://acme.auth0.com/","clientSecret":"plain","resources":["users","logs"],
                "statsLookbackDays":1.5,"rateLimitShare":0,"client_id":"x","logTypes":[]}"#,
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
                "/rateLimitShare",
                "/logTypes"
            ]
        );
    }

    #[test]
    fn issues_include_a_fix() {
        let issues = read(r#"{"domain":"https://acme.auth0.com/","clientID":"x","clientSecret":{"$secret":"OTHER"},"resources":[]}"#).unwrap_err();
        let text = format!("{issues:?}");
        for wanted in ["`acme.auth0.com`", "did you mean `clientId`", "`OTHER`", "List one or more"]
        {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }

    #[test]
    fn only_hosts_of_auth0_are_domains() {
        for bad in ["auth0.com", "acme.auth0.com.evil.org", "acme.auth0app.com", "127.0.0.1"] {
            let text = format!(
                r#"{{"domain":"{bad}","clientId":"x","clientSecret":{{"$secret":"SECRET"}}}}"#
            );
            assert_eq!(paths(&text), ["/domain"], "{bad}");
        }
    }
}
