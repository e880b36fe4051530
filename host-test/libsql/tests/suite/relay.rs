//! A relay in front of the server, which breaks exactly one exchange.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends before the server receives the request.
    Cut,
    /// The server executes the request, and its answer is lost.
    LostAnswer,
    /// 500 in the server's place.
    Status500,
    /// The server never receives the request, and nothing is answered.
    Silent,
    /// The server executes the request, and nothing is answered.
    SilentAfter,
    /// The server receives the request once it is released, and nothing is answered.
    Held,
}

/// Those that happen by themselves.
pub(crate) const FAULTS: [Fault; 5] =
    [Fault::Cut, Fault::LostAnswer, Fault::Status500, Fault::Silent, Fault::SilentAfter];

/// The relay. Its threads end with the test's process.
#[derive(Clone)]
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: SocketAddr,
    requests: AtomicUsize,
    /// The number of the exchange, counted from 1.
    broken: Option<(usize, Fault)>,
    /// Connections that are silent stay open.
    silent: Mutex<Vec<TcpStream>>,
    held: Mutex<Option<Vec<u8>>>,
}

impl Relay {
    pub(crate) fn start(upstream: SocketAddr, broken: Option<(usize, Fault)>) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, silent, held) = (AtomicUsize::new(0), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { upstream, requests, broken, silent, held });
        let accepting = shared.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = accepting.clone();
                thread::spawn(move || shared.serve(connection));
            }
        });
        Relay { address, shared }
    }

    pub(crate) fn url(&self, namespace: &str) -> String {
        format!("http://{namespace}.localhost:{}", self.address.port())
    }

    /// Exchanges so far.
    pub(crate) fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Whether a request is held.
    pub(crate) fn holds(&self) -> bool {
        self.shared.held.lock().unwrap().is_some()
    }

    /// Lets the server execute the request that is held.
    pub(crate) fn release(&self) {
        let request = self.shared.held.lock().unwrap().take().unwrap();
        self.shared.forward(&request).unwrap();
    }
}

impl Shared {
    fn serve(&self, connection: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(connection.try_clone().ok()?);
        loop {
            let request = message(&mut reader).ok()?;
            let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
            let fault = self.broken.filter(|(nth, _)| *nth == number).map(|(_, fault)| fault);
            let mut connection = connection.try_clone().ok()?;
            match fault {
                Some(Fault::Cut) => return connection.shutdown(std::net::Shutdown::Both).ok(),
                Some(Fault::Status500) => {
                    let answer = "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n";
                    connection.write_all(answer.as_bytes()).ok()?;
                    continue;
                }
                Some(Fault::Silent) => {
                    self.silent.lock().unwrap().push(connection);
                    return Some(());
                }
                Some(Fault::Held) => {
                    self.silent.lock().unwrap().push(connection);
                    *self.held.lock().unwrap() = Some(request);
                    return Some(());
                }
                _ => {}
            }
            let answer = self.forward(&request).ok()?;
            match fault {
                Some(Fault::LostAnswer) => {
                    return connection.shutdown(std::net::Shutdown::Both).ok();
                }
                Some(Fault::SilentAfter) => {
                    self.silent.lock().unwrap().push(connection);
                    return Some(());
                }
                _ => connection.write_all(&answer).ok()?,
            }
        }
    }

    fn forward(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut upstream = TcpStream::connect(self.upstream)?;
        upstream.write_all(request)?;
        message(&mut BufReader::new(upstream))
    }
}

/// One HTTP message with its length in its head.
fn message(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let (mut whole, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        whole.extend(line.as_bytes());
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    whole.extend(body);
    Ok(whole)
}
