//! `auth0_user`: a user as an entity.

use rawdash_connector_sdk::json::{Value, object};

use crate::api::user::{LONGEST_ID, UserRow};
use crate::records::text;
use rawdash_connector_sdk::contract::records::Entity;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// A row as an entity; `None` where it has no id that can be stored.
pub fn entity(row: &UserRow<'_>, anomalies: &mut Anomalies) -> Option<Entity> {
    let Some(id) = row.user_id.text("user_id", anomalies) else {
        anomalies.count("user_id", "is missing");
        return None;
    };
    if id.len() > LONGEST_ID {
        anomalies.count("user_id", "is too long");
        return None;
    }
    let created_at = row.created_at.timestamp("created_at", anomalies);
    let updated_at = row.updated_at.timestamp("updated_at", anomalies).or(created_at);
    let first_provider = row.first_provider(anomalies);
    let first_provider = first_provider.map(|provider| text(provider, "provider", anomalies));
    let identity_provider = match &first_provider {
        Some(provider) => provider.as_deref(),
        None => id.split_once('|').map(|(provider, _)| provider),
    };
    let identity_provider = identity_provider.filter(|provider| !provider.is_empty());
    let email = text(row.email, "email", anomalies);
    let last_login = row.last_login.timestamp("last_login", anomalies);
    let logins_count = row.logins_count.number("logins_count", anomalies).and_then(count);
    let blocked = row.blocked.flag("blocked", anomalies);
    let attributes = object! {
        "email": Value::Read(email.as_ref()),
        "identityProvider": Value::Text(identity_provider),
        "lastLogin": Value::Integer(last_login.map(Timestamp::millis)),
        "loginsCount": Value::Integer(logins_count),
        "blocked": Value::Flag(blocked),
        "createdAt": Value::Integer(created_at.map(Timestamp::millis)),
    };
    let updated_at = updated_at.unwrap_or(Timestamp::EPOCH);
    Some(Entity { attributes, updated_at, id: id.into_owned() })
}

/// A count; JavaScript cannot represent larger ones exactly.
fn count(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_connector_sdk::json::Raw;
    use rawdash_connector_sdk::json::object::FromObject;

    fn made(text: &str) -> (Option<Entity>, String) {
        let raw = Raw::read(text).unwrap();
        let mut anomalies = Anomalies::default();
        let row = UserRow::read(raw).unwrap();
        (entity(&row, &mut anomalies), anomalies.summary())
    }

    #[test]
    fn a_user_has_what_the_dashboards_count() {
        let (user, anomalies) = made(
            r#"{"user_id":"auth0|1","email":"a@b.c","identities":[{"provider":"google-oauth2"}],
                "last_login":"2021-09-03T07:08:20.562Z","logins_count":3,"blocked":true,
                "created_at":"2021-09-03T07:07:20.288Z","updated_at":"2021-09-03T07:08:20.562Z"}"#,
        );
        let user = user.unwrap();
        assert_eq!(anomalies, "");
        assert_eq!(user.updated_at.millis(), 1_630_652_900_562);
        assert_eq!(
            user.attributes,
            r#"{"email":"a@b.c","identityProvider":"google-oauth2","lastLogin":1630652900562,"loginsCount":3,"blocked":true,"createdAt":1630652840288}"#
        );
    }

    #[test]
    fn a_user_with_anomalies_is_stored_and_they_are_counted() {
        let (user, anomalies) = made(
            r#"{"user_id":7,"email":{"x":1},"identities":[],"created_at":{},"updated_at":"soon","blocked":"yes"}"#,
        );
        let user = user.unwrap();
        assert_eq!((user.id.as_str(), user.updated_at), ("7", Timestamp::EPOCH));
        assert_eq!(
            user.attributes,
            r#"{"email":null,"identityProvider":null,"lastLogin":null,"loginsCount":null,"blocked":false,"createdAt":null}"#
        );
        assert_eq!(
            anomalies,
            "blocked is not a boolean (1), created_at is not a date (1), email is not a string (1), updated_at is not a date (1)"
        );
    }

    #[test]
    fn without_identities_the_provider_is_in_the_id() {
        let (user, _) = made(r#"{"user_id":"samlp|x|y"}"#);
        assert!(user.unwrap().attributes.contains(r#""identityProvider":"samlp""#));
        assert_eq!(made(r#"{"user_id":""}"#), (None, "user_id is missing (1)".to_owned()));
    }

    #[test]
    fn what_a_host_would_refuse_for_its_length_is_left_out_and_counted() {
        let long = "x".repeat(LONGEST_ID + 1);
        assert_eq!(
            made(&format!(r#"{{"user_id":"{long}"}}"#)),
            (None, "user_id is too long (1)".to_owned())
        );
        let long = "x".repeat(1 << 20);
        let (user, anomalies) = made(&format!(r#"{{"user_id":"a|1","email":"{long}"}}"#));
        assert!(user.unwrap().attributes.starts_with(r#"{"email":null"#));
        assert_eq!(anomalies, "email is too long (1)");
    }
}
