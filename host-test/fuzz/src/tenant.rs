//! The tenant that every target is configured for, and its clock.

use auth0_connector::Auth0;
use rawdash_connector_sdk::contract::configuration::{ConfigureError, Configured};
use rawdash_connector_sdk::engine::Engine;
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde_json::{Value, json};

/// The only host that requests may go to.
pub(crate) const DOMAIN: &str = "acme.eu.auth0.com";
/// The secret. A fuzzer learns it from the comparisons that look for it, so an
/// input that contains it proves nothing.
pub(crate) const SECRET: &str = "s3cr3t0fAcme";
/// The token in the tenant's answers. Like the secret, it has letters and digits
/// alone, which a checkpoint would contain unencoded.
pub(crate) const TOKEN: &str = "t0k3n0fAcme";

/// The resources, in the manifest's order: name and setting.
pub(crate) const RESOURCES: [(&str, &str); 3] = [
    ("auth0_user", "users"),
    (LOGIN_EVENTS, "login_events"),
    ("auth0_daily_active_users", "daily_active_users"),
];
/// The name of login events.
pub(crate) const LOGIN_EVENTS: &str = "auth0_login_event";

/// 2026-03-01T12:00:00Z, when every sync begins.
pub(crate) fn noon() -> Timestamp {
    Timestamp::from_millis(1_772_366_400_000).unwrap_or(Timestamp::EPOCH)
}

/// The text of a configuration of the tenant, with these further fields.
pub(crate) fn configuration(fields: Value) -> String {
    let mut whole = json!({
        "domain": DOMAIN,
        "clientId": "acme-client",
        "clientSecret": { "$secret": "NAME" },
    });
    if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, fields) {
        whole.extend(fields);
    }
    whole.to_string()
}

/// An engine of the tenant.
pub(crate) fn engine(
    configuration: &str,
    checkpoint: Option<&str>,
) -> Result<(Engine<Auth0>, Configured), ConfigureError> {
    Engine::configure(configuration, &|_| Some(SECRET.to_owned()), checkpoint)
}
