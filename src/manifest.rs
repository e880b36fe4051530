//! What the connector is: told without configuration or network.

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
pub const CONFIGURATION_SCHEMA: &str = include_str!("configuration.schema.json");

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_resource_that_the_schema_lacks_could_not_be_configured() {
        let schema: Value = serde_json::from_str(CONFIGURATION_SCHEMA).unwrap();
        let listed: Vec<_> = schema["properties"]["resources"]["items"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(listed, Resource::ALL.map(Resource::setting));
    }
}
