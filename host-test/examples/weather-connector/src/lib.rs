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
            documentation: documentation(),
        }
    }
}

fn documentation() -> Documentation {
    Documentation {
        category: "example".to_owned(),
        tagline: "How warm it was, station by station.".to_owned(),
        vendor_name: "Weather".to_owned(),
        vendor_domain: "weather.example".to_owned(),
        api_docs: None,
        brand_color: None,
        auth_summary: "A key, sent as a bearer token.".to_owned(),
        auth_setup: vec!["Request a key from the weather service.".to_owned()],
        rate_limit: None,
        limitations: Vec::new(),
    }
}

/// What `configure` was given, and what outlives a call.
struct State {
    host: String,
    key: String,
    /// The documents read so far, all syncs together: the whole checkpoint.
    documents: u64,
    /// The sync under way; the next step begins one otherwise.
    sync: Option<Sync>,
    /// The request in flight.
    exchange: Option<Exchange>,
    /// How often in a row the source required a wait.
    pauses: u32,
}

/// One document has the records of all resources, so their runs go together.
struct Sync {
    wanted: Vec<&'static str>,
    phase: Phase,
}

#[derive(Clone, Copy)]
enum Phase {
    /// So many runs have begun.
    Beginning(usize),
    Reading,
    /// So many runs have ended.
    Ending(usize),
}

static STATE: Slot<State> = Slot::empty();

impl Connector for Weather {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        stored: Option<String>,
    ) -> Result<Configured, ConfigureError> {
        let mut members = Members::read(&text, &secrets)?;
        let (host, key) = (members.text("host"), members.secret("key"));
        members.end()?;
        let documents = stored.map_or(Ok(0), |text| checkpoint::read(&text, 1, &host))?;
        let configured = Configured::all(Weather::describe(), &host);
        STATE.set(State { host, key, documents, sync: None, exchange: None, pauses: 0 });
        Ok(configured)
    }

    fn sync(request: Request) -> Result<Step, Failure> {
        STATE.with(|state| state.step(&request))
    }

    fn checkpoint() -> Result<String, Failure> {
        STATE.with(|state| Ok(checkpoint::write(1, &state.host, &state.documents)))
    }
}

impl Check for Weather {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        let reached = STATE.with(|state| state.send()?.json::<Vec<Station>>().map(|_| ()));
        NAMES.map(|name| (name.to_owned(), reached.clone())).into()
    }
}

impl State {
    fn send(&self) -> Result<Exchange, Failure> {
        let authorization = format!("Bearer {}", self.key);
        Exchange::get(&self.host, "/stations", &[("authorization", &authorization)])
    }

    fn step(&mut self, request: &Request) -> Result<Step, Failure> {
        request.only(&NAMES)?;
        let mut sync = self.sync.take().unwrap_or_else(|| Sync {
            wanted: NAMES.into_iter().filter(|name| request.wants(name)).collect(),
            phase: Phase::Beginning(0),
        });
        let step = self.next(&mut sync, request.patience)?;
        // An error ends the sync: the next call begins another.
        self.sync = if matches!(step, Step::Done) { None } else { Some(sync) };
        Ok(step)
    }

    /// The runs begin; the document is read; they end. The request is in flight
    /// between the steps.
    fn next(&mut self, sync: &mut Sync, patience: Option<u32>) -> Result<Step, Failure> {
        match sync.phase {
            Phase::Beginning(begun) => {
                if self.exchange.is_none() {
                    self.exchange = Some(self.send()?);
                }
                let all = begun + 1 == sync.wanted.len();
                sync.phase = if all { Phase::Reading } else { Phase::Beginning(begun + 1) };
                let name = sync.wanted.get(begun).copied().unwrap_or_default();
                Ok(Step::began(name, Mode::Full, false))
            }
            Phase::Reading => self.read(sync, patience),
            Phase::Ending(ended) => {
                let Some(name) = sync.wanted.get(ended) else { return Ok(Step::Done) };
                sync.phase = Phase::Ending(ended + 1);
                Ok(Step::ended(name, Ending::Complete))
            }
        }
    }

    fn read(&mut self, sync: &mut Sync, patience: Option<u32>) -> Result<Step, Failure> {
        let exchange = self.exchange.take().map_or_else(|| self.send(), Ok)?;
        if patience.is_some_and(|patience| !exchange.begins_within(patience)) {
            self.exchange = Some(exchange);
            return Ok(Step::pause(0, None));
        }
        let stations: Vec<Station> = match exchange.json() {
            // The connector never sleeps: the host waits, then calls again.
            Err(failure @ Failure { retry_after: Some(span), .. }) if self.pauses < 5 => {
                self.pauses += 1;
                return Ok(Step::pause(span, Some(failure)));
            }
            answer => answer?,
        };
        (self.documents, self.pauses) = (self.documents + 1, 0);
        sync.phase = Phase::Ending(0);
        let mut batches = batches(&stations, self.documents);
        batches.retain(|batch| sync.wanted.contains(&batch.resource.as_str()));
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
    let window = Effect::ReplaceWindow(window);
    vec![
        Batch::whole(station, Records::Entities(entities), Effect::all(generation)),
        Batch::whole(region, Records::Edges(edges), Effect::all(generation)),
        Batch::whole(temperature, Records::Distributions(measured), window),
    ]
}
