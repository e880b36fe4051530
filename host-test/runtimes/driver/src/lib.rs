//! A component that syncs the connector that is plugged into it. It reads one JSON
//! object, the job, and writes a line of JSON for each row, then one for where it
//! stopped. As a command (`wasi:cli/run`) it reads standard input and writes standard
//! output; as a server (`wasi:http/incoming-handler`) it reads the body of a request
//! and answers it.
#![cfg(target_family = "wasm")]

mod bindings;
mod command;
mod job;
mod rows;
mod server;

struct Driver;

wasi::cli::command::export!(Driver with_types_in wasi);
wasi::http::proxy::export!(Driver with_types_in wasi);
