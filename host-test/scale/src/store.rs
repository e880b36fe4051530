//! The store: the libSQL server sqld, with a namespace for each tenant.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::exchange::{Address, send};
use crate::port;
use crate::rows;

/// The connector's name in each database.
pub const CONNECTOR: &str = "auth0";
/// Pauses between attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// The time that a start may take on a slow machine.
const START: Duration = Duration::from_mins(1);

/// A running server.
pub struct Store {
    program: PathBuf,
    directory: PathBuf,
    address: SocketAddr,
    admin: SocketAddr,
    process: Child,
}

impl Store {
    /// Starts a server whose databases are in a directory, and creates a namespace for
    /// each tenant.
    pub async fn start(
        program: &Path,
        directory: &Path,
        tenants: impl Iterator<Item = String>,
    ) -> io::Result<Store> {
        let address = port::free()?;
        let admin = port::free_after(address)?;
        let process = spawn(program, directory, address, admin)?;
        let (program, directory) = (program.to_owned(), directory.to_owned());
        let store = Store { program, directory, address, admin, process };
        for tenant in tenants {
            store.create(&tenant).await?;
        }
        Ok(store)
    }

    /// Ends the process as `kill -9` does, and starts another on the same databases.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await?;
        self.process = spawn(&self.program, &self.directory, self.address, self.admin)?;
        Ok(())
    }

    /// What a worker takes as its database.
    pub fn place(&self) -> String {
        format!("http://{{tenant}}.localhost:{}", self.address.port())
    }

    /// The rows of a tenant.
    pub async fn rows(&self, tenant: &str) -> io::Result<Vec<String>> {
        let statement = json!({
            "sql": rows::SELECT,
            "args": [{"type": "text", "value": CONNECTOR}],
        });
        let body = json!({"requests": [
            {"type": "execute", "stmt": statement},
            {"type": "close"},
        ]});
        let path = format!("/dev/{tenant}/v2/pipeline");
        let server = Address::Tcp(self.address);
        let answer = send(&server, Method::POST, &path, &[], body.to_string()).await?;
        let answer: Value = serde_json::from_slice(&answer.success()?)?;
        let rows = answer.pointer("/results/0/response/result/rows").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| io::Error::other(answer.to_string()))?;
        let text = |row: &Value| Some(row.pointer("/0/value")?.as_str()?.to_owned());
        rows.iter().map(|row| text(row).ok_or_else(|| io::Error::other(row.to_string()))).collect()
    }

    async fn create(&self, tenant: &str) -> io::Result<()> {
        let path = format!("/v1/namespaces/{tenant}/create");
        let admin = Address::Tcp(self.admin);
        let create = async {
            loop {
                let answer = send(&admin, Method::POST, &path, &[], "{}".to_owned()).await;
                match answer.and_then(|answer| answer.success()) {
                    Ok(_) => return,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        let late = |_| io::Error::other("the libSQL server did not begin within a minute");
        tokio::time::timeout(START, create).await.map_err(late)
    }
}

fn spawn(
    program: &Path,
    directory: &Path,
    address: SocketAddr,
    admin: SocketAddr,
) -> io::Result<Child> {
    Command::new(program)
        .args(["--enable-namespaces", "--max-active-namespaces", "1000", "--http-listen-addr"])
        .arg(address.to_string())
        .arg("--admin-listen-addr")
        .arg(admin.to_string())
        .arg("--db-path")
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}
