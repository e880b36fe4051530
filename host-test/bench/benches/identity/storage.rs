//! The same through the storage.

use std::ops::Range;

use rawdash_bench::usage::cpu;
use rawdash_host::contract::{Batch, Effect, Progress, Records};
use rawdash_sqlite::Database;

use super::Cost;
use super::candidate::{CONNECTOR, NAME, PAGE, checkpoint};
use super::ids::Ids;

/// Stores a million events, and the last of them again.
pub(crate) fn measure(ids: Ids) -> Cost {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("rawdash.db");
    let mut database = Database::open(&path, CONNECTOR).unwrap();
    let first = store(&mut database, ids, 0..100_000);
    let later = store(&mut database, ids, 100_000..1_000_000) / 9.0;
    let again = Some(store(&mut database, ids, 900_000..1_000_000));
    drop(database);
    Cost { first, later, again, bytes: std::fs::metadata(&path).unwrap().len() }
}

fn store(database: &mut Database, ids: Ids, numbers: Range<u64>) -> f64 {
    let numbers: Vec<u64> = numbers.collect();
    let before = cpu().unwrap();
    for page in numbers.chunks(PAGE) {
        let batch = Batch {
            resource: NAME.to_owned(),
            records: Records::Events(page.iter().map(|number| ids.event(*number)).collect()),
            effect: Effect::Merge,
            progress: Progress { pages: 1, records: PAGE as u64, expected: None },
            warnings: Vec::new(),
        };
        database.commit(&[batch], &checkpoint(page[0])).unwrap();
    }
    (cpu().unwrap() - before).as_secs_f64()
}
