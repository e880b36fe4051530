//! A component that misbehaves as its configuration asks:
//! `{"host": …, "misdeed": …}`, and more for some misdeeds. Without a misdeed
//! it returns one event and is done. Three are no
//! misdeeds but rare: `resumed`, `postponed` and `resource-failed`.
#![cfg(target_family = "wasm")]

mod batches;
mod requests;

use std::cell::{Cell, RefCell};

use bindings::exports::rawdash::connector::{check, connector::*, manifest};
use serde_json::{Value, json};

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "plugin",
        pub_export_macro: false,
        with: {
            "wasi:clocks/monotonic-clock@0.2.12": wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.12": wasi::clocks::wall_clock,
            "wasi:http/outgoing-handler@0.2.12": wasi::http::outgoing_handler,
            "wasi:http/types@0.2.12": wasi::http::types,
            "wasi:io/error@0.2.12": wasi::io::error,
            "wasi:io/poll@0.2.12": wasi::io::poll,
            "wasi:io/streams@0.2.12": wasi::io::streams,
        },
    });
    use super::Hostile;
    export!(Hostile);
}

struct Hostile;

thread_local! {
    static CONFIGURATION: RefCell<Value> = const { RefCell::new(Value::Null) };
    static SECRET: RefCell<String> = const { RefCell::new(String::new()) };
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// A text of the configuration.
pub(crate) fn setting(name: &str) -> String {
    CONFIGURATION.with_borrow(|value| value[name].as_str().unwrap_or_default().to_owned())
}

/// An origin that the manifest declares once there is a configuration.
fn declared_later() -> Option<String> {
    Some(setting("declared-later")).filter(|origin| !origin.is_empty())
}

/// The secret that it was configured with.
pub(crate) fn secret() -> String {
    SECRET.with_borrow(Clone::clone)
}

/// The resources, in the order in which their runs begin.
const NAMES: [&str; 3] = ["event", "entity", "metric"];

impl Guest for Hostile {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        _: Option<String>,
    ) -> Result<Configured, ConfigureError> {
        CONFIGURATION.set(serde_json::from_str(&text).unwrap_or(Value::Null));
        SECRET.set(secrets.first().map(|secret| secret.value.clone()).unwrap_or_default());
        STEPS.set(0);
        let host = match setting("misdeed").as_str() {
            "origin-beyond" => "evil.example".to_owned(),
            _ => setting("host"),
        };
        let about = <Hostile as manifest::Guest>::describe();
        let mut resources = about.resources;
        if let Some(listed) =
            CONFIGURATION.with_borrow(|value| value["resources"].as_array().cloned())
        {
            resources.retain(|resource| listed.iter().any(|name| *name == resource.name));
        }
        if setting("misdeed") == "configured-more" {
            resources.push(resource("elsewhere", manifest::Shape::Event));
        }
        let origins = [format!("https://{host}")].into_iter().chain(declared_later()).collect();
        Ok(Configured { resources, origins })
    }

    fn sync(request: Request) -> Result<Step, Failure> {
        let step = Hostile::step(&request);
        if step.is_err() {
            // The next call begins a sync.
            STEPS.set(0);
        }
        step
    }

    fn checkpoint() -> Result<String, Failure> {
        match setting("misdeed").as_str() {
            "secret-in-checkpoint" => Ok(secret()),
            "large-checkpoint" => Ok("x".repeat((1 << 20) + 1)),
            _ => Ok(STEPS.get().to_string()),
        }
    }
}

impl Hostile {
    fn step(request: &Request) -> Result<Step, Failure> {
        let step = STEPS.replace(STEPS.get() + 1);
        let misdeed = setting("misdeed");
        let (step, misdeed) = match (step, misdeed.as_str()) {
            (0, "no-beginning") => return Ok(Step::Done),
            (0, "no-run") => return Ok(Step::Batches(batches::of(""))),
            (0, "auto-run") => return Ok(began("event", Mode::Auto, false)),
            (0, "unwanted-run") => return Ok(began("metric", Mode::Latest, false)),
            (3, "resumed-alone") => return Ok(Step::Done),
            (0, "resumed" | "resumed-alone") => return Ok(began("event", Mode::Full, true)),
            (1, "resumed" | "resumed-alone") => return Ok(Step::Batches(batches::of(""))),
            (2, "resumed" | "resumed-alone") => return Ok(ended("event", Ending::Complete)),
            (step, "resumed") => (step - 3, ""),
            (step, misdeed) => (step, misdeed),
        };
        let wanted: Vec<&str> = NAMES.into_iter().filter(|name| wants(request, name)).collect();
        let (step, runs) = (usize::try_from(step).unwrap_or(usize::MAX), wanted.len());
        match misdeed {
            _ if step < runs => {
                let name = wanted.get(step).copied().unwrap_or_default();
                Ok(began(name, Mode::Latest, false))
            }
            "stage-for-ever" => Ok(Step::Batches(vec![batches::staged(step as u64)])),
            "rest-for-ever" => Ok(Step::Wait(Pause { milliseconds: 0, cause: None })),
            "nothing-for-ever" => Ok(Step::Batches(Vec::new())),
            "warn-for-ever" => Ok(Step::Warned(Notice { resource: None, warnings: Vec::new() })),
            "long-wait" => Ok(Step::Wait(Pause {
                milliseconds: 600_000,
                cause: Some(failure("the connection was refused".to_owned())),
            })),
            _ if step == runs => misbehave(misdeed),
            _ if step <= 2 * runs => {
                let name = wanted.get(step - runs - 1).copied().unwrap_or_default();
                Ok(ended(name, ending(name, misdeed)))
            }
            _ => {
                STEPS.set(0);
                Ok(Step::Done)
            }
        }
    }
}

