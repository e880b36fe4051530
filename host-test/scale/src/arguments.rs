//! The command line.

use std::time::Duration;

use clap::Parser;
use rawdash_host_cli::arguments::span::span;

/// Syncs simulated tenants with several workers, kills them, the engine Restate and the
/// libSQL server, and compares every row with a sync on one machine.
///
/// It exits with 1 if a row differs.
#[derive(Debug, Parser)]
#[command(name = "scale-test")]
pub struct Arguments {
    /// The number of tenants
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub tenants: u32,
    /// The number of workers; several numbers are tried one after the other
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "3")]
    pub workers: Vec<usize>,
    /// The number of kills, after a trial without any
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub kills: usize,
    /// What is killed when depends on it
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The round-trip time of each request to a tenant
    #[arg(long, value_name = "SPAN", default_value = "300ms", value_parser = span)]
    pub latency: Duration,
    /// The number of log rows of each tenant
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub logs: u32,
}
