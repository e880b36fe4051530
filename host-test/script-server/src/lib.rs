//! Serves a scripted source over HTTP/1.1 on this machine, so that a host can be
//! run against it, with `--route https://HOST=http://127.0.0.1:PORT`.

#![forbid(unsafe_code)]

mod exchange;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use rawdash_connector_sdk::script::Source;

/// Serves a source on a port of 127.0.0.1, 0 for a free one, until the process
/// ends. `ready` is given the URL, once requests are accepted.
///
/// # Errors
///
/// Where the port cannot be taken.
pub fn serve(
    port: u16,
    source: impl Source + Send + 'static,
    ready: impl FnOnce(&str),
) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    ready(&format!("http://{}", listener.local_addr()?));
    let source = Arc::new(Mutex::new(source));
    for stream in listener.incoming() {
        let (stream, source) = (stream?, Arc::clone(&source));
        // A connection that breaks is its client's affair.
        thread::spawn(move || exchange::converse(stream, &source));
    }
    Ok(())
}

/// Serves a source on the port that is the program's first argument, a free one
/// without it, and prints the URL: the whole `main` of an example.
///
/// # Errors
///
/// As [`serve`]; where the argument is no port.
pub fn main(source: impl Source + Send + 'static) -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse());
    let port = port.map_err(|_| io::Error::other("the argument is not a port"))?;
    serve(port, source, |url| println!("{url}"))
}
