//! A client that shows exactly what was received.

use auth0_tenant::{Clock, Options, Tenant};
use serde_json::{Value, json};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// 2026-08-20T12:34:56.789Z
pub(crate) const NOW: i64 = 1_787_229_296_789;

pub(crate) async fn tenant(options: Options) -> (Tenant, Clock) {
    let clock = Clock::fixed(NOW);
    let tenant = Tenant::start(options, clock.clone()).await.unwrap();
    (tenant, clock)
}

/// An answer, as received before the connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }

    pub(crate) fn number(&self, name: &str) -> i64 {
        self.header(name).unwrap().parse().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{:?}", self.text());
        self.json().as_array().unwrap().clone()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client with a token.
pub(crate) struct Client<'a> {
    tenant: &'a Tenant,
    token: String,
}

impl<'a> Client<'a> {
    pub(crate) async fn new(tenant: &'a Tenant) -> Self {
        let reply = ask_token(tenant, &credentials(tenant)).await.unwrap();
        let token = reply.json()["access_token"].as_str().unwrap().to_owned();
        Self { tenant, token }
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Reply {
        self.try_get(path, query).await.unwrap()
    }

    pub(crate) async fn try_get(&self, path: &str, query: &[(&str, &str)]) -> io::Result<Reply> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let bearer = format!("Bearer {}", self.token);
        let target = format!("{path}?{query}");
        send(self.tenant, "GET", &target, &[("authorization", &bearer)], "").await
    }
}

pub(crate) fn credentials(tenant: &Tenant) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": tenant.client_id(),
        "client_secret": tenant.client_secret(),
        "audience": format!("https://{}/api/v2/", tenant.domain()),
    })
}

pub(crate) async fn ask_token(tenant: &Tenant, body: &Value) -> io::Result<Reply> {
    let headers = [("content-type", "application/json")];
    send(tenant, "POST", "/oauth/token", &headers, &body.to_string()).await
}

/// One request on a connection of its own.
pub(crate) async fn send(
    tenant: &Tenant,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Reply> {
    let mut stream = connect(tenant).await?;
    let host = tenant.domain();
    let mut request = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await?;
    parse(&raw)
}

pub(crate) async fn connect(tenant: &Tenant) -> io::Result<TcpStream> {
    TcpStream::connect(tenant.url().strip_prefix("http://").unwrap()).await
}

fn parse(raw: &[u8]) -> io::Result<Reply> {
    let incomplete = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(incomplete)?;
    let head = std::str::from_utf8(&raw[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut reply = Reply { status: status.parse().unwrap(), headers, body: Vec::new() };
    let rest = &raw[end + 4..];
    match reply.header("content-length") {
        Some(length) if length.parse() == Ok(rest.len()) => reply.body = rest.to_vec(),
        Some(_) => return Err(incomplete()),
        None => reply.body = unchunked(rest).ok_or_else(incomplete)?,
    }
    Ok(reply)
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        let from = end + 2;
        body.extend_from_slice(rest.get(from..from + size)?);
        rest = rest.get(from + size + 2..)?;
        if size == 0 {
            return Some(body);
        }
    }
}
