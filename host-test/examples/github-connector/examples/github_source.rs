//! A small GitHub on this machine: `cargo run --example github_source -- PORT`
//! prints its URL and serves until it is stopped.

#[path = "../tests/server/mod.rs"]
mod server;

fn main() -> std::io::Result<()> {
    script_server::main(server::GitHub::small())
}
