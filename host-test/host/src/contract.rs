//! The contract's types as the host sees them, generated from `wit/`. Only this
//! module knows the generated bindings; the others import from here.

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "plugin",
        exports: { default: async },
        additional_derives: [Clone, PartialEq],
        with: {
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi_io::bindings::wasi::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        },
    });
}

pub use generated::exports::rawdash::connector::connector::{
    Batch, Condition, ConfigureError, Configured, Effect, Ended, Ending, Failure, Issue, Mode,
    Notice, Pause, Progress, Publication, Request, Run, Secret, Step, Want, Warning, Window,
};
pub use generated::exports::rawdash::connector::manifest::{
    About, Documentation, Field, Filterable, ResourceInfo, Shape,
};
pub use generated::rawdash::connector::shapes::{
    Bucket, Distribution, Edge, Entity, Event, Node, Quantile, Records, Sample, Spread,
};
pub use generated::{Plugin, PluginPre};

impl ResourceInfo {
    /// A resource of which nothing is known but its name and shape.
    pub fn named(name: &str, shape: Shape) -> ResourceInfo {
        ResourceInfo {
            name: name.to_owned(),
            setting: None,
            shape,
            description: String::new(),
            endpoint: String::new(),
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
}

impl Documentation {
    /// One that says nothing.
    pub fn empty() -> Documentation {
        Documentation {
            category: String::new(),
            tagline: String::new(),
            vendor_name: String::new(),
            vendor_domain: String::new(),
            api_docs: None,
            brand_color: None,
            auth_summary: String::new(),
            auth_setup: Vec::new(),
            rate_limit: None,
            limitations: Vec::new(),
        }
    }
}

impl Records {
    /// Whether these are ids of what is to be removed.
    pub fn are_removals(&self) -> bool {
        matches!(self, Records::Removals(_) | Records::EdgeRemovals(_))
    }
}

/// How many records there are, removals included.
pub fn record_count(records: &Records) -> u64 {
    let count = match records {
        Records::Events(rows) => rows.len(),
        Records::Entities(rows) => rows.len(),
        Records::Removals(ids) => ids.len(),
        Records::Samples(rows) => rows.len(),
        Records::Edges(rows) => rows.len(),
        Records::Distributions(rows) => rows.len(),
        Records::EdgeRemovals(edges) => edges.len(),
    };
    count as u64
}
