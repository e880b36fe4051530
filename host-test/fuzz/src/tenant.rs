//! The tenant that every target is configured for, and its clock.

use auth0_connector_core::configuration::Configuration;
use auth0_connector_core::engine::timestamp::{DAY, Timestamp};
use serde_json::{Value, json};

/// The one host that may be asked.
pub(crate) const DOMAIN: &str = "acme.eu.auth0.com";
/// The secret. A fuzzer learns it from the comparisons that look for it, so
/// only what is said of a text without it can be held against the core.
pub(crate) const SECRET: &str = "s3cr3t0fAcme";
/// The token that its answers hold. Both are letters and digits alone, which a
/// checkpoint would hold as they are.
pub(crate) const TOKEN: &str = "t0k3n0fAcme";

/// 2026-03-01T12:00:00Z, when every run begins.
pub(crate) fn noon() -> Timestamp {
    Timestamp::AUTH0_BEGAN.later_by(4_807 * DAY + DAY / 2)
}

/// A configuration of the tenant; none where `fields` hold what is refused.
pub(crate) fn configured(fields: Value) -> Option<Configuration> {
    let mut whole = json!({
        "domain": DOMAIN,
        "clientId": "acme-client",
        "clientSecret": { "$secret": "NAME" },
    });
    if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, fields) {
        whole.extend(fields);
    }
    Configuration::read(&whole.to_string(), |_| Some(SECRET)).ok()
}
