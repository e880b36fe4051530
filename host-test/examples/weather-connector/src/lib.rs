//! The smallest whole connector: weather stations (entities), the regions they
//! stand in (edges) and how warm it was (distributions), from one JSON document
//! at `https://HOST/stations`. Read it from top to bottom: the world, the
//! manifest, the configuration, one run, one exchange.
#![cfg(target_family = "wasm")]

mod exchange;
mod manifest;

use std::cell::RefCell;

use bindings::exports::rawdash::connector::connector::{
    Batch, ConfigureError, Effect, Failure, Guest, Issue, Mode, Progress, Records, Request, Secret,
    Step, Window,
};
use bindings::exports::rawdash::connector::{check, connector};
use bindings::rawdash::connector::shapes::{Distribution, Edge, Entity, Node, Quantile, Spread};
use serde::Deserialize;

use exchange::Exchange;

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "plugin",
        pub_export_macro: false,
        with: {
            "wasi:clocks/monotonic-clock@0.2.12": wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.12": wasi::clocks::wall_clock,
            "wasi:http/outgoing-handler@0.2.12": wasi::http::outgoing_handler,
            "wasi:http/types@0.2.12": wasi::http::types,
            "wasi:io/error@0.2.12": wasi::io::error,
            "wasi:io/poll@0.2.12": wasi::io::poll,
            "wasi:io/streams@0.2.12": wasi::io::streams,
        },
    });
    // `export!` writes code that is unsafe by nature; it stays in here.
    use super::Weather;
    export!(Weather);
}

struct Weather;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    host: String,
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

/// What outlives a call.
struct State {
    configuration: Configuration,
    run: Run,
    /// The documents read so far, all runs together: the whole checkpoint.
    documents: u64,
}

/// How far a run is.
#[derive(Default)]
enum Run {
    /// The next step begins one.
    #[default]
    Over,
    /// The request travels.
    Asking(Exchange),
    /// The service wanted a pause; the next step asks again.
    Resting,
    /// All records are with the host.
    Brought,
}

