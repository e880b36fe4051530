//! The source: `GET /things?page=N`, and what becomes of a thing.

use bare_contract::contract::{Edge, Entity, Event, Failure, Sample};
use bare_contract::http::Exchange;
use serde::Deserialize;
use serde_json::json;

use crate::fault;

/// A page of things.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) things: Vec<Thing>,
    /// The page after it, if any.
    pub(crate) next: Option<u64>,
}

/// All labels.
#[derive(Deserialize)]
pub(crate) struct Labels {
    pub(crate) labels: Vec<Label>,
}

#[derive(Deserialize)]
pub(crate) struct Label {
    id: String,
    at: i64,
}

#[derive(Deserialize)]
pub(crate) struct Thing {
    id: String,
    name: String,
    owner: String,
    pub(crate) at: i64,
}

/// Asks for a page.
pub(crate) fn page(host: &str, key: &str, page: u64) -> Result<Exchange, Failure> {
    let authorization = format!("Bearer {key}");
    Exchange::get(host, &format!("/things?page={page}"), &[("authorization", &authorization)])
}

/// Requests all labels.
pub(crate) fn labels(host: &str, key: &str) -> Result<Exchange, Failure> {
    let authorization = format!("Bearer {key}");
    Exchange::get(host, "/labels", &[("authorization", &authorization)])
}

/// The labels in an answer.
pub(crate) fn read_labels(exchange: Exchange) -> Result<Labels, Failure> {
    exchange.json().or_else(|failure: Failure| match failure.kind.as_str() {
        "upstream" if fault("page-is-empty") => Ok(Labels { labels: Vec::new() }),
        _ => Err(failure),
    })
}

impl Label {
    pub(crate) fn entity(&self) -> Entity {
        Entity::new(&self.id, self.at, &json!({}))
    }
}

impl Thing {
    pub(crate) fn numbered(number: i64) -> Thing {
        let (id, name, owner) = (format!("n{number}"), "a thing".to_owned(), "o".to_owned());
        Thing { id, name, owner, at: number }
    }

    pub(crate) fn entity(&self, key: &str) -> Entity {
        let attributes = match () {
            () if fault("undeclared-attribute") => json!({ "name": self.name, "colour": "red" }),
            () if fault("secret-in-record") => json!({ "name": key }),
            () => json!({ "name": self.name }),
        };
        Entity::new(&self.id, self.at, &attributes)
    }

    pub(crate) fn event(&self, generation: u64) -> Event {
        let id = match () {
            () if fault("again-doubles") => format!("seen-{}-{generation}", self.id),
            () if fault("changed-doubles") => format!("seen-{}-{}", self.id, self.name.len()),
            () if fault("clocked") => format!("seen-{}-{}", self.id, bare_contract::clock::now()),
            () => format!("seen-{}", self.id),
        };
        let start = if fault("timestamp") { -1 } else { self.at };
        let attributes = match fault("no-object") {
            true => "[]".to_owned(),
            false => json!({ "name": self.name }).to_string(),
        };
        Event { id, start, end: None, attributes }
    }

    pub(crate) fn edge(&self) -> Edge {
        Edge::new(("thing", &self.id), ("owner", &self.owner), self.at, &json!({}))
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        let dimensions = |kind: &str| match fault("no-dimension") {
            true => "{}".to_owned(),
            false => json!({ "kind": kind }).to_string(),
        };
        let sample = |kind, value| Sample { at: self.at, value, attributes: dimensions(kind) };
        vec![sample("seen", 1.0), sample("named", self.name.len() as f64)]
    }
}
