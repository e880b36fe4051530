//! The configuration's fields, before they are interpreted.

use serde_json::value::RawValue;

use super::issues::Issues;
use crate::json::cell::Cell;
use crate::json::object::FromObject;

/// The names of all fields.
pub(super) const NAMES: [&str; 6] =
    ["domain", "clientId", "clientSecret", "resources", "statsLookbackDays", "rateLimitShare"];

/// The fields, uninterpreted; `None` where a field is absent.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) domain: Option<Cell<'a>>,
    pub(super) client_id: Option<Cell<'a>>,
    pub(super) client_secret: Option<Cell<'a>>,
    pub(super) resources: Option<Cell<'a>>,
    pub(super) stats_lookback_days: Option<Cell<'a>>,
    pub(super) rate_limit_share: Option<Cell<'a>>,
    pub(super) unknown: Vec<String>,
}

impl<'a> FromObject<'a> for Fields<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        let field = match name {
            "domain" => &mut self.domain,
            "clientId" => &mut self.client_id,
            "clientSecret" => &mut self.client_secret,
            "resources" => &mut self.resources,
            "statsLookbackDays" => &mut self.stats_lookback_days,
            "rateLimitShare" => &mut self.rate_limit_share,
            _ => return self.unknown.push(name.to_owned()),
        };
        *field = Some(value);
    }
}

/// A reference to a secret.
#[derive(Default)]
pub(super) struct Reference<'a> {
    pub(super) name: Cell<'a>,
    pub(super) has_others: bool,
}

impl<'a> FromObject<'a> for Reference<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "$secret" => self.name = value,
            _ => self.has_others = true,
        }
    }
}

/// The fields of the configuration's JSON text.
pub(super) fn read<'a>(text: &'a str, issues: &mut Issues) -> Option<Fields<'a>> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => {
            let fields = Fields::read(raw);
            if fields.is_none() {
                issues.add("", "Make the configuration a JSON object with `domain`, `clientId` and `clientSecret`.");
            }
            fields
        }
        Err(error) => {
            issues.add(
                "",
                format!(
                    "Fix the JSON at line {}, column {}: it cannot be read.",
                    error.line(),
                    error.column()
                ),
            );
            None
        }
    }
}
