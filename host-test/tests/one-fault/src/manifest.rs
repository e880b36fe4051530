//! The description, right but for one fault.

use bare_contract::contract::{About, Documentation, Manifest, ResourceInfo, Shape};
use serde_json::{Value, json};

use crate::{NAMES, OneFault, fault};

impl Manifest for OneFault {
    fn describe() -> About {
        if fault("describe-sends") {
            let _ = crate::source::page("things.example", "", 0);
        }
        about()
    }
}

/// The manifest, without a request.
pub(crate) fn about() -> About {
    let either = |name: &str, wrong: &str, right: &str| {
        if fault(name) { wrong.to_owned() } else { right.to_owned() }
    };
    let origin = match () {
        () if fault("plain-http") => "http://{/host}",
        () if fault("points-nowhere") => "https://{/domain}",
        () => "https://{/host}",
    };
    About {
        id: either("id", "One Fault", "one-fault"),
        name: "One fault".to_owned(),
        version: either("version", "one", "1.0.0"),
        description: "Keeps every rule but one.".to_owned(),
        origins: vec![origin.to_owned()],
        configuration_schema: either("schema-text", "{", &schema().to_string()),
        resources: resources(),
        documentation: documentation(),
    }
}

fn documentation() -> Documentation {
    let tagline = if fault("no-tagline") { "" } else { "Things, for tests." };
    Documentation {
        category: "test".to_owned(),
        tagline: tagline.to_owned(),
        vendor_name: "Things".to_owned(),
        vendor_domain: "things.example".to_owned(),
        api_docs: None,
        brand_color: None,
        auth_summary: "A key, sent as a bearer token.".to_owned(),
        auth_setup: vec!["Make up a key.".to_owned()],
        rate_limit: None,
        limitations: Vec::new(),
    }
}

fn resources() -> Vec<ResourceInfo> {
    let resource = |name, setting, shape, description| {
        ResourceInfo::new(name, setting, shape, "GET /things", description)
    };
    let [thing, event, count, owner, label] = NAMES;
    let event = if fault("name-twice") { thing } else { event };
    let described = if fault("undescribed-field") { "" } else { "What it is called." };
    let counted = resource(count, "counts", Shape::Metric, "How often it was seen.")
        .with("kind", "What is counted.");
    vec![
        resource(thing, "things", Shape::Entity, "Things.").with("name", described),
        resource(event, "events", Shape::Event, "When a thing was seen.")
            .with("name", "What the thing was called."),
        if fault("no-granularity") {
            counted.measured("count", "daily")
        } else {
            counted.measured("count", "1d")
        },
        resource(owner, "owners", Shape::Edge, "Whose a thing is."),
        ResourceInfo::new(label, "labels", Shape::Entity, "GET /labels", "Labels."),
    ]
}

fn schema() -> Value {
    let kind = if fault("schema-type") { "objekt" } else { "object" };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": kind,
        "required": ["host", "key"],
        "additionalProperties": false,
        "properties": {
            "host": { "type": "string", "minLength": 1, "description": "The host name." },
            "key": {
                "description": "A reference to the key.",
                "type": "object",
                "required": ["$secret"],
                "additionalProperties": false,
                "properties": { "$secret": { "type": "string", "minLength": 1 } },
                "writeOnly": !fault("readable-secret"),
            },
        },
    })
}
