//! A component around a connector. It passes every call on, and at `configure` opens
//! the egress for the origins that the connector names under its configuration, each of
//! which its manifest must allow. That is the rule of `rawdash-host`, in any runtime.
#![cfg(target_family = "wasm")]

mod bindings;

use std::cell::OnceCell;

use bindings::exports::rawdash::connector::{check, connector, manifest};
use bindings::rawdash::connector as inner;
use bindings::rawdash::egress::origins;
use rawdash_origins::{Origin, OriginError, OriginPolicy};
use serde_json::Value;

struct Pin;

thread_local! {
    static DECLARED: OnceCell<Vec<String>> = const { OnceCell::new() };
}

impl connector::Guest for Pin {
    fn configure(
        configuration: String,
        secrets: Vec<connector::Secret>,
        checkpoint: Option<String>,
    ) -> Result<connector::Configured, connector::ConfigureError> {
        let declared = declared();
        let configured =
            inner::connector::configure(&configuration, &secrets, checkpoint.as_deref())?;
        pin(&declared, &configuration, &configured.origins).map_err(|message| {
            let issue = connector::Issue { path: String::new(), message };
            connector::ConfigureError::Configuration(vec![issue])
        })?;
        Ok(configured)
    }

    fn sync(request: connector::Request) -> Result<connector::Step, connector::Failure> {
        inner::connector::sync(&request)
    }

    fn checkpoint() -> Result<String, connector::Failure> {
        inner::connector::checkpoint()
    }
}

impl manifest::Guest for Pin {
    fn describe() -> manifest::About {
        inner::manifest::describe()
    }
}

impl check::Guest for Pin {
    fn check() -> Vec<(String, Result<(), connector::Failure>)> {
        inner::check::check()
    }
}

/// The origins of the manifest, as the connector declares them before it has seen any
/// configuration: afterwards it could declare others than the manifest that people read.
fn declared() -> Vec<String> {
    let describe = || inner::manifest::describe().origins;
    DECLARED.with(|declared| declared.get_or_init(describe).clone())
}

/// Opens the egress for the named origins. If one is beyond the manifest, the
/// connector is configured but reaches nothing.
fn pin(declared: &[String], configuration: &str, named: &[String]) -> Result<(), String> {
    let allowed = allowed(declared, configuration, named).map_err(|error| error.to_string());
    let open = allowed.as_deref().unwrap_or_default();
    origins::allow(open)?;
    allowed.map(drop)
}

fn allowed(
    declared: &[String],
    configuration: &str,
    named: &[String],
) -> Result<Vec<String>, OriginError> {
    // The connector has accepted it: it is JSON.
    let configuration = serde_json::from_str(configuration).unwrap_or(Value::Null);
    let policy = OriginPolicy::new(declared, &configuration)?;
    let named = policy.named(named)?;
    Ok(named.iter().map(Origin::to_string).collect())
}
