//! The baseline: a bare client for Node, which sends, parses and stores nothing.

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use auth0_tenant::Announcement;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::measured::Measured;

const CLIENT: &str = include_str!("node/client.mjs");

/// What the client did.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Read {
    microseconds: u64,
    /// Users and log rows.
    pub rows: u64,
}

impl Read {
    /// Processor time of its process.
    pub fn cpu(&self) -> Duration {
        Duration::from_micros(self.microseconds)
    }
}

/// Reads the first thousand users and the log; `None` where there is no `node`.
///
/// # Errors
/// When the client fails.
pub async fn read(tenant: &Announcement) -> Measured<Option<Read>> {
    let client = Command::new("node")
        .args(["--input-type=module", "--eval", CLIENT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut client = match client {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        client => client?,
    };
    let mut input = client.stdin.take().ok_or("node has no input")?;
    input.write_all(&serde_json::to_vec(tenant)?).await?;
    drop(input);
    let output = client.wait_with_output().await?;
    if !output.status.success() {
        return Err(format!("the client for Node ended with {}", output.status).into());
    }
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}
