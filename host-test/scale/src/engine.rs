//! The engine: a Restate server, whose state outlives its process.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::exchange::{Address, send};

/// The node's name, which must stay the same.
const NODE: &str = "scale";
/// Pauses between attempts.
const PAUSE: Duration = Duration::from_millis(200);
/// The time that a start may take on a slow machine.
const START: Duration = Duration::from_mins(2);

/// A running engine.
pub struct Engine {
    program: PathBuf,
    directory: PathBuf,
    process: Child,
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
        let process = spawn(program, directory)?;
        let (program, directory) = (program.to_owned(), directory.to_owned());
        Ok(Engine { program, directory, process })
    }

    /// Ends the process as `kill -9` does, and starts another on the same state.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await?;
        self.process = spawn(&self.program, &self.directory)?;
        Ok(())
    }

    /// Makes the engine call the workers at an address.
    pub async fn register(&self, workers: SocketAddr) -> io::Result<()> {
        let admin = self.calls().admin;
        let body = json!({"uri": format!("http://{workers}")}).to_string();
        let register = async {
            loop {
                let answer = send(&admin, Method::POST, "/deployments", &[], body.clone()).await;
                match answer.and_then(|answer| answer.success()) {
                    Ok(_) => return,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        let late = |_| io::Error::other("the engine did not accept the workers in two minutes");
        tokio::time::timeout(START, register).await.map_err(late)
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

fn spawn(program: &Path, directory: &Path) -> io::Result<Child> {
    Command::new(program)
        .args(["--no-logo", "--listen-mode", "unix", "--node-name", NODE, "--base-dir"])
        .arg(directory)
        .env("RESTATE_DISABLE_TELEMETRY", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}
