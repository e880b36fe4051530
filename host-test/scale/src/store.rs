//! The store: the libSQL server sqld, with a namespace for each tenant.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use sqld::port;
use tokio::process::Command;

use crate::exchange::{Address, Answer, send};
use crate::process::Process;
use crate::rows;

/// The connector's name in each database.
pub const CONNECTOR: &str = "auth0";
/// Pauses between attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// The time that a start may take on a slow machine.
const START: Duration = Duration::from_mins(1);

/// Starts, if another program takes one of the ports in between.
const STARTS: usize = 5;

/// A running server.
pub struct Store {
    address: SocketAddr,
    admin: SocketAddr,
    process: Process,
}

impl Store {
    /// Starts a server whose databases are in a directory, and creates a namespace for
    /// each tenant.
    ///
    /// # Errors
    /// When it cannot be started, or does not create them.
    pub async fn start(program: &Path, directory: &Path, tenants: &[String]) -> io::Result<Store> {
        let mut starts = 1;
        loop {
            let (address, admin) = (port::free()?, port::free()?);
            let process = Process::start(command(program, directory, address, admin))?;
            let mut store = Store { address, admin, process };
            let created = store.create(tenants).await;
            match store.process.check() {
                Ok(()) => return created.map(|()| store),
                Err(error) if starts == STARTS => return Err(error),
                Err(_) => starts += 1,
            }
        }
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
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

    async fn create(&mut self, tenants: &[String]) -> io::Result<()> {
        let begun = Instant::now();
        for tenant in tenants {
            let path = format!("/v1/namespaces/{tenant}/create");
            let admin = Address::Tcp(self.admin);
            loop {
                let answer = send(&admin, Method::POST, &path, &[], "{}".to_owned()).await;
                match answer.and_then(Answer::success) {
                    Ok(_) => break,
                    Err(error) if begun.elapsed() > START => return Err(error),
                    Err(_) => self.process.check()?,
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}

fn command(program: &Path, directory: &Path, address: SocketAddr, admin: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--enable-namespaces", "--max-active-namespaces", "1000", "--http-listen-addr"])
        .arg(address.to_string())
        .arg("--admin-listen-addr")
        .arg(admin.to_string())
        .arg("--db-path")
        .arg(directory);
    command
}
