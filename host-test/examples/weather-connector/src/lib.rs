//! A whole connector: weather stations (entities), their regions (edges) and how
//! warm it was (distributions), from `https://HOST/stations`.

use rawdash_connector_sdk::prelude::*;
use serde::Deserialize;

/// The configured connector.
#[derive(Debug)]
pub struct Weather {
    host: Host,
    key: Header,
}

rawdash_connector_sdk::export!(Weather);

impl Configuration for Weather {
    const TITLE: &'static str = "Weather";
    const DESCRIPTION: &'static str = "A weather service.";

    fn declare(form: &mut Form<'_>) -> Weather {
        Weather {
            host: form.host("host", "the service's host").such_as("weather.example").required(),
            key: Header::bearer(form.secret("key", "the key that the service gave you").required()),
        }
    }
}

impl Connector for Weather {
    type Shared = ();

    fn identity() -> Identity {
        Identity {
            id: "weather",
            name: "Weather",
            version: env!("CARGO_PKG_VERSION"),
            description: env!("CARGO_PKG_DESCRIPTION"),
            origins: vec!["https://{/host}".to_owned()],
            configuration_schema: config::schema::<Weather>(),
            documentation: Documentation::new(
                "infrastructure",
                "How warm it was, station by station.",
                ("Weather", "weather.example"),
                "A key.",
                &["Ask the service for a key."],
            ),
            user_agent: concat!("weather-connector/", env!("CARGO_PKG_VERSION")),
        }
    }

    fn resources() -> Vec<Listed<Weather>> {
        let station = ResourceInfo::new(STATION, Shape::Entity, ENDPOINT, "Stations that report.")
            .fields(&[("name", "What people call the station.")]);
        let region = "weather_station_region";
        let region = ResourceInfo::new(region, Shape::Edge, ENDPOINT, "Where a station stands.");
        let warmth = "weather_temperature";
        let warmth = ResourceInfo::new(warmth, Shape::Distribution, ENDPOINT, "How warm it was.")
            .dimensions(&[("station", "The id of the station that measured.")]);
        vec![
            listing(Stations(station, as_entities)),
            listing(Stations(region, as_edges)),
            listing(Stations(warmth, as_distributions)),
        ]
    }

    fn configure(text: &str, secrets: Secrets<'_>) -> Result<Weather, Vec<Issue>> {
        config::read(text, secrets)
    }

    fn host(&self) -> &str {
        self.host.as_str()
    }

    fn authentication(&mut self) -> &mut dyn Authentication {
        &mut self.key
    }
}

const ENDPOINT: &str = "GET /stations";
const STATION: &str = "weather_station";

/// A row of the service.
#[derive(Deserialize)]
struct Station {
    id: String,
    name: String,
    region: String,
    /// When it reported, in milliseconds since 1970.
    at: Timestamp,
    temperatures: Vec<f64>,
}

/// A resource: its entry in the manifest, and what the stations become.
struct Stations(ResourceInfo, fn(Vec<Station>) -> Page);

impl Listing for Stations {
    type Connector = Weather;

    fn info(&self) -> ResourceInfo {
        self.0.clone()
    }

    fn first(&self, _: &Weather, _: &Span) -> String {
        "/stations".to_owned()
    }

    fn read(&self, _: &Weather, _: &Span, answer: &Answer) -> Option<Page> {
        answer.json().map(self.1)
    }
}

fn as_entities(stations: Vec<Station>) -> Page {
    let entity = |of: Station| Entity::new(of.id, of.at, json!({ "name": of.name }));
    Page::of(Records::Entities(stations.into_iter().map(entity).collect()))
}

fn as_edges(stations: Vec<Station>) -> Page {
    let edge = |of: Station| {
        let ends = (Node::new(STATION, of.id), Node::new("weather_region", of.region));
        Edge::new(ends.0, ends.1, of.at, json!({}))
    };
    Page::of(Records::Edges(stations.into_iter().map(edge).collect()))
}

fn as_distributions(stations: Vec<Station>) -> Page {
    let window = Window::around(stations.iter().map(|station| station.at));
    let spread =
        |of: Station| Distribution::of(of.at, of.temperatures, json!({ "station": of.id }));
    Page::of(Records::Distributions(stations.into_iter().map(spread).collect())).within(window)
}
