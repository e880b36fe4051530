//! A component that misbehaves as its configuration asks:
//! `{"host": …, "misdeed": …}`, and more for some misdeeds. Without a misdeed
//! it returns one event and is done. Two are no misdeeds but rare: `deferred`
//! and `resource-failed`.
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

/// The secret that it was configured with.
pub(crate) fn secret() -> String {
    SECRET.with_borrow(Clone::clone)
}

impl Guest for Hostile {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        _: Option<String>,
    ) -> Result<(), ConfigureError> {
        CONFIGURATION.set(serde_json::from_str(&text).unwrap_or(Value::Null));
        SECRET.set(secrets.first().map(|secret| secret.value.clone()).unwrap_or_default());
        STEPS.set(0);
        Ok(())
    }

    fn sync(_: Request) -> Result<Step, Failure> {
        let step = STEPS.replace(STEPS.get() + 1);
        let misdeed = setting("misdeed");
        match (step, misdeed.as_str()) {
            (0 | 3, "deferred") => Ok(began(step == 0)),
            (0, "no-beginning") => Ok(Step::Done),
            (0, _) => Ok(began(false)),
            (4, "deferred") => Ok(Step::Batches(batches::of(""))),
            (1, "resource-failed") => Ok(Step::ResourceFailed(Failure {
                kind: "permission".to_owned(),
                resource: Some("entity".to_owned()),
                ..failure("the scope read:entities is missing".to_owned())
            })),
            (_, "stage-for-ever") => Ok(Step::Batches(vec![batches::staged(step)])),
            (_, "rest-for-ever") => Ok(Step::Wait(0)),
            (_, "nothing-for-ever") => Ok(Step::Batches(Vec::new())),
            (1, _) => misbehave(&misdeed),
            _ => Ok(Step::Done),
        }
    }

    fn checkpoint() -> Result<String, Failure> {
        match setting("misdeed").as_str() {
            "secret-in-checkpoint" => Ok(secret()),
            _ => Ok(STEPS.get().to_string()),
        }
    }
}

fn began(deferred: bool) -> Step {
    Step::Began(Run {
        mode: if deferred { Mode::Full } else { Mode::Latest },
        resumed: deferred,
        deferred,
    })
}

fn misbehave(misdeed: &str) -> Result<Step, Failure> {
    let answer = match misdeed {
        "request" => requests::send(),
        "hoard" => requests::hoard(),
        "thousand-requests" => requests::send_many(1000),
        "begin-again" => return Ok(began(false)),
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
        let resource = |name: &str, shape| manifest::ResourceInfo {
            name: name.to_owned(),
            setting: name.to_owned(),
            shape,
            description: String::new(),
            endpoint: String::new(),
            scopes: Vec::new(),
            fields: Vec::new(),
            dimensions: Vec::new(),
            unit: None,
            granularity: None,
        };
        manifest::About {
            id: "hostile".to_owned(),
            name: "Hostile".to_owned(),
            version: "0.0.0".to_owned(),
            description: String::new(),
            origins: vec!["https://{/host}".to_owned()],
            configuration_schema: json!({}).to_string(),
            resources: vec![
                resource("event", manifest::Shape::Event),
                resource("entity", manifest::Shape::Entity),
                resource("metric", manifest::Shape::Metric),
            ],
        }
    }
}
