//! The contract's types, generated from `wit/`, which documents them, under short
//! names and with short constructors. Times are Unix milliseconds, attributes are
//! one JSON object as text.
//!
//! ```
//! use bare_contract::contract::*;
//! use serde_json::json;
//!
//! let station = Entity::new("s1", 1000, &json!({ "name": "Harbour" }));
//! let region = Edge::new(("station", "s1"), ("region", "north"), 1000, &json!({}));
//! let warm = Distribution::of(1000, vec![6.0, 4.5, 7.0, 5.0, 4.0], &json!({ "station": "s1" }));
//! let Spread::Summary(quantiles) = &warm.spread else { panic!() };
//! assert_eq!(quantiles.iter().map(|each| each.value).collect::<Vec<_>>(), [4.5, 5.0, 6.0]);
//! assert_eq!((warm.count, warm.sum), (5, 26.5));
//!
//! let window = Effect::ReplaceWindow(Window::around([warm.at].into_iter()));
//! let batches = [
//!     Batch::whole("station", Records::Entities(vec![station]), Effect::all(1)),
//!     Batch::whole("station_region", Records::Edges(vec![region]), Effect::all(1)),
//!     Batch::whole("temperature", Records::Distributions(vec![warm]), window),
//! ];
//! let want = Want { resource: "station".into(), mode: Mode::Full, since: None, conditions: vec![] };
//! let asked = Request { wants: vec![want], patience: None };
//! asked.only(&["station", "station_region", "temperature"])?;
//! assert_eq!(batches.iter().filter(|batch| asked.wants(&batch.resource)).count(), 1);
//! # Ok::<(), Failure>(())
//! ```

use serde_json::Value;

/// What wit-bindgen generates from `wit/`. Use the names that are re-exported beside
/// it.
#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "plugin",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "bare_contract::contract::bindings",
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
}

pub use bindings::exports::rawdash::connector::check::Guest as Check;
pub use bindings::exports::rawdash::connector::connector::{
    Batch, Condition, ConfigureError, Configured, Effect, Ended, Ending, Failure,
    Guest as Connector, Issue, Mode, Notice, Pause, Progress, Publication, Request, Run, Secret,
    Step, Want, Warning, Window,
};
pub use bindings::exports::rawdash::connector::manifest::{
    About, Documentation, Field, Guest as Manifest, ResourceInfo, Shape,
};
pub use bindings::rawdash::connector::shapes::{
    Bucket, Distribution, Edge, Entity, Event, Node, Quantile, Records, Sample, Spread,
};

impl Effect {
    /// Makes what is staged under the generation, and the batch, all that is
    /// stored. Without a record it is refused where there are some.
    pub fn all(generation: u64) -> Effect {
        Effect::Publish(Publication { generation, scope: None, empty_is_true: false })
    }
}

impl Step {
    /// A run of a resource begins.
    pub fn began(resource: &str, mode: Mode, resumed: bool) -> Step {
        Step::Began(Run { resource: resource.to_owned(), mode, resumed })
    }

    /// A run of a resource ended.
    pub fn ended(resource: &str, ending: Ending) -> Step {
        Step::Ended(Ended { resource: resource.to_owned(), ending })
    }

    /// Nothing can arrive for so many milliseconds.
    pub fn pause(milliseconds: u32, cause: Option<Failure>) -> Step {
        Step::Wait(Pause { milliseconds, cause })
    }
}

impl Configured {
    /// A configuration that allows everything in the manifest, from one host.
    pub fn all(about: About, host: &str) -> Configured {
        Configured { resources: about.resources, origins: vec![format!("https://{host}")] }
    }
}

impl Failure {
    /// A failure of a kind of the contract, such as `transient`; `wit/connector.wit`
    /// lists them. The message is one sentence: what happened, where, and what to
    /// do.
    pub fn new(kind: &str, message: impl ToString) -> Failure {
        Failure {
            kind: kind.to_owned(),
            message: message.to_string(),
            resource: None,
            status: None,
            retry_after: None,
        }
    }

    /// The failure of every call before `configure`.
    pub fn not_configured() -> Failure {
        Failure::new("not-configured", "call `configure` first")
    }
}

impl Entity {
    /// An entity with attributes, a JSON object. `updated_at` is in Unix
    /// milliseconds.
    pub fn new(id: &str, updated_at: i64, attributes: &Value) -> Entity {
        Entity { id: id.to_owned(), updated_at, attributes: attributes.to_string() }
    }
}

