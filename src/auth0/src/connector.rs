//! The connector, as the engine knows it.

use rawdash_connector_sdk::authentication::{AccessToken, Authentication, TokenAnswer};
use rawdash_connector_sdk::config::{self, Issue, Secrets};
use rawdash_connector_sdk::connector::{Connector, Verdict};
use rawdash_connector_sdk::contract::manifest::{Documentation, Identity, ResourceInfo};
use rawdash_connector_sdk::http::reply::Answer;
use rawdash_connector_sdk::http::request::{Group, Request};
use rawdash_connector_sdk::resource::{Listed, listed};

use crate::api::{refusal, request, token};
use crate::configuration::{Auth0Configuration, Setting};
use crate::resources::Shared;
use crate::resources::daily_active_users::DailyActiveUsers;
use crate::resources::login_events::LoginEvents;
use crate::resources::users::Users;

/// The `User-Agent` header.
const USER_AGENT: &str =
    concat!("rawdash-connector-auth0/", env!("CARGO_PKG_VERSION"), " (+https://rawdash.dev)");

/// The connector, configured for a tenant.
#[derive(Debug)]
pub struct Auth0 {
    /// What it is configured with.
    pub configuration: Auth0Configuration,
}

impl Connector for Auth0 {
    type Shared = Shared;

    fn identity() -> Identity {
        Identity {
            id: "auth0",
            name: "Auth0",
            version: env!("CARGO_PKG_VERSION"),
            description: "Syncs users, login events and daily statistics of an Auth0 tenant into rawdash, as a WebAssembly component.",
            origins: vec!["https://{/domain}".to_owned()],
            configuration_schema: config::schema::<Auth0Configuration>(),
            documentation: documentation(),
            user_agent: USER_AGENT,
        }
    }

    fn resources() -> Vec<Listed<Auth0>> {
        vec![listed(Users), listed(LoginEvents), listed(DailyActiveUsers)]
    }

    fn configure(configuration: &str, secrets: Secrets<'_>) -> Result<Auth0, Vec<Issue>> {
        Ok(Auth0 { configuration: config::read(configuration, secrets)? })
    }

    fn allows(&self, resource: &ResourceInfo) -> bool {
        let mut settings = self.configuration.resources.iter();
        settings.any(|Setting(setting)| resource.setting.as_deref() == Some(setting))
    }

    fn host(&self) -> &str {
        self.configuration.domain.as_str()
    }

    fn authentication(&mut self) -> &mut dyn Authentication {
        self
    }

    fn groups() -> Group {
        request::GROUPS
    }

    fn rate_limit_share(&self) -> f64 {
        self.configuration.rate_limit_share
    }

    fn judge(&self, resource: &ResourceInfo, request: &Request, answer: &Answer) -> Verdict {
        refusal::judge(resource, request, answer)
    }
}

/// The client credentials grant, with Auth0's own refusals.
impl Authentication for Auth0 {
    fn token_request(&self) -> Option<Request> {
        Some(token::request(&self.configuration))
    }

    fn read_token(&mut self, answer: &Answer) -> TokenAnswer {
        token::judge(self.host(), answer)
    }

    fn authorize(&self, request: &mut Request, token: Option<&AccessToken>) {
        if let Some(token) = token {
            let value = format!("Bearer {}", token.reveal());
            request.headers.push(("authorization".to_owned(), value));
        }
    }
}

fn documentation() -> Documentation {
    let list = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Documentation {
        category: "security".to_owned(),
        tagline: "Users, logins and signups of an Auth0 tenant.".to_owned(),
        vendor_name: "Auth0".to_owned(),
        vendor_domain: "auth0.com".to_owned(),
        api_docs: Some("https://auth0.com/docs/api/management/v2".to_owned()),
        brand_color: Some("#EB5424".to_owned()),
        auth_summary: "A Machine-to-Machine application with the client credentials grant."
            .to_owned(),
        auth_setup: list(&[
            "In the Auth0 dashboard, open Applications → Applications and create an application of the type Machine to Machine.",
            "Authorize it for the Auth0 Management API (Applications → APIs → Auth0 Management API → Machine to Machine Applications).",
            "Grant it the scopes of the resources that you sync: read:users for users, read:logs for login_events, read:stats for daily_active_users.",
            "Copy the Domain, the Client ID and the Client Secret from the application's Settings tab.",
            "Store the Client Secret as a secret and configure its name: clientSecret: { \"$secret\": \"AUTH0_CLIENT_SECRET\" }.",
        ]),
        rate_limit: Some(
            "Requests are spaced so that they stay within 80 % of the tenant's rate limit, or the configured share."
                .to_owned(),
        ),
        limitations: list(&[
            "Auth0 keeps its log for 1 to 30 days, depending on the plan: older events cannot be read.",
            "Custom domains are not supported.",
        ]),
    }
}
