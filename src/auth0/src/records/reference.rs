//! Any page becomes exactly the records that a simple reference expects.

use crate::api::daily;
use crate::api::log;
use crate::api::log_type;
use crate::api::user::UsersPage;
use crate::records::{daily_active_users, login_event, user};
use proptest::prelude::*;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The reference: what JavaScript would make of a member, absent as null.
fn text(row: &Value, name: &str) -> Value {
    match &row[name] {
        Value::String(text) if !text.is_empty() => json!(text),
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(flag) => json!(flag.to_string()),
        _ => Value::Null,
    }
}

fn millis(row: &Value, name: &str) -> Value {
    let date = row[name].as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let millis = date.map(|date| date.unix_timestamp_nanos().div_euclid(1_000_000) as i64);
    millis.filter(|millis| *millis >= 0).map_or(Value::Null, Value::from)
}

fn number(row: &Value, name: &str) -> Value {
    match &row[name] {
        Value::Number(number) => json!(number),
        Value::String(text) => text.parse::<i64>().map_or(Value::Null, Value::from),
        _ => Value::Null,
    }
}

fn user_wanted(row: &Value) -> Option<Value> {
    let id = text(row, "user_id");
    let before_bar = id.as_str()?.split_once('|').map(|(provider, _)| provider);
    let provider = match row["identities"].as_array().and_then(|list| list.first()) {
        Some(first @ Value::Object(_)) => text(first, "provider"),
        _ => before_bar.filter(|text| !text.is_empty()).map_or(Value::Null, Value::from),
    };
    let blocked = matches!(row["blocked"].to_string().as_str(), "true" | "1" | "\"true\"");
    let created = millis(row, "created_at");
    let updated = millis(row, "updated_at");
    let updated = if updated.is_null() { created.clone() } else { updated };
    Some(json!({
        "id": id,
        "updated_at": updated.as_i64().unwrap_or(0),
        "attributes": {
            "email": text(row, "email"),
            "identityProvider": provider,
            "lastLogin": millis(row, "last_login"),
            "loginsCount": number(row, "logins_count"),
            "blocked": blocked,
            "createdAt": created,
        },
    }))
}

fn event_wanted(row: &Value) -> Option<Value> {
    let kind = text(row, "type");
    if !["s", "f", "seacft", "fp"].contains(&kind.as_str()?) {
        return None;
    }
    let id = |name| {
        let id = text(row, name);
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        id.as_str().is_some_and(|id| id.chars().all(legal)).then_some(id)
    };
    let id = id("log_id").or_else(|| id("_id"))?;
    let start = millis(row, "date");
    start.as_i64()?;
    Some(json!({
        "id": id,
        "start": start,
        "attributes": {
            "logId": id,
            "type": kind,
            "userId": text(row, "user_id"),
            "ip": text(row, "ip"),
            "connection": text(row, "connection"),
            "strategy": text(row, "strategy"),
        },
    }))
}

fn samples_wanted(row: &Value) -> Vec<Value> {
    let at = millis(row, "date");
    let kinds = ["logins", "signups"].into_iter().filter(|_| at.is_i64());
    let sample = |kind: &str| {
        let value = number(row, kind).as_f64()?;
        Some(json!({ "at": at, "value": value, "attributes": { "kind": kind } }))
    };
    kinds.filter_map(sample).collect()
}

fn parsed(attributes: &str) -> Value {
    serde_json::from_str(attributes).unwrap()
}