impl Edge {
    /// An edge between two entities, each by type and id. The resource's name
    /// is its kind; `updated_at` is in Unix milliseconds.
    pub fn new(from: (&str, &str), to: (&str, &str), updated_at: i64, attributes: &Value) -> Edge {
        let node = |(kind, id): (&str, &str)| Node { type_: kind.to_owned(), id: id.to_owned() };
        Edge { from: node(from), to: node(to), updated_at, attributes: attributes.to_string() }
    }
}

impl Distribution {
    /// The measurements of one time, in Unix milliseconds, summarised by their
    /// quartiles; with a count of 0 if there are none.
    pub fn of(at: i64, mut measured: Vec<f64>, attributes: &Value) -> Distribution {
        measured.sort_by(f64::total_cmp);
        let quantile = |q: f64| {
            let place = (measured.len().saturating_sub(1) as f64 * q).round() as usize;
            measured.get(place).map(|value| Quantile { q, value: *value })
        };
        Distribution {
            at,
            spread: Spread::Summary([0.25, 0.5, 0.75].into_iter().filter_map(quantile).collect()),
            count: measured.len() as u64,
            sum: measured.iter().sum(),
            attributes: attributes.to_string(),
        }
    }
}

impl Request {
    /// Fails with kind `request` when a resource is wanted that is none of
    /// these, or is wanted twice.
    pub fn only(&self, names: &[&str]) -> Result<(), Failure> {
        for (number, want) in self.wants.iter().enumerate() {
            let name = want.resource.as_str();
            if !names.contains(&name) {
                let message = format!("there is no resource {name:?}, only {}", names.join(", "));
                return Err(Failure::new("request", message));
            }
            if self.wants.iter().skip(number + 1).any(|other| other.resource == name) {
                let message = format!("the resource {name:?} is wanted twice: name it once");
                return Err(Failure::new("request", message));
            }
        }
        Ok(())
    }

    /// Whether a resource is wanted: all are where none is named.
    pub fn wants(&self, resource: &str) -> bool {
        self.wants.is_empty() || self.wants.iter().any(|want| want.resource == resource)
    }
}

impl Window {
    /// The smallest window that contains these times, including both ends; the first
    /// millisecond of 1970 if there are none.
    pub fn around(times: impl Iterator<Item = i64> + Clone) -> Window {
        Window { start: times.clone().min().unwrap_or(0), end: times.max().unwrap_or(0) }
    }
}

impl Batch {
    /// All records of a resource in this run, from one page.
    pub fn whole(resource: &str, records: Records, effect: Effect) -> Batch {
        let count = match &records {
            Records::Events(rows) => rows.len(),
            Records::Entities(rows) => rows.len(),
            Records::Removals(rows) => rows.len(),
            Records::Samples(rows) => rows.len(),
            Records::Edges(rows) => rows.len(),
            Records::Distributions(rows) => rows.len(),
            Records::EdgeRemovals(rows) => rows.len(),
        } as u64;
        let progress = Progress { pages: 1, records: count, expected: Some(count) };
        Batch { resource: resource.to_owned(), records, effect, progress, warnings: Vec::new() }
    }
}

impl ResourceInfo {
    /// A resource: its name in storage, its name in the configuration, its shape,
    /// its endpoint, its description.
    pub fn new(
        name: &str,
        setting: &str,
        shape: Shape,
        endpoint: &str,
        description: &str,
    ) -> ResourceInfo {
        ResourceInfo {
            name: name.to_owned(),
            setting: Some(setting.to_owned()),
            shape,
            description: description.to_owned(),
            endpoint: endpoint.to_owned(),
            scopes: Vec::new(),
            fields: Vec::new(),
            dimensions: Vec::new(),
            measures: Vec::new(),
            open: false,
            dynamic: false,
            filterable: Vec::new(),
            unit: None,
            granularity: None,
        }
    }

    /// Adds an attribute of its records. For samples and distributions it is a
    /// dimension, which distinguishes those of one time.
    pub fn with(mut self, name: &str, description: &str) -> ResourceInfo {
        let field = Field { name: name.to_owned(), description: description.to_owned() };
        match self.shape {
            Shape::Metric | Shape::Distribution => self.dimensions.push(field),
            Shape::Event | Shape::Entity | Shape::Edge => self.fields.push(field),
        }
        self
    }

    /// Sets what a sample counts and the span between samples: `1h`, `1d`.
    pub fn measured(mut self, unit: &str, granularity: &str) -> ResourceInfo {
        self.unit = Some(unit.to_owned());
        self.granularity = Some(granularity.to_owned());
        self
    }
}
