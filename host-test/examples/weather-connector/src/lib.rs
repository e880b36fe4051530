//! A small but complete connector: weather stations (entities), their regions
//! (edges) and temperatures (distributions), from `https://HOST/stations`. From top
//! to bottom: manifest, configuration, steps, records.
#![cfg(target_family = "wasm")]

use connector_kit::contract::*;
use connector_kit::{checkpoint, configuration::Members, http::Exchange, slot::Slot};
use serde::Deserialize;
use serde_json::json;

struct Weather;
connector_kit::export!(Weather);

const NAMES: [&str; 3] = ["weather_station", "weather_station_region", "weather_temperature"];

impl Manifest for Weather {
    fn describe() -> About {
        let resource = |name, setting, shape, description| {
            ResourceInfo::new(name, setting, shape, "GET /stations", description)
        };
        let [station, region, temperature] = NAMES;
        About {
            id: "weather".to_owned(),
            name: "Weather".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            origins: vec!["https://{/host}".to_owned()],
            configuration_schema: include_str!("configuration.schema.json").to_owned(),
            resources: vec![
                resource(station, "stations", Shape::Entity, "Stations that report.")
                    .with("name", "What people call the station."),
                resource(region, "regions", Shape::Edge, "The region a station stands in."),
                resource(temperature, "temperatures", Shape::Distribution, "How warm it was.")
                    .with("station", "The id of the station that measured."),
            ],
        }
    }
}

/// The configuration, and the state between calls.
struct State {
    host: String,
    key: String,
    /// The documents read so far, in all runs: the whole checkpoint.
    documents: u64,
    /// The request of the run under way; with `None` the next step begins a run.
    request: Option<Request>,
    /// The HTTP request in flight.
    exchange: Option<Exchange>,
    /// How often in a row the source required a wait.
    pauses: u32,
    /// Whether the host has all records.
    brought: bool,
}

static STATE: Slot<State> = Slot::empty();

impl Connector for Weather {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        stored: Option<String>,
    ) -> Result<(), ConfigureError> {
        let mut members = Members::read(&text, &secrets)?;
        let (host, key) = (members.text("host"), members.secret("key"));
        members.end()?;
        let documents = stored.map_or(Ok(0), |text| checkpoint::read(&text, 1, &host))?;
        let (request, exchange, pauses, brought) = (None, None, 0, false);
        STATE.set(State { host, key, documents, request, exchange, pauses, brought });
        Ok(())
    }

    fn sync(request: Request) -> Result<Step, Failure> {
        STATE.with(|state| state.step(request))
    }

    fn checkpoint() -> Result<String, Failure> {
        STATE.with(|state| Ok(checkpoint::write(1, &state.host, &state.documents)))
    }
}

impl Check for Weather {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        let reached = STATE.with(|state| state.ask()?.json::<Vec<Station>>().map(|_| ()));
        NAMES.map(|name| (name.to_owned(), reached.clone())).into()
    }
}

impl State {
    fn ask(&self) -> Result<Exchange, Failure> {
        let authorization = format!("Bearer {}", self.key);
        Exchange::get(&self.host, "/stations", &[("authorization", &authorization)])
    }

    /// Begin and send; collect; end. The request is in flight between the steps.
    fn step(&mut self, request: Request) -> Result<Step, Failure> {
        request.only(&NAMES)?;
        if std::mem::take(&mut self.brought) {
            return Ok(Step::Done);
        }
        let Some(asked) = self.request.clone() else {
            self.exchange = Some(self.ask()?);
            (self.request, self.pauses) = (Some(request), 0);
            return Ok(Step::Began(FULL));
        };
        let exchange = self.exchange.take().map_or_else(|| self.ask(), Ok)?;
        let stations: Vec<Station> = match exchange.json() {
            // The connector never sleeps: the host waits, then calls again.
            Err(Failure { retry_after: Some(pause), .. }) if self.pauses < 5 => {
                self.pauses += 1;
                return Ok(Step::Wait(pause));
            }
            answer => answer?,
        };
        (self.documents, self.request, self.brought) = (self.documents + 1, None, true);
        let mut batches = batches(&stations, self.documents);
        batches.retain(|batch| asked.wants(&batch.resource));
        Ok(Step::Batches(batches))
    }
}

#[derive(Deserialize)]
struct Station {
    id: String,
    name: String,
    region: String,
    /// When it reported, in milliseconds since 1970.
    at: i64,
    temperatures: Vec<f64>,
}

/// Converts the stations to records of the three resources.
fn batches(stations: &[Station], generation: u64) -> Vec<Batch> {
    let [station, region, temperature] = NAMES;
    let (mut entities, mut edges, mut measured) = (Vec::new(), Vec::new(), Vec::new());
    for Station { id, name, region, at, temperatures } in stations {
        let ends = ((station, id.as_str()), ("weather_region", region.as_str()));
        entities.push(Entity::new(id, *at, &json!({ "name": name })));
        edges.push(Edge::new(ends.0, ends.1, *at, &json!({})));
        measured.push(Distribution::of(*at, temperatures.clone(), &json!({ "station": id })));
    }
    let window = Window::around(measured.iter().map(|row| row.at));
    let (all, window) = (Effect::ReplaceAll(generation), Effect::ReplaceWindow(window));
    vec![
        Batch::whole(station, Records::Entities(entities), all),
        Batch::whole(region, Records::Edges(edges), all),
        Batch::whole(temperature, Records::Distributions(measured), window),
    ]
}
