//! The connector against a scripted weather service.
#![allow(clippy::unwrap_used)]

use rawdash_connector_sdk::http::reply::Reply;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::script::{Host, json, status};
use serde_json::json;
use weather_connector::Weather;

mod service;

fn host(source: fn(&Request) -> Reply) -> Host<Weather, fn(&Request) -> Reply> {
    let configuration = json!({ "host": "weather.example", "key": { "$secret": "KEY" } });
    Host::new(configuration, &[("KEY", service::KEY)], source).unwrap()
}

#[test]
fn every_station_becomes_a_record_of_each_resource() {
    let mut host = host(service::reply);
    assert!(host.sync().is_clean());
    assert_eq!(host.store.keys("weather_station"), ["s1", "s2"]);
    let edges = host.store.keys("weather_station_region");
    assert_eq!(
        edges,
        ["weather_station/s1 > weather_region/north", "weather_station/s2 > weather_region/south"]
    );
    let sums: Vec<f64> =
        host.store.rows("weather_temperature").iter().map(|(_, row)| row.value).collect();
    assert_eq!(sums, [10.5, 1.0]);
}

#[test]
fn a_key_that_is_refused_replaces_nothing() {
    let mut host = host(service::reply);
    host.sync();
    host.source = |_| status(401);
    assert_eq!(host.sync().failure.unwrap().kind.name(), "authentication");
    assert_eq!(host.store.keys("weather_station"), ["s1", "s2"]);
}

#[test]
fn an_answer_that_cannot_be_read_replaces_nothing() {
    let mut host = host(service::reply);
    host.sync();
    host.source = |_| json("{}");
    assert!(!host.sync().is_clean());
    assert_eq!(host.store.keys("weather_station"), ["s1", "s2"]);
}
