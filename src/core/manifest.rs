//! How the connector describes itself, without configuration or network.

use crate::resource::Resource;

/// Its id in rawdash's configuration.
pub const ID: &str = "auth0";
/// Its name.
pub const NAME: &str = "Auth0";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The one origin that it sends requests to: the configured tenant.
pub const ORIGIN: &str = "https://{/domain}";
/// The `User-Agent` header.
pub const USER_AGENT: &str =
    concat!("rawdash-connector-auth0/", env!("CARGO_PKG_VERSION"), " (+https://rawdash.dev)");

/// An attribute or a dimension: its name and its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Described(pub &'static str, pub &'static str);

/// The description of a resource, beyond its names and scope.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// What it contains.
    pub text: &'static str,
    /// Method and path.
    pub endpoint: &'static str,
    /// Attributes.
    pub fields: &'static [Described],
    /// The dimensions by which samples of one day differ.
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
                Described("email", "The e-mail address, or null."),
                Described(
                    "identityProvider",
                    "The provider of the first identity, such as auth0 or google-oauth2, or null.",
                ),
                Described("lastLogin", "The last login, in Unix milliseconds, or null."),
                Described(
                    "loginsCount",
                    "How often the user logged in, or null before the first time.",
                ),
                Described("blocked", "Whether the user is blocked."),
                Described("createdAt", "The creation, in Unix milliseconds, or null."),
            ],
            dimensions: &[],
            metric: None,
        },
        Resource::LoginEvents => Description {
            text: "Successful logins (s), failed logins (f; fp when the password was wrong) and successful exchanges of a code for a token (seacft), from the tenant's log.",
            endpoint: "GET /api/v2/logs",
            fields: &[
                Described("logId", "The id of the log row."),
                Described("type", "The type of the log row: s, f, seacft or fp."),
                Described("userId", "The user's id, or null."),
                Described("ip", "The address that the login came from, or null."),
                Described("connection", "The connection's name, or null."),
                Described("strategy", "The connection's strategy, or null."),
            ],
            dimensions: &[],
            metric: None,
        },
        Resource::DailyActiveUsers => Description {
            text: "Logins and signups per UTC day, as Auth0 counts them. A quiet day may have no sample.",
            endpoint: "GET /api/v2/stats/daily",
            fields: &[],
            dimensions: &[Described("kind", "What is counted: logins or signups.")],
            metric: Some(("count", "1d")),
        },
    }
}

/// JSON Schema 2020-12 of the configuration.
pub const CONFIGURATION_SCHEMA: &str = include_str!("configuration/schema.json");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_lists_every_resource() {
        let schema: serde_json::Value = serde_json::from_str(CONFIGURATION_SCHEMA).unwrap();
        let offered = &schema["properties"]["resources"]["items"]["enum"];
        assert_eq!(*offered, serde_json::json!(Resource::ALL.map(Resource::setting)));
    }
}
