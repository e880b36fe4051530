//! Nothing was lost when the engine became an SDK: for ten seeds and every fault
//! of the table, this program leaves the rows that the last program before the
//! SDK left. What that one left is the fixture; `seeds/README.md` says how it
//! was made.

mod case;
mod changed_rules;
mod fixture;
mod program;
mod rows;
mod tenant;

use std::sync::Arc;

use self::case::{Case, Plain};
use self::changed_rules::{DATED_BY_ID, NO_FAULT, dated_by_id, difference};
use self::fixture::{Fixture, Histories};
use self::program::Program;
use self::tenant::{SEEDS, begun};
use crate::support::at_once::at_once;

/// Syncs of this program at once: while one waits for its answers, others
/// compute.
const AT_ONCE: usize = 4;
/// Commands of another program at once: most of them wait, on the machine's clock.
const COMMANDS_AT_ONCE: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_that_was_stored_before_the_sdk_is_lost_or_changed_under_any_fault_of_ten_seeds() {
    let before = Fixture::read().histories();
    let now = histories(Program::This, AT_ONCE).await;
    let missed: Vec<_> = before.keys().filter(|name| !now.contains_key(*name)).collect();
    assert!(missed.is_empty(), "these were not tried: {missed:?}");
    let differ: Vec<_> = now
        .iter()
        .filter_map(|((seed, name), left)| difference(&before, *seed, name, left))
        .collect();
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    for ((seed, name), mut left) in now {
        let stored = left.take(DATED_BY_ID);
        assert_eq!(stored, [dated_by_id(&begun(seed).await).len(); 2], "seed {seed}, {name}");
    }
}

/// Writes the fixture: what the program leaves that the variable
/// `RAWDASH_HOST_BEFORE` names. `seeds/README.md` says how that program is built. To run:
///
///     RAWDASH_HOST_BEFORE=… cargo test -p rawdash-host-cli --test suite -- --ignored seeds::write
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it writes the fixture: `RAWDASH_HOST_BEFORE=… cargo test -p rawdash-host-cli --test suite -- --ignored seeds::write`"]
async fn write_what_the_program_before_the_sdk_leaves() {
    let path = std::env::var_os("RAWDASH_HOST_BEFORE").expect("RAWDASH_HOST_BEFORE is not set");
    Fixture::write(histories(Program::At(path.into()), COMMANDS_AT_ONCE).await);
}

/// What a program leaves, by seed and case.
async fn histories(program: Program, count: usize) -> Histories {
    let program = Arc::new(program);
    let with = program.clone();
    let plain = at_once(count, SEEDS.collect(), move |seed| {
        let with = with.clone();
        async move { Plain::of(seed, &with).await }
    });
    let plain: Vec<_> = plain.await.into_iter().map(|plain| Arc::new(plain.unwrap())).collect();
    let mut histories = Histories::new();
    let mut cases = Vec::new();
    for (seed, plain) in SEEDS.zip(&plain) {
        histories.insert((seed, NO_FAULT.to_owned()), plain.left.clone());
        cases.extend(Case::all(seed).into_iter().map(|case| (case, plain.clone())));
    }
    let names: Vec<_> = cases.iter().map(|(case, _)| (case.seed, case.to_string())).collect();
    let left = at_once(count, cases, move |(case, plain)| {
        let program = program.clone();
        async move { case.left(&program, &plain).await }
    });
    let mut failures = Vec::new();
    for (name, left) in names.into_iter().zip(left.await) {
        match left {
            Ok(left) => assert!(histories.insert(name, left).is_none(), "a name is used twice"),
            Err(why) => failures.push(format!("{name:?}: {why}")),
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    histories
}
