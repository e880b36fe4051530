//! The weather service: two stations, for those who have the key.

use rawdash_connector_sdk::http::reply::Reply;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::script::{json, status};

/// The key.
pub(crate) const KEY: &str = "sunshine";

const STATIONS: &str = r#"[
  {"id": "s1", "name": "Harbour", "region": "north", "at": 1000, "temperatures": [4.5, 6.0]},
  {"id": "s2", "name": "Hill", "region": "south", "at": 2000, "temperatures": [1.0]}
]"#;

/// Answers a request.
pub(crate) fn reply(request: &Request) -> Reply {
    let key = ("authorization".to_owned(), format!("Bearer {KEY}"));
    match request.path.as_str() {
        _ if !request.headers.contains(&key) => status(401),
        "/stations" => json(STATIONS),
        _ => status(404),
    }
}
