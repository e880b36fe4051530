//! Runs the libSQL server, sqld, for tests. The environment variable `RAWDASH_SQLD` names
//! the program; without it, tests leave out what needs it.
// A test's hands: what goes wrong here ends the test.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The variable that names the program.
const PROGRAM: &str = "RAWDASH_SQLD";

/// Much longer than the server needs to start.
const START: Duration = Duration::from_secs(60);

/// A running server, killed when it is dropped.
pub struct Sqld {
    program: PathBuf,
    directory: TempDir,
    address: SocketAddr,
    admin: SocketAddr,
    child: Child,
}

impl Sqld {
    /// A server with nothing in it; `None`, with a word, where there is no program.
    pub fn start() -> Option<Sqld> {
        let Some(program) = std::env::var_os(PROGRAM).filter(|program| !program.is_empty()) else {
            eprintln!("left out, because {PROGRAM} does not name the program sqld");
            return None;
        };
        let (program, directory) = (program.into(), TempDir::new().unwrap());
        let (address, admin) = (free(), free());
        let child = spawn(&program, &directory, address, admin);
        let sqld = Sqld { program, directory, address, admin, child };
        sqld.answers();
        Some(sqld)
    }

    /// Kills it as a machine that fails does, and starts it again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.child = spawn(&self.program, &self.directory, self.address, self.admin);
        self.answers();
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    fn answers(&self) {
        let begun = Instant::now();
        while [self.address, self.admin].iter().any(|at| TcpStream::connect(at).is_err()) {
            assert!(begun.elapsed() < START, "sqld does not listen");
            sleep(Duration::from_millis(20));
        }
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
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
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

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn spawn(program: &PathBuf, directory: &TempDir, address: SocketAddr, admin: SocketAddr) -> Child {
    Command::new(program)
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
