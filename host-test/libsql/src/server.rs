//! A libSQL server, and what it is reached with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::uri::{Authority, Uri};
use rawdash_host::clock::SystemClock;
use rawdash_host::contract::Secret;
use rawdash_host::redaction::Redaction;
use rawdash_host::storage::StorageError;
use rawdash_host::transport::{Network, ServerAddress, ServerClient};

use crate::database::Database;
use crate::hrana::Statement;
use crate::link::Link;
use crate::opening::{self, OpenError, Options};
use crate::query;

/// How long the server is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one answer. It should be longer than the 5 s for which sqld lets a transaction
    /// wait for another.
    pub answer: Duration,
    /// For all attempts of a step, while the server cannot be reached, fails or is
    /// locked.
    pub outage: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { answer: Duration::from_secs(20), outage: Duration::from_secs(30) }
    }
}

/// Why a server cannot be used, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnusableServer {
    /// Its address is wrong.
    Address(String),
    /// The token or the certificate authorities of this machine are.
    Machine(String),
}

impl fmt::Display for UnusableServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (UnusableServer::Address(message) | UnusableServer::Machine(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for UnusableServer {}

/// A libSQL server. Clones share its connections: one process has one for all of its
/// syncs.
#[derive(Clone)]
pub struct Server {
    link: Link,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.link.address())
    }
}

impl Server {
    /// Whether the text names a server, and not a file.
    pub fn is_named_by(text: &str) -> bool {
        ["libsql://", "https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// The server at `url`: `libsql://HOST`, `https://HOST` or `http://HOST`, each with a
    /// port where it is not the usual one. Plain http is refused outside of this machine
    /// unless `insecure`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`UnusableServer`].
    pub fn new(
        url: &str,
        token: Option<&str>,
        insecure: bool,
        network: &Network,
        patience: Patience,
    ) -> Result<Server, UnusableServer> {
        let address = address(url, insecure).map_err(UnusableServer::Address)?;
        let header = token.map(|token| HeaderValue::from_str(&format!("Bearer {token}")));
        let mut header = header.transpose().map_err(|_| {
            let message = "the database token has characters that no token has: copy it again";
            UnusableServer::Machine(message.to_owned())
        })?;
        header.iter_mut().for_each(|header| header.set_sensitive(true));
        let client = ServerClient::new(address.clone(), network, Arc::new(SystemClock::new()))
            .map_err(|error| UnusableServer::Machine(error.to_string()))?;
        let secret =
            |value: &str| Secret { name: "RAWDASH_DB_TOKEN".to_owned(), value: value.to_owned() };
        let secrets: Vec<Secret> = token.map(secret).into_iter().collect();
        let redaction = Redaction::new(&[&secrets, network.proxies.secrets()].concat());
        Ok(Server { link: Link::new(client, address, header, redaction, patience) })
    }

    /// The text in the first column of the first row of a query with one parameter, `?1`:
    /// what a program stores beside rawdash's tables.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn text(&self, sql: &str, parameter: &str) -> Result<Option<String>, StorageError> {
        let rows = query::rows(&self.link, &Statement::new(sql, vec![parameter.into()])).await;
        let rows = rows.map_err(|trouble| self.link.error(trouble))?;
        Ok(rows.texts().next().map(str::to_owned))
    }

    /// Opens the part of `connector` (rawdash's `connector_id`), and creates the missing
    /// tables. Other writers are noticed when the first step is stored.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(&self, connector: &str, options: Options) -> Result<Database, OpenError> {
        opening::open(self.link.clone(), connector, options).await
    }
}

fn address(url: &str, insecure: bool) -> Result<ServerAddress, String> {
    let wrong = |what: &str| {
        format!("the address of the database {what}: write libsql://HOST or https://HOST:PORT")
    };
    let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("has no scheme"))?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    // Not shown, because it may be a token or a password.
    if authority.contains(['/', '?', '#', '@']) {
        return Err(wrong("has more than a host and a port"));
    }
    let authority: Authority = authority.parse().map_err(|_| wrong("is not a host"))?;
    let uri = Uri::builder().scheme("https").authority(authority.clone()).path_and_query("/");
    if authority.host().is_empty() || uri.build().is_err() {
        return Err(wrong("is not a host"));
    }
    let secure = match scheme {
        "libsql" | "https" => true,
        "http" => false,
        _ => return Err(wrong("has another scheme")),
    };
    let address = ServerAddress { secure, authority };
    if !secure && !insecure && !address.is_loopback() {
        return Err(format!(
            "{address} is not on this machine, and http does not protect its token and records: \
             use https, or add --insecure-db"
        ));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_leaves_this_machine_in_the_clear_unless_that_is_wanted() {
        for url in ["http://db.example", "http://10.0.0.1:8080", "http://localhost.example"] {
            assert!(address(url, false).unwrap_err().contains("--insecure-db"), "{url}");
            assert!(address(url, true).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://t1.localhost:8080", "http://[::1]:1"] {
            assert!(!address(url, false).unwrap().secure, "{url}");
        }
        for url in ["libsql://db.example", "https://db.example/", "https://db.example:8443"] {
            assert!(address(url, false).unwrap().secure, "{url}");
        }
    }

    #[test]
    fn what_may_be_a_token_in_an_address_is_not_repeated() {
        for url in
            ["libsql://hunter2@db", "https://db/?authToken=hunter2", "https://db/hunter2", "ws://h"]
        {
            let error = address(url, true).unwrap_err();
            assert!(!error.contains("hunter2") && error.contains("libsql://HOST"), "{error}");
        }
    }
}
