//! What the connector is: told without configuration or network.

use serde_json::{Value, json};

use crate::resource::Resource;

/// Its id in rawdash's configuration.
pub const ID: &str = "auth0";
/// Its name.
pub const NAME: &str = "Auth0";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What it does.
pub const DESCRIPTION: &str = env!("CARGO_PKG_DESCRIPTION");
/// The one origin that it reaches: the configured tenant.
pub const ORIGIN: &str = "https://{/domain}";
/// What it tells Auth0 of itself.
pub const USER_AGENT: &str =
    concat!("rawdash-connector-auth0/", env!("CARGO_PKG_VERSION"), " (+https://rawdash.dev)");

/// A field's or dimension's name, and what it says.
pub type Described = (&'static str, &'static str);

/// What the manifest says of a resource beyond its names and scope.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// What it holds.
    pub text: &'static str,
    /// Method and path.
    pub endpoint: &'static str,
    /// Attributes.
    pub fields: &'static [Described],
    /// What tells samples of one day apart.
    pub dimensions: &'static [Described],
    /// What a sample counts, and how often: unit and granularity.
    pub metric: Option<(&'static str, &'static str)>,
}

/// Describes a resource.
pub fn describe(resource: Resource) -> Description {
    match resource {
        Resource::Users => Description {
            text: "The tenant's users, each with its state.",
            endpoint: "GET /api/v2/users",
            fields: &[
                ("email", "The e-mail address, or null."),
                (
                    "identityProvider",
                    "The provider of the first identity, such as auth0 or google-oauth2, or null.",
                ),
                ("lastLogin", "The last login, in Unix milliseconds, or null."),
                ("loginsCount", "How often the user logged in, or null before the first time."),
                ("blocked", "Whether the user is blocked."),
                ("createdAt", "The creation, in Unix milliseconds, or null."),
            ],
            dimensions: &[],
            metric: None,
        },
        Resource::LoginEvents => Description {
            text: "Successful logins (s), failed logins (f; fp when the password was wrong) and successful exchanges of a code for a token (seacft), from the tenant's log.",
            endpoint: "GET /api/v2/logs",
            fields: &[
                ("logId", "The id of the log row."),
                ("type", "The type of the log row: s, f, seacft or fp."),
                ("userId", "The user's id, or null."),
                ("ip", "The address that the login came from, or null."),
                ("connection", "The connection's name, or null."),
                ("strategy", "The connection's strategy, or null."),
            ],
            dimensions: &[],
            metric: None,
        },
        Resource::DailyActiveUsers => Description {
            text: "Logins and signups per UTC day, as Auth0 counts them. A quiet day may have no sample.",
            endpoint: "GET /api/v2/stats/daily",
            fields: &[],
            dimensions: &[("kind", "What is counted: logins or signups.")],
            metric: Some(("count", "1d")),
        },
    }
}

/// JSON Schema 2020-12 of the configuration, as text.
pub fn configuration_schema() -> String {
    let schema: Value = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Auth0",
        "description": "An Auth0 tenant, read through a Machine-to-Machine application.",
        "type": "object",
        "required": ["domain", "clientId", "clientSecret"],
        "additionalProperties": false,
        "properties": {
            "domain": {
                "title": "Domain",
                "description": "The tenant's own domain, without a scheme, such as acme.eu.auth0.com. Upper and lower case are the same.",
                "type": "string",
                "pattern": "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*\\.[Aa][Uu][Tt][Hh]0\\.[Cc][Oo][Mm]$"
            },
            "clientId": {
                "title": "Client ID",
                "description": "The Client ID of the Machine-to-Machine application.",
                "type": "string",
                "minLength": 1
            },
            "clientSecret": {
                "title": "Client Secret",
                "description": "A reference to the application's Client Secret.",
                "type": "object",
                "required": ["$secret"],
                "additionalProperties": false,
                "properties": { "$secret": { "title": "Name of the secret", "description": "The name under which the host keeps the secret.", "type": "string", "minLength": 1 } },
                "writeOnly": true
            },
            "resources": {
                "title": "Resources",
                "description": "What to sync; all of it when absent.",
                "type": "array",
                "minItems": 1,
                "items": { "enum": Resource::ALL.map(Resource::setting) }
            },
            "statsLookbackDays": {
                "title": "Days of statistics",
                "description": "How many days of statistics a full run reads, today included.",
                "type": "integer",
                "minimum": 1,
                "default": 30
            },
            "rateLimitShare": {
                "title": "Share of the rate limit",
                "description": "The part of the tenant's rate limit that a sync may use; the rest is left to the tenant's own production.",
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "default": 0.8
            }
        }
    });
    schema.to_string()
}
