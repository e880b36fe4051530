//! The JSON of a log row.

use super::people::Person;
use super::types::{LogType, Subject};
use crate::instant::rfc3339;
use crate::random::Random;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

/// What a log row is written from.
#[derive(Debug)]
pub(crate) struct LogRow<'a> {
    pub(crate) log_id: &'a str,
    pub(crate) date: i64,
    pub(crate) kind: &'a LogType,
    pub(crate) person: Option<&'a Person>,
    /// The seed of addresses, agents and details.
    pub(crate) noise: u64,
}

/// How a row writes a key that has no value. Auth0 does all three.
#[derive(Clone, Copy, Default)]
enum Unset {
    #[default]
    Omitted,
    Null,
    Empty,
}

impl LogRow<'_> {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for LogRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut random = Random::new(self.noise);
        let unset = random.pick(&[Unset::Omitted, Unset::Null, Unset::Empty]);
        let person = self.person.filter(|_| self.kind.subject == Subject::User);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("date", &rfc3339(self.date))?;
        map.serialize_entry("type", self.kind.code)?;
        map.serialize_entry("description", self.kind.description)?;
        text(&mut map, unset, "connection", person.map(|of| &of.connection))?;
        let client = random.below(4);
        let has_client = self.kind.code != "sdu" && self.kind.code != "limit_wc";
        let client_id = has_client.then(|| format!("client{client}WC5ESxuFU9JEQOQNnUskg3Lr5"));
        text(&mut map, unset, "client_id", client_id.as_ref())?;
        let client_name = has_client.then(|| format!("Application {client}"));
        text(&mut map, unset, "client_name", client_name.as_ref())?;
        map.serialize_entry("ip", &format!("198.51.100.{}", random.below(256)))?;
        map.serialize_entry("user_agent", "Chrome 126.0.0 / Mac OS X 10.15.7")?;
        match details(self.kind.code, &mut random) {
            Some(details) => map.serialize_entry("details", &details)?,
            None if matches!(unset, Unset::Null) => map.serialize_entry("details", &())?,
            None => {}
        }
        text(&mut map, unset, "user_id", person.map(|of| &of.user_id))?;
        let unknown_name = (self.kind.subject == Subject::UnknownName)
            .then(|| format!("nobody.{}@example.com", self.noise % 1_000));
        let user_name = person.map(|of| &of.user_name).or(unknown_name.as_ref());
        text(&mut map, unset, "user_name", user_name)?;
        match random.below(3) {
            0 => map.serialize_entry("scope", "openid profile email")?,
            1 => map.serialize_entry("scope", &["openid", "profile"])?,
            _ if matches!(unset, Unset::Null) => map.serialize_entry("scope", &())?,
            _ => {}
        }
        map.serialize_entry("strategy", "auth0")?;
        map.serialize_entry("strategy_type", "database")?;
        map.serialize_entry("log_id", self.log_id)?;
        map.serialize_entry("_id", self.log_id)?;
        map.serialize_entry("isMobile", &random.chance(30))?;
        map.serialize_entry("$event_schema", &json!({"version": "1.0.0"}))?;
        map.end()
    }
}

fn text<M: SerializeMap>(
    map: &mut M,
    unset: Unset,
    key: &str,
    value: Option<&String>,
) -> Result<(), M::Error> {
    match (value, unset) {
        (Some(value), _) => map.serialize_entry(key, value),
        (None, Unset::Omitted) => Ok(()),
        (None, Unset::Null) => map.serialize_entry(key, &()),
        (None, Unset::Empty) => map.serialize_entry(key, ""),
    }
}

/// A row `sapi` contains all scopes of its caller, which are many.
const CALLER_SCOPES: [&str; 4] = ["read:users", "update:users", "create:users", "read:logs"];

fn details(code: &str, random: &mut Random) -> Option<Value> {
    match code {
        "s" => Some(json!({
            "prompts": [{"name": "prompt-authenticate", "identity": random.hex(24), "elapsedTime": random.below(9_000)}],
            "completedAt": 1_700_000_000_000_u64 + random.below(1_000_000),
            "elapsedTime": random.below(20_000),
            "session_id": random.letters(32),
            "stats": {"loginsCount": 1 + random.below(400)},
        })),
        "f" | "fp" | "fu" | "fs" | "fcp" => {
            Some(json!({"error": {"message": "Wrong email or password."}}))
        }
        "sapi" => Some(json!({
            "request": {
                "method": "patch",
                "path": "/api/v2/users/auth0%7C1",
                "body": {"password": "*****", "app_metadata": {"note": random.letters(40)}},
                "auth": {"credentials": {"scopes": CALLER_SCOPES.repeat(20)}},
            },
            "response": {"statusCode": 200},
        })),
        _ => None,
    }
}
