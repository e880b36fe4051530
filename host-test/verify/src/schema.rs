//! The schema of a configuration: whether it is valid, and what it accepts. Pure:
//! it loads nothing.

use std::error::Error;

use boon::{Compiler, Draft, SchemaIndex, Schemas, UrlLoader};
use serde_json::{Map, Value};

use super::findings::Findings;
use super::rule::Rule;
use rawdash_host::contract::About;
use rawdash_host::origins::OriginPattern;

/// The schema's own name while it is compiled; it is never loaded.
const LOCATION: &str = "https://connector.invalid/schema.json";

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A valid schema.
pub(super) struct Schema {
    value: Value,
    schemas: Schemas,
    index: SchemaIndex,
}

/// Reads the schema, and tests its rules.
pub(super) fn read(about: &About, findings: &mut Findings) -> Option<Schema> {
    for rule in [Rule::Schema, Rule::SchemaSecrets, Rule::SchemaOrigins] {
        findings.try_rule(rule);
    }
    let value: Value = match serde_json::from_str(&about.configuration_schema) {
        Ok(value) => value,
        Err(error) => {
            findings.wrong(Rule::Schema, format!("it is not JSON: {error}"));
            return None;
        }
    };
    if value.get("$schema").is_some_and(|draft| draft != DRAFT) {
        findings.wrong(Rule::Schema, format!("its `$schema` is not {DRAFT}"));
    }
    if value.get("type").is_none_or(|kind| kind != "object") {
        findings.wrong(Rule::Schema, "its type is not `object`");
    }
    check_properties(&value, "", findings);
    for origin in &about.origins {
        check_pointers(&value, origin, findings);
    }
    match compile(&value) {
        Ok((schemas, index)) => Some(Schema { value, schemas, index }),
        Err(error) => {
            findings.wrong(Rule::Schema, format!("it is not a JSON Schema: {error}"));
            None
        }
    }
}

impl Schema {
    /// Whether it accepts a configuration.
    pub(super) fn accepts(&self, configuration: &Value) -> bool {
        self.schemas.validate(configuration, self.index).is_ok()
    }

    /// Its objections to a configuration, in one line.
    pub(super) fn objection(&self, configuration: &Value) -> Option<String> {
        let error = self.schemas.validate(configuration, self.index).err()?;
        let lines = error.to_string();
        let reasons: Vec<&str> = lines.lines().skip(1).map(str::trim).collect();
        Some(reasons.join("; "))
    }

    /// Its properties.
    pub(super) fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        members(&self.value, "properties")
    }

    /// Whether it requires a property.
    pub(super) fn requires(&self, name: &str) -> bool {
        requires(&self.value, name)
    }
}

/// Loads nothing: a schema must contain everything that it refers to.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        Err(format!("it refers to {url}, and nothing is loaded").into())
    }
}

fn compile(value: &Value) -> Result<(Schemas, SchemaIndex), String> {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Nowhere));
    let one_line = |error: boon::CompileError| format!("{error:#}").replace('\n', "; ");
    compiler.add_resource(LOCATION, value.clone()).map_err(one_line)?;
    let index = compiler.compile(LOCATION, &mut schemas).map_err(one_line)?;
    Ok((schemas, index))
}

fn check_properties(schema: &Value, path: &str, findings: &mut Findings) {
    for (name, property) in members(schema, "properties") {
        let path = format!("{path}/{name}");
        let is_secret = members(property, "properties").any(|(name, _)| name == "$secret");
        let write_only = property.get("writeOnly") == Some(&Value::Bool(true));
        let described = property.get("description").and_then(Value::as_str);
        if described.is_none_or(|text| text.trim().is_empty()) && name != "$secret" {
            findings.wrong(Rule::Schema, format!("{path} has no description"));
        }
        if is_secret && !write_only {
            findings.wrong(Rule::SchemaSecrets, format!("{path} is not writeOnly"));
        }
        if write_only && !is_secret {
            let what = format!("{path} is writeOnly but not an object with `$secret`");
            findings.wrong(Rule::SchemaSecrets, what);
        }
        if is_secret {
            let alone = members(property, "properties").count() == 1;
            let closed = property.get("additionalProperties") == Some(&Value::Bool(false));
            if !alone || !closed || !requires(property, "$secret") {
                let what = format!("{path} may have other members than `$secret`, or lack it");
                findings.wrong(Rule::SchemaSecrets, what);
            }
        }
        check_properties(property, &path, findings);
    }
}

/// The braces of an origin must point to a string.
fn check_pointers(schema: &Value, origin: &str, findings: &mut Findings) {
    let Ok(pattern) = origin.parse::<OriginPattern>() else { return };
    for pointer in pattern.pointers() {
        let mut place = Some(schema);
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            place = place.and_then(|place| property(place, &name));
        }
        match place {
            None => {
                let what = format!("{origin} points to {pointer}, which the schema lacks");
                findings.wrong(Rule::SchemaOrigins, what);
            }
            Some(place) if place.get("type").is_none_or(|kind| kind != "string") => {
                let what = format!("{pointer} in {origin} is not a string");
                findings.wrong(Rule::SchemaOrigins, what);
            }
            Some(_) => {}
        }
    }
}

fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

fn members<'a>(schema: &'a Value, of: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    schema.get(of).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn requires(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
}
