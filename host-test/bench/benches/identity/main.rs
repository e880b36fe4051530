//! What the identity of events costs in SQLite, by design. Prints the table of
//! `docs/performance.md`:
//!
//!     cargo bench -p rawdash-bench --bench identity
//!
//! Each design stores the same events in the same transactions, a page of 100 and a
//! checkpoint each, into a file of rawdash's tables, one row a statement. The last row
//! is the storage itself.
// clippy's exemptions are only for test functions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod candidate;
mod design;
mod ids;
mod storage;

use candidate::Candidate;
use design::Design;
use ids::Ids;

/// What one design costs: seconds of processor time, and bytes.
struct Cost {
    first: f64,
    later: f64,
    /// None where they would be stored a second time.
    again: Option<f64>,
    bytes: u64,
}

fn main() {
    println!(
        "| identity | ids | 100,000 into an empty file: CPU | each later 100,000 | the last \
         100,000 again | a million: file |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for ids in [Ids::Ascending, Ids::Random] {
        for design in Design::ALL {
            print(design.name(), ids, &measure(design, ids));
        }
        print("what the storage does: 25 rows a statement", ids, &storage::measure(ids));
    }
}

fn print(what: &str, ids: Ids, cost: &Cost) {
    let Cost { first, later, again, bytes } = cost;
    let again = again.map_or_else(String::new, |again| format!("{again:.2} s"));
    let megabytes = bytes / 1_000_000;
    println!("| {what} | {ids} | {first:.2} s | {later:.2} s | {again} | {megabytes} MB |");
}

fn measure(design: Design, ids: Ids) -> Cost {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let mut candidate = Candidate::begin(&path, design, ids);
    let first = candidate.store(0..100_000);
    let later = candidate.store(100_000..1_000_000) / 9.0;
    let again = (design != Design::None).then(|| candidate.store(900_000..1_000_000));
    assert_eq!(candidate.count(), 1_000_000);
    drop(candidate);
    Cost { first, later, again, bytes: std::fs::metadata(&path).unwrap().len() }
}
