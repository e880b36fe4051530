//! Separate processes: one for the tenant, so that it does not count, and one for
//! the measured work, so that nothing else counts.

use std::process::Stdio;

use auth0_tenant::Announcement;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use super::measured::Measured;
use super::work::Work;
use super::workload::Figures;

/// A simulated tenant in a process that ends when this is dropped.
pub struct Serving {
    tenant: Announcement,
    _process: Child,
}

impl Serving {
    /// Starts a tenant; `arguments` are those of the command `tenant`.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub async fn start(arguments: &[&str]) -> Measured<Serving> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("tenant")
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("the tenant has no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let tenant = serde_json::from_str(&line.ok_or("the tenant did not start")?)?;
        Ok(Serving { tenant, _process: process })
    }

    /// How to reach it.
    pub fn tenant(&self) -> &Announcement {
        &self.tenant
    }
}

/// Does some work in a process of its own.
///
/// # Errors
/// When the process fails.
pub async fn measure(work: &Work) -> Measured<Figures> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["bench", "--workload"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    // Not as an argument, because it holds the tenant's secret.
    let mut input = process.stdin.take().ok_or("the process has no input")?;
    input.write_all(&serde_json::to_vec(work)?).await?;
    drop(input);
    let output = process.wait_with_output().await?;
    if !output.status.success() {
        return Err(format!("the measured process ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
