//! Proxies on loopback: tinyproxy, the program, and what stands before and behind
//! it, made for the tests.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use rawdash_host::transport::Proxies;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::left_out;
use super::tls::{Identity, acceptor};

/// A proxy at a URL, for every host.
pub(crate) fn through(url: &str) -> Proxies {
    Proxies::from_variables(|name| (name == "HTTPS_PROXY").then(|| url.to_owned())).unwrap()
}

/// What a proxy made for a test does with each `CONNECT`.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Opens a tunnel to this server, whichever host is requested.
    Lead(SocketAddr),
    /// Answers with these bytes and ends the connection.
    Say(&'static str),
}

/// A proxy made for a test, which ends when dropped.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    connects: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl StandIn {
    pub(crate) async fn start(answer: Answer) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, connects) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<_>>>::default());
        let shared = connects.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, answer.clone(), shared.clone()));
            }
        });
        StandIn { address, connects, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first line of each request.
    pub(crate) fn connects(&self) -> Vec<String> {
        self.connects.lock().unwrap().clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, connects: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let line = String::from_utf8(head).unwrap().lines().next().unwrap().to_owned();
    connects.lock().unwrap().push(line);
    match answer {
        Answer::Lead(server) => {
            let mut server = TcpStream::connect(server).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            // Either end may go away.
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
        Answer::Say(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
        }
    }
}

/// TLS before a proxy that knows none: an `https://` proxy.
pub(crate) async fn secured(proxy: SocketAddr, identity: &Identity) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = acceptor(identity, &[]);
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate ends it here.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut proxy = TcpStream::connect(proxy).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut proxy).await;
            });
        }
    });
    (port, task)
}

/// The program tinyproxy, which ends when dropped.
pub(crate) struct Tinyproxy {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Tinyproxy {
    /// A proxy that requires the user `operator` with the password, opens tunnels to
    /// one port and sends everything through `upstream`. `None`, said on standard
    /// error, where the program is not installed and `RAWDASH_WITH_TINYPROXY` is not set.
    pub(crate) fn start(
        directory: &Path,
        password: &str,
        port: u16,
        upstream: SocketAddr,
    ) -> Option<Tinyproxy> {
        let file = directory.join("tinyproxy.conf");
        // Another process may take the port meanwhile: the program then ends.
        for _ in 0..100 {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = free.local_addr().unwrap();
            drop(free);
            let configuration = format!(
                "Listen 127.0.0.1\nPort {}\nAllow 127.0.0.1\nTimeout 600\nMaxClients 100\n\
                 BasicAuth operator {password}\nConnectPort {port}\nUpstream http {upstream}\n",
                address.port(),
            );
            std::fs::write(&file, configuration).unwrap();
            let mut command = Command::new("tinyproxy");
            command.arg("-d").arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::piped());
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) if error.kind() == ErrorKind::NotFound && !is_expected() => {
                    left_out("a test with a real proxy; it needs the program tinyproxy");
                    return None;
                }
                Err(error) => panic!("tinyproxy cannot be started: {error}"),
            };
            let mut output = BufReader::new(child.stdout.take().unwrap());
            if is_ready(&mut output) {
                // Read on, or the program would stand still once the pipe is full.
                std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
                return Some(Tinyproxy { address, child });
            }
            child.wait().unwrap();
        }
        panic!("tinyproxy does not start with {}", file.display());
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the program must be there: a test that cannot start it then fails.
fn is_expected() -> bool {
    std::env::var_os("RAWDASH_WITH_TINYPROXY").is_some()
}

fn is_ready(output: &mut impl BufRead) -> bool {
    output.lines().map_while(Result::ok).any(|line| line.contains("Accepting connections"))
}
