//! The bindings of contract 0.1.

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    wasmtime::component::bindgen!({
        path: ["../../wit/deps/io.wit", "../../wit/deps/clocks.wit", "../../wit/deps/http.wit", "landed/wit"],
        world: "rawdash:connector/plugin",
        exports: { default: async },
        with: {
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        },
    });
}

pub(super) use generated::exports::rawdash::connector::connector;
pub(super) use generated::rawdash::connector::shapes;
pub(super) use generated::{Plugin, PluginPre};