thread_local! {
    // A component is called from one thread, one call at a time.
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

impl Guest for Weather {
    fn configure(
        text: String,
        _: Vec<Secret>,
        checkpoint: Option<String>,
    ) -> Result<(), ConfigureError> {
        let configuration = serde_json::from_str(&text).map_err(|error| {
            let message = format!("{error}; write {{\"host\": \"weather.example\"}}");
            ConfigureError::Configuration(vec![Issue {
                path: String::new(),
                message,
            }])
        })?;
        let documents = match checkpoint.as_deref().map(str::parse) {
            None => 0,
            Some(Ok(documents)) => documents,
            Some(Err(_)) => {
                let message = "the checkpoint is no number; reset it and sync again";
                return Err(ConfigureError::Checkpoint(message.to_owned()));
            }
        };
        let state = State {
            configuration,
            run: Run::Over,
            documents,
        };
        STATE.set(Some(state));
        Ok(())
    }

    fn sync(_: Request) -> Result<Step, Failure> {
        STATE.with_borrow_mut(|state| state.as_mut().ok_or_else(not_configured)?.step())
    }

    fn checkpoint() -> Result<String, Failure> {
        STATE.with_borrow(|state| {
            Ok(state
                .as_ref()
                .ok_or_else(not_configured)?
                .documents
                .to_string())
        })
    }
}

impl State {
    /// Begin and send; collect; end. The request travels while the host stores
    /// the first step.
    fn step(&mut self) -> Result<Step, Failure> {
        match std::mem::take(&mut self.run) {
            Run::Over => {
                self.run = Run::Asking(Exchange::begin(&self.configuration.host)?);
                Ok(Step::Began(connector::Run {
                    mode: Mode::Full,
                    resumed: false,
                    deferred: false,
                }))
            }
            Run::Resting => self.collect(Exchange::begin(&self.configuration.host)?),
            Run::Asking(exchange) => self.collect(exchange),
            Run::Brought => Ok(Step::Done),
        }
    }

    fn collect(&mut self, exchange: Exchange) -> Result<Step, Failure> {
        let body = match exchange.finish()? {
            (200, body) => body,
            // The connector never sleeps: the host waits, then calls again.
            (429, _) => {
                self.run = Run::Resting;
                return Ok(Step::Wait(60_000));
            }
            (status, _) => {
                let message = format!("the service answered {status}; try later");
                return Err(upstream(message, Some(status)));
            }
        };
        let stations: Vec<Station> = serde_json::from_slice(&body)
            .map_err(|error| upstream(format!("the stations cannot be read: {error}"), None))?;
        self.documents += 1;
        self.run = Run::Brought;
        Ok(Step::Batches(batches(&stations, self.documents)))
    }
}

/// The document's stations as records of the three resources.
fn batches(stations: &[Station], generation: u64) -> Vec<Batch> {
    let entities = stations.iter().map(|station| Entity {
        id: station.id.clone(),
        updated_at: station.at,
        attributes: serde_json::json!({ "name": station.name }).to_string(),
    });
    let edges = stations.iter().map(|station| Edge {
        from: Node {
            type_: "weather_station".to_owned(),
            id: station.id.clone(),
        },
        to: Node {
            type_: "weather_region".to_owned(),
            id: station.region.clone(),
        },
        updated_at: station.at,
        attributes: "{}".to_owned(),
    });
    let window = Window {
        start: stations.iter().map(|station| station.at).min().unwrap_or(0),
        end: stations.iter().map(|station| station.at).max().unwrap_or(0),
    };
    let distributions = stations.iter().map(temperature);
    let all = Effect::ReplaceAll(generation);
    vec![
        batch(
            "weather_station",
            Records::Entities(entities.collect()),
            all,
            stations.len(),
        ),
        batch(
            "weather_station_region",
            Records::Edges(edges.collect()),
            all,
            stations.len(),
        ),
        batch(
            "weather_temperature",
            Records::Distributions(distributions.collect()),
            Effect::ReplaceWindow(window),
            stations.len(),
        ),
    ]
}

fn temperature(station: &Station) -> Distribution {
    let mut sorted = station.temperatures.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).map(|value| Quantile {
        q: 0.5,
        value: *value,
    });
    Distribution {
        at: station.at,
        spread: Spread::Summary(median.into_iter().collect()),
        count: sorted.len() as u64,
        sum: sorted.iter().sum(),
        attributes: serde_json::json!({ "station": station.id }).to_string(),
    }
}

fn batch(resource: &str, records: Records, effect: Effect, count: usize) -> Batch {
    let progress = Progress {
        pages: 1,
        records: count as u64,
        expected: Some(count as u64),
    };
    Batch {
        resource: resource.to_owned(),
        records,
        effect,
        progress,
        warnings: Vec::new(),
    }
}

fn not_configured() -> Failure {
    failure("not-configured", "call `configure` first".to_owned(), None)
}

fn upstream(message: String, status: Option<u16>) -> Failure {
    failure("upstream", message, status)
}

fn failure(kind: &str, message: String, status: Option<u16>) -> Failure {
    Failure {
        kind: kind.to_owned(),
        message,
        resource: None,
        status,
        retry_after: None,
    }
}

impl check::Guest for Weather {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        let reached = STATE.with_borrow(|state| {
            let host = &state
                .as_ref()
                .ok_or_else(not_configured)?
                .configuration
                .host;
            match Exchange::begin(host)?.finish()? {
                (200, _) => Ok(()),
                (status, _) => Err(upstream(
                    format!("the service answered {status}"),
                    Some(status),
                )),
            }
        });
        let names = manifest::RESOURCES
            .iter()
            .map(|resource| resource.0.to_owned());
        names.map(|name| (name, reached.clone())).collect()
    }
}
