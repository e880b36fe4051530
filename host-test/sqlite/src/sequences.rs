//! Random sequences of steps, compared with a model that knows no SQL.

use proptest::prelude::*;
use rawdash_schema::testing::{Act, CHECKPOINTS, Model, ROWS, any_acts, resources};
use rusqlite::Connection;
use tempfile::TempDir;

use super::Database;
use super::tests::fixture::{open, reader, strings};

/// Compares the model's rows with those in the tables.
fn assert_equal(connection: &Connection, model: &Model) {
    let found = |sql| {
        let mut found = strings(connection, sql);
        found.sort();
        found
    };
    assert_eq!(found(ROWS), model.rows());
    assert_eq!(found(CHECKPOINTS), model.checkpoints());
}

fn prepared(mut database: Database) -> Database {
    database.prepare(&resources());
    database
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_steps_of_two_connectors_loses_or_doubles_a_row(
        acts in any_acts(["auth0", "Other one"], 1..25)
    ) {
        let directory = TempDir::new().unwrap();
        let mut model = Model::default();
        let mut first = prepared(open(&directory, "auth0"));
        let mut second = prepared(open(&directory, "Other one"));
        let reader = reader(&directory);
        for (step, (connector, act)) in acts.into_iter().enumerate() {
            let database = if connector == "auth0" { &mut first } else { &mut second };
            let checkpoint = format!("checkpoint {step}");
            match act {
                Act::Commit(batches) => {
                    let stored = database.commit(&batches, &checkpoint);
                    let expected = model.commit(connector, &batches, &checkpoint);
                    prop_assert_eq!(stored.is_ok(), expected, "{:?}", stored);
                }
                Act::End(resource, end) => {
                    database.end_run(&resource, end, &checkpoint).unwrap();
                    model.end_run(connector, &resource, end, &checkpoint);
                }
                Act::Reset => {
                    database.reset().unwrap();
                    model.reset(connector);
                }
                Act::Reopen => {
                    let path = database.path().to_owned();
                    // The old one holds the lock, so it must be dropped first.
                    let elsewhere = TempDir::new().unwrap();
                    *database = open(&elsewhere, connector);
                    *database = prepared(Database::open(&path, connector).unwrap());
                }
            }
            assert_equal(&reader, &model);
        }
    }
}
