//! Every fault at every request: whatever goes wrong between the tenant and
//! the host, and wherever, the database ends as if it had not.
//!
//! `cargo test -p rawdash-host-cli --test suite faults:: -- --nocapture` prints
//! the table.

pub(crate) mod place;
mod table;
pub(crate) mod trouble;

use std::sync::Arc;

use self::place::{End, Place};
use self::table::Table;
use self::trouble::{Cause, troubles};
use crate::support::at_once::at_once;
use crate::support::history::History;

/// Runs at once: while one waits for its answers, others compute.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_at_any_request_costs_a_row_or_doubles_one() {
    let history = Arc::new(History::without_faults().await);
    let troubles = troubles();
    let mut table = Table::default();
    let mut failures = Vec::new();
    let mut places: Vec<Place> = troubles.iter().flat_map(Place::first).collect();
    // One request later each time, until a run is too short for the fault.
    while !places.is_empty() {
        let history = history.clone();
        let ends = at_once(AT_ONCE, places.clone(), move |place| {
            let history = history.clone();
            async move { place.end(&history).await }
        });
        let mut later = Vec::new();
        for (place, end) in places.into_iter().zip(ends.await) {
            table.count(&place, &end);
            match end {
                Ok(End::TooShort) => {}
                Ok(_) => later.push(place.next()),
                Err(why) => failures.push(format!("{place}: {why}")),
            }
        }
        places = later;
    }
    println!("{table}");
    for trouble in troubles.iter().filter(|row| matches!(row.cause, Cause::Scope(..))) {
        assert!(!table.without_remedy(trouble.name), "{} ended no run", trouble.name);
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}
