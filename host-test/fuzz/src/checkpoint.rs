//! The stored checkpoint: any text, and any state with its sum right.

use auth0_connector_core::sync::checkpoint::Checkpoint;
use auth0_connector_core::sync::session::Session;
use serde_json::json;

use crate::seal::sealed;
use crate::session::end_in_peace;
use crate::tenant::{DOMAIN, configured};

/// Reads a checkpoint. What is accepted is written and read back equal, and
/// makes a session that asks only the configured tenant and comes to its end.
pub fn checkpoint(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        accept(text);
    }
    accept(&sealed(DOMAIN, data));
}

fn accept(text: &str) {
    let Some(configuration) = configured(json!({})) else { return };
    let Ok(read) = Checkpoint::read(text, &configuration.domain) else { return };
    let written = read.write(&configuration.domain);
    assert_eq!(Checkpoint::read(&written, &configuration.domain), Ok(read.clone()));
    end_in_peace(Session::new(configuration, read));
}
