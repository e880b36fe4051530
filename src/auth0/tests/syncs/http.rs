//! Sends the engine's requests to the tenant.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rawdash_connector_sdk::engine::outgoing::Outgoing;
use rawdash_connector_sdk::http::reply::{Answer, Broken, Head, Reply};
use rawdash_connector_sdk::http::request::Method;

/// Sends a request, and reads until the tenant closes the connection.
pub(crate) fn exchange(address: &str, sent: &Outgoing) -> Reply {
    let broken = || Reply::Broken(Broken::Connection("the connection broke".to_owned()));
    match send(address, sent) {
        Ok(bytes) => parse(&bytes).unwrap_or_else(broken),
        Err(_) => broken(),
    }
}

fn send(address: &str, sent: &Outgoing) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let request = &sent.request;
    let method = if request.method == Method::Post { "POST" } else { "GET" };
    let mut text = format!(
        "{method} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        request.path, sent.host
    );
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", request.body.len()));
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(&str, &[u8])> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.trim().as_bytes()))
        .collect();
    let head = Head::read(status, headers.into_iter());
    let body = &bytes[end + 4..];
    let body = match head.header("transfer-encoding") {
        Some(_) => unchunk(body)?,
        None => {
            let length: usize = head.header("content-length")?.parse().ok()?;
            body.get(..length)?.to_vec()
        }
    };
    Some(Reply::Answer(Answer::new(head, body)))
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        rest = rest.get(line + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}