fn wants(request: &Request, name: &str) -> bool {
    let allowed = CONFIGURATION.with_borrow(|value| {
        value["resources"].as_array().is_none_or(|listed| listed.iter().any(|known| known == name))
    });
    let wanted = request.wants.is_empty() || request.wants.iter().any(|want| want.resource == name);
    allowed && wanted
}

fn ending(name: &str, misdeed: &str) -> Ending {
    match (name, misdeed) {
        ("entity", "resource-failed") => Ending::Failed(Failure {
            kind: "permission".to_owned(),
            resource: Some("entity".to_owned()),
            ..failure("the scope read:entities is missing".to_owned())
        }),
        ("entity", "postponed") => Ending::Postponed(Failure {
            kind: "transient".to_owned(),
            retry_after: Some(90_000),
            ..failure("entities answer 503".to_owned())
        }),
        _ => Ending::Complete,
    }
}

fn began(resource: &str, mode: Mode, resumed: bool) -> Step {
    Step::Began(Run { resource: resource.to_owned(), mode, resumed })
}

fn ended(resource: &str, ending: Ending) -> Step {
    Step::Ended(Ended { resource: resource.to_owned(), ending })
}

fn misbehave(misdeed: &str) -> Result<Step, Failure> {
    let answer = match misdeed {
        "request" => requests::send(),
        "hoard" => requests::hoard(),
        "thousand-requests" => requests::send_many(1000),
        "begin-again" => return Ok(began("event", Mode::Latest, false)),
        "secret-in-failure" => Err(secret()),
        "loop" => endless(),
        "memory" => grow(),
        "recursion" => Ok(deeper(1).to_string()),
        "trap" => std::process::abort(),
        _ => return Ok(Step::Batches(batches::of(misdeed))),
    };
    // What the component saw reaches the test as a failure.
    Err(failure(answer.unwrap_or_else(|error| error)))
}

fn endless() -> Result<String, String> {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

fn grow() -> Result<String, String> {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 16]);
    deeper(depth + 1) + here[3]
}

fn failure(message: String) -> Failure {
    Failure {
        kind: "upstream".to_owned(),
        message,
        resource: None,
        status: None,
        retry_after: None,
    }
}

impl check::Guest for Hostile {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        Vec::new()
    }
}

impl manifest::Guest for Hostile {
    fn describe() -> manifest::About {
        manifest::About {
            id: "hostile".to_owned(),
            name: "Hostile".to_owned(),
            version: "0.0.0".to_owned(),
            description: String::new(),
            origins: ["https://{/host}".to_owned()].into_iter().chain(declared_later()).collect(),
            configuration_schema: json!({}).to_string(),
            resources: vec![
                resource("event", manifest::Shape::Event),
                resource("entity", manifest::Shape::Entity),
                resource("metric", manifest::Shape::Metric),
            ],
            documentation: documentation(),
        }
    }
}

fn resource(name: &str, shape: manifest::Shape) -> manifest::ResourceInfo {
    manifest::ResourceInfo {
        name: name.to_owned(),
        setting: Some(name.to_owned()),
        shape,
        description: String::new(),
        endpoint: String::new(),
        scopes: Vec::new(),
        fields: Vec::new(),
        dimensions: Vec::new(),
        measures: Vec::new(),
        open: false,
        dynamic: false,
        filterable: Vec::new(),
        unit: None,
        granularity: None,
    }
}

fn documentation() -> manifest::Documentation {
    manifest::Documentation {
        category: String::new(),
        tagline: String::new(),
        vendor_name: String::new(),
        vendor_domain: String::new(),
        api_docs: None,
        brand_color: None,
        auth_summary: String::new(),
        auth_setup: Vec::new(),
        rate_limit: None,
        limitations: Vec::new(),
    }
}
