//! The figures, in groups that share what they set up.

mod bytes;
mod component;
mod idle;
mod instructions;
mod limit;
mod node;
mod page;
mod round_trips;
mod start;
mod tenants;
mod volume;

use super::measured::Measured;
use super::table::Comparison;

/// The names of the groups, in the order in which they are measured.
pub const GROUPS: [&str; 11] = [
    "component",
    "instructions",
    "page",
    "start",
    "bytes",
    "idle",
    "node",
    "round-trips",
    "limit",
    "tenants",
    "volume",
];

/// Measures one group; `component` is the Auth0 connector.
///
/// # Errors
/// When it cannot be measured on this machine.
pub async fn measure(group: &str, component: &[u8]) -> Measured<Vec<Comparison>> {
    match group {
        "component" => component::rows(component),
        "instructions" => instructions::rows(component),
        "page" => page::rows(component).await,
        "start" => start::rows(component).await,
        "bytes" => bytes::rows(component).await,
        "idle" => idle::rows().await,
        "node" => node::rows().await,
        "round-trips" => round_trips::rows().await,
        "limit" => limit::rows(component).await,
        "tenants" => tenants::rows().await,
        "volume" => volume::rows().await,
        other => Err(format!("there is no group `{other}`: {}", GROUPS.join(", ")).into()),
    }
}

/// The median of several figures, because the machine may be busy during some.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