/// A member's value: what belongs there, or anything else.
fn value() -> impl Strategy<Value = Option<Value>> {
    let date = (0i64..4_000_000_000_000).prop_map(|at| {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).unwrap();
        json!(at.format(&Rfc3339).unwrap())
    });
    prop_oneof![
        Just(None),
        prop_oneof![
            4 => date,
            1 => Just(Value::Null),
            1 => Just(json!("")),
            1 => any::<bool>().prop_map(Value::from),
            2 => (0i64..1_000_000_000).prop_map(Value::from),
            1 => (0i64..1_000).prop_map(|number| json!(number.to_string())),
            3 => "[a-z0-9]{1,8}\\|[a-z0-9]{1,9}".prop_map(Value::from),
            2 => "[\\PC\"\\\\]{1,12}".prop_map(Value::from),
            2 => "s|f|fp|seacft|sapi".prop_map(Value::from),
            1 => Just(json!({ "$date": "2026-03-01T12:00:00.000Z" })),
            1 => Just(json!([])),
            1 => Just(json!(["auth0"])),
            2 => "[a-z]{1,9}".prop_map(|provider| json!([{ "provider": provider }, { "provider": "x" }])),
            1 => Just(json!([{ "connection": "x" }])),
        ]
        .prop_map(Some),
    ]
}

fn rows(members: &'static [&'static str]) -> impl Strategy<Value = Vec<Value>> {
    let row = proptest::collection::vec(value(), members.len()).prop_map(move |values| {
        let members = members.iter().map(|name| (*name).to_owned()).zip(values);
        let set = members.filter_map(|(name, value)| Some((name, value?)));
        Value::Object(set.collect::<Map<_, _>>())
    });
    proptest::collection::vec(row, 0..20)
}

proptest! {
    #[test]
    fn any_page_of_users_becomes_the_users_that_it_holds(rows in rows(&[
        "user_id", "email", "identities", "last_login", "logins_count", "blocked", "created_at",
        "updated_at", "name",
    ])) {
        let body = json!({ "start": 0, "limit": 100, "users": rows, "total": rows.len() });
        let body = body.to_string();
        let page = UsersPage::read(&body).unwrap();
        let made = page.rows.iter().filter_map(|row| {
            let user = user::entity(row.as_ref().unwrap(), &mut Anomalies::default())?;
            Some(json!({
                "id": user.id,
                "updated_at": user.updated_at.millis(),
                "attributes": parsed(&user.attributes),
            }))
        });
        let wanted: Vec<_> = rows.iter().filter_map(user_wanted).collect();
        prop_assert_eq!(made.collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn any_page_of_the_log_becomes_the_events_that_it_holds(rows in rows(&[
        "log_id", "_id", "date", "type", "user_id", "ip", "connection", "strategy", "details",
    ])) {
        let body = json!(rows).to_string();
        let page = log::read_page(&body).unwrap();
        let types = log_type::DEFAULT.map(str::to_owned);
        let made = page.iter().filter_map(|row| {
            let event = {
                let row = row.as_ref().unwrap();
                login_event::event(row, &row.kind()?, &types, &mut Anomalies::default())?
            };
            Some(json!({
                "id": event.id,
                "start": event.start.millis(),
                "attributes": parsed(&event.attributes),
            }))
        });
        let wanted: Vec<_> = rows.iter().filter_map(event_wanted).collect();
        prop_assert_eq!(made.collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn any_page_of_statistics_becomes_the_samples_that_it_holds(
        rows in rows(&["date", "logins", "signups", "leaked_passwords"]),
    ) {
        let body = json!(rows).to_string();
        let page = daily::read_page(&body).unwrap();
        let always = (Timestamp::from_millis(0).unwrap(), Timestamp::from_millis(i64::pow(2, 42)).unwrap());
        let made = page.iter().flat_map(|row| {
            let row = row.as_ref().unwrap();
            daily_active_users::samples(row, always, &mut Anomalies::default()).into_iter().flatten()
        });
        let made = made.map(|sample| json!({
            "at": sample.at.millis(),
            "value": sample.value,
            "attributes": parsed(&sample.attributes),
        }));
        let wanted: Vec<_> = rows.iter().flat_map(samples_wanted).collect();
        prop_assert_eq!(made.collect::<Vec<_>>(), wanted);
    }
}
