//! The engine: a Restate server, whose state outlives its process.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::exchange::{Address, Answer, send};
use crate::process::Process;

/// The node's name, which must stay the same.
const NODE: &str = "scale";
/// Pauses between attempts.
const PAUSE: Duration = Duration::from_millis(200);
/// The time that a start may take on a slow machine.
const START: Duration = Duration::from_mins(2);

/// A running engine.
pub struct Engine {
    directory: PathBuf,
    process: Process,
}

/// What calls the engine. It does not depend on whether the engine runs.
#[derive(Clone)]
pub struct Calls {
    ingress: Address,
    admin: Address,
}

impl Engine {
    /// Starts an engine whose state is in a directory. It listens only on sockets there.
    pub fn start(program: &Path, directory: &Path) -> io::Result<Engine> {
        let mut command = Command::new(program);
        command
            .args(["--no-logo", "--listen-mode", "unix", "--node-name", NODE, "--base-dir"])
            .arg(directory)
            .env("RESTATE_DISABLE_TELEMETRY", "true");
        Ok(Engine { directory: directory.to_owned(), process: Process::start(command)? })
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Makes the engine call the workers at an address.
    ///
    /// # Errors
    /// When it has not accepted them after two minutes, with its last answer.
    pub async fn register(&mut self, workers: SocketAddr) -> io::Result<()> {
        let admin = self.calls().admin;
        let body = json!({"uri": format!("http://{workers}")}).to_string();
        let begun = Instant::now();
        loop {
            let answer = send(&admin, Method::POST, "/deployments", &[], body.clone()).await;
            match answer.and_then(Answer::success) {
                Ok(_) => return Ok(()),
                Err(error) if begun.elapsed() > START => return Err(error),
                Err(_) => self.process.check()?,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What calls it.
    pub fn calls(&self) -> Calls {
        let socket = |name: &str| Address::Unix(self.directory.join(NODE).join(name));
        Calls { ingress: socket("ingress.sock"), admin: socket("admin.sock") }
    }
}

impl Calls {
    /// Syncs a tenant, and returns what that led to. A call whose answer is lost is
    /// repeated, and the engine knows it by its key.
    pub async fn sync(&self, tenant: &str, key: &str) -> io::Result<Value> {
        let path = format!("/RawdashTenant/{tenant}/sync");
        loop {
            let key = [("idempotency-key", key)];
            match send(&self.ingress, Method::POST, &path, &key, String::new()).await {
                Ok(answer) if answer.status.is_server_error() => {}
                Ok(answer) => return Ok(serde_json::from_slice(&answer.success()?)?),
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Calls a handler of a tenant, and returns its answer.
    ///
    /// # Errors
    /// When there is no answer, or it is not a success.
    pub async fn call(
        &self,
        tenant: &str,
        handler: &str,
        body: Option<Value>,
    ) -> io::Result<Value> {
        let path = format!("/RawdashTenant/{tenant}/{handler}");
        let body = body.map_or_else(String::new, |body| body.to_string());
        let answer = send(&self.ingress, Method::POST, &path, &[], body).await?.success()?;
        Ok(if answer.is_empty() { Value::Null } else { serde_json::from_slice(&answer)? })
    }

    /// The rows of a query about what the engine keeps.
    ///
    /// # Errors
    /// When there is no answer, or it is not a success.
    pub async fn query(&self, sql: &str) -> io::Result<Value> {
        let body = json!({"query": sql}).to_string();
        let json = [("accept", "application/json")];
        let answer = send(&self.admin, Method::POST, "/query", &json, body).await?;
        Ok(serde_json::from_slice(&answer.success()?)?)
    }
}
