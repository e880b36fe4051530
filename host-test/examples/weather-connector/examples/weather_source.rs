//! The weather service on this machine: `cargo run --example weather_source --
//! PORT` prints its URL and serves until it is stopped.

#[path = "../tests/service/mod.rs"]
mod service;

fn main() -> std::io::Result<()> {
    script_server::main(service::reply)
}
