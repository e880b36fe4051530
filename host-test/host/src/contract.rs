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
    Batch, ConfigureError, Effect, Failure, Issue, Mode, Progress, Request, Run, Secret, Step,
    Warning, Window,
};
pub use generated::exports::rawdash::connector::manifest::{About, Field, ResourceInfo, Shape};
pub use generated::rawdash::connector::shapes::{
    Bucket, Distribution, Edge, Entity, Event, Node, Quantile, Records, Sample, Spread,
};
pub use generated::{Plugin, PluginPre};

/// The number of records, including removals.
pub fn record_count(records: &Records) -> u64 {
    let count = match records {
        Records::Events(rows) => rows.len(),
        Records::Entities(rows) => rows.len(),
        Records::Removals(ids) => ids.len(),
        Records::Samples(rows) => rows.len(),
        Records::Edges(rows) => rows.len(),
        Records::Distributions(rows) => rows.len(),
    };
    count as u64
}
