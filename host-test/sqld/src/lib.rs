//! Runs the libSQL server, sqld, for tests. The environment variable `RAWDASH_SQLD` names
//! the program; without it, tests leave out what needs it.
// A test's hands: what goes wrong here ends the test.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

pub mod port;

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The variable that names the program.
const PROGRAM: &str = "RAWDASH_SQLD";

/// Much longer than the server needs to start.
const START: Duration = Duration::from_secs(600);

/// A running server, killed when it is dropped.
pub struct Sqld {
    program: PathBuf,
    directory: TempDir,
    access: Access,
    address: SocketAddr,
    admin: SocketAddr,
    child: Child,
}

/// Whom a server lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Those who have [`TOKEN`].
    WithToken,
}

/// The one token of a server that demands one: a JWT that may read and write, signed once
/// with a key that was then thrown away.
pub const TOKEN: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJhIjoicncifQ._H109k4cvCW9gmMrs0Dj\
                         DI9zev23MTzICACp_e4fiiYiVh2g8PmeRMcujz_U_MbqYpEFEjcsdWprSBEjq_FxCw";
/// By which such a server recognises it.
const PUBLIC_KEY: &str = "joqTW5n5mnxzFs-PSjHwff2vTMbIchmy14XZyYqPSEI";

impl Sqld {
    /// An open server with nothing in it; `None`, with a word, where there is no program.
    pub fn start() -> Option<Sqld> {
        Sqld::start_with(Access::Open)
    }

    /// A server with nothing in it; `None`, with a word, where there is no program.
    pub fn start_with(access: Access) -> Option<Sqld> {
        let Some(program) = std::env::var_os(PROGRAM).filter(|program| !program.is_empty()) else {
            eprintln!("left out, because {PROGRAM} does not name the program sqld");
            return None;
        };
        let program = PathBuf::from(program);
        loop {
            let directory = TempDir::new().unwrap();
            let (address, admin) = (port::free().unwrap(), port::free().unwrap());
            let child = spawn(&program, &directory, access, address, admin);
            let program = program.clone();
            let mut sqld = Sqld { program, directory, access, address, admin, child };
            // Another program may have taken one of the ports.
            if sqld.answers() {
                return Some(sqld);
            }
        }
    }

    /// Kills it as a machine that fails does, and starts it again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.child = spawn(&self.program, &self.directory, self.access, self.address, self.admin);
        assert!(self.answers(), "sqld ended");
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Waits until it listens; false if it ended instead.
    fn answers(&mut self) -> bool {
        let begun = Instant::now();
        while [self.address, self.admin].iter().any(|at| TcpStream::connect(at).is_err()) {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(begun.elapsed() < START, "sqld does not listen");
            sleep(Duration::from_millis(20));
        }
        // What listens may be the program that took the port.
        self.child.try_wait().unwrap().is_none()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a namespace.
    pub async fn namespace(&self, name: &str) {
        let path = format!("/v1/namespaces/{name}/create");
        let (status, body) = post(self.admin, &self.admin.to_string(), &path, &json!({})).await;
        assert_eq!(status, 200, "{body}");
    }

    /// The URL of a namespace, which the first label of the host names.
    pub fn url(&self, namespace: &str) -> String {
        format!("http://{namespace}.localhost:{}", self.address.port())
    }

    /// The first column of a query's rows, sorted.
    pub async fn strings(&self, namespace: &str, sql: &str) -> Vec<String> {
        let requests = json!([{ "type": "execute", "stmt": { "sql": sql } }, { "type": "close" }]);
        let body = json!({ "requests": requests });
        let host = format!("{namespace}.localhost");
        let (_, answer) = post(self.address, &host, "/v3/pipeline", &body).await;
        let rows = &answer["results"][0]["response"]["result"]["rows"];
        let rows = rows.as_array().unwrap_or_else(|| panic!("{sql}: {answer}"));
        let mut rows: Vec<String> = rows
            .iter()
            .map(|row| row[0]["value"].as_str().unwrap_or_default().to_owned())
            .collect();
        rows.sort();
        rows
    }
}

impl Drop for Sqld {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends one request as any program would.
async fn post(at: SocketAddr, host: &str, path: &str, body: &Value) -> (u16, Value) {
    use std::io::{Read, Write};
    let (host, path, body) = (host.to_owned(), path.to_owned(), body.to_string());
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             authorization: Bearer {TOKEN}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    })
    .await
    .unwrap()
}

fn spawn(
    program: &Path,
    directory: &TempDir,
    access: Access,
    address: SocketAddr,
    admin: SocketAddr,
) -> Child {
    let mut command = Command::new(program);
    match access {
        Access::Open => command.env_remove("SQLD_AUTH_JWT_KEY"),
        Access::WithToken => command.env("SQLD_AUTH_JWT_KEY", PUBLIC_KEY),
    };
    command
        .arg("--db-path")
        .arg(directory.path())
        .args(["--no-welcome", "--enable-namespaces", "--http-listen-addr"])
        .arg(address.to_string())
        .arg("--admin-listen-addr")
        .arg(admin.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{PROGRAM} names {}: {error}", program.display()))
}
