//! What the tests share.

use std::time::Duration;

use rawdash_host::contract::{Batch, Effect, Event, Records};
use rawdash_host::transport::Network;
use rawdash_libsql::{Database, Options, Patience, Server};
use rawdash_schema::testing::batch;
use sqld::Sqld;

/// Waited for by all tests, except those about waiting.
pub(crate) const PATIENCE: Patience =
    Patience { answer: Duration::from_secs(60), outage: Duration::from_secs(120) };

/// The server, with the namespace `default`.
pub(crate) fn default_server(sqld: &Sqld) -> Server {
    server(&sqld.url("default"), PATIENCE)
}

pub(crate) fn server(url: &str, patience: Patience) -> Server {
    Server::new(url, None, false, &Network::default(), patience).unwrap()
}

pub(crate) async fn open(server: &Server) -> Database {
    server.open("auth0", Options::default()).await.unwrap()
}

/// A step of one event.
pub(crate) fn event(id: &str) -> Batch {
    let attributes = format!(r#"{{"logId":"{id}"}}"#);
    let event = Event { id: id.to_owned(), start: 1, end: None, attributes };
    batch("login", Effect::Merge, Records::Events(vec![event]))
}

/// The ids of all events.
pub(crate) const EVENTS: &str = "SELECT event_id FROM events";
