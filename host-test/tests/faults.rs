//! Every fault at every request: whatever goes wrong between the tenant and
//! the host, and wherever, the database ends as if it had not.
//!
//! `cargo test -p rawdash-host-cli --test suite faults:: -- --nocapture` prints
//! the table.

mod place;
mod table;
mod trouble;

use std::sync::{Arc, Mutex};

use self::place::{End, Place};
use self::table::Table;
use self::trouble::{Cause, troubles};
use crate::support::PATIENCE;
use crate::support::history::History;
use tokio::runtime::Handle;

/// Runs at once: while one waits for its answers, others compute.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_at_any_request_costs_a_row_or_doubles_one() {
    let history = Arc::new(History::without_faults().await);
    let troubles = troubles();
    let places: Vec<Place> =
        troubles.iter().flat_map(|trouble| Place::all(trouble, &history)).collect();
    let mut table = Table::default();
    let mut failures = Vec::new();
    for (place, end) in ends(places, &history).await {
        table.count(&place, &end);
        failures.extend(end.err().map(|why| format!("{place}: {why}")));
    }
    println!("{table}");
    for trouble in troubles.iter().filter(|row| matches!(row.cause, Cause::Scope(..))) {
        assert!(!table.without_remedy(trouble.name), "{} ended no run", trouble.name);
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

/// Tries all places, and tells how each ended, in their order.
async fn ends(places: Vec<Place>, history: &Arc<History>) -> Vec<(Place, Result<End, String>)> {
    let count = places.len();
    let left = Arc::new(Mutex::new(places.into_iter().enumerate()));
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (left, history) = (left.clone(), history.clone());
            let runtime = Handle::current();
            // A run is no `Send`: it stays on its thread.
            tokio::task::spawn_blocking(move || {
                let next = || left.lock().unwrap().next();
                std::iter::from_fn(next)
                    .map(|(number, place)| {
                        let end =
                            runtime.block_on(tokio::time::timeout(PATIENCE, place.end(&history)));
                        (number, place, end.unwrap_or_else(|_| Err("it hangs".to_owned())))
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ended = Vec::with_capacity(count);
    for worker in workers {
        ended.extend(worker.await.unwrap());
    }
    ended.sort_by_key(|(number, ..)| *number);
    ended.into_iter().map(|(_, place, end)| (place, end)).collect()
}
