//! Random sequences of steps, compared with a model that knows no SQL, and with SQLite.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use rawdash_host::storage::{Committed, Storage, StorageError};
use rawdash_libsql::{Database, Options, Server};
use rawdash_schema::testing::{Act, CHECKPOINTS, Model, ROWS, any_acts, resources};
use sqld::Sqld;
use tempfile::TempDir;

use crate::fixture::{PATIENCE, server};

const CONNECTORS: [&str; 2] = ["auth0", "other"];

/// Sequences. Each has a database of its own.
const CASES: u32 = 24;

async fn open(server: &Server, connector: &str) -> Database {
    let mut database = server.open(connector, Options::default()).await.unwrap();
    database.prepare(&resources()).await.unwrap();
    database
}

fn beside(directory: &TempDir, connector: &str) -> rawdash_sqlite::Database {
    let path = directory.path().join("rawdash.db");
    let mut database = rawdash_sqlite::Database::open(&path, connector).unwrap();
    database.prepare(&resources());
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_steps_leaves_the_rows_of_the_model_and_counts_as_sqlite_does() {
    let Some(sqld) = Sqld::start() else { return };
    let sequence = any_acts(CONNECTORS, 1..15);
    let mut runner = TestRunner::new(Config::default());
    for case in 0..CASES {
        // Not `proptest!`, whose tests are not async: a case is not made smaller.
        let acts = sequence.new_tree(&mut runner).unwrap().current();
        let namespace = format!("case{case}");
        sqld.namespace(&namespace).await;
        check(&sqld, &namespace, &acts).await;
    }
}

async fn check(sqld: &Sqld, namespace: &str, acts: &[(&str, Act)]) {
    let server = server(&sqld.url(namespace), PATIENCE);
    let directory = TempDir::new().unwrap();
    let mut databases = [open(&server, "auth0").await, open(&server, "other").await];
    let mut files = CONNECTORS.map(|connector| beside(&directory, connector));
    let mut model = Model::default();
    for (step, (connector, act)) in acts.iter().enumerate() {
        let number = usize::from(*connector == "other");
        let (database, file) = (&mut databases[number], &mut files[number]);
        let checkpoint = format!("checkpoint {step}");
        match act {
            Act::Commit(batches) => {
                let stored = database.commit(batches, &checkpoint).await;
                let expected: Result<Committed, StorageError> = file.commit(batches, &checkpoint);
                assert_eq!(stored, expected, "step {step} of {acts:#?}");
                assert_eq!(stored.is_ok(), model.commit(connector, batches, &checkpoint));
            }
            Act::End(resource, end) => {
                database.end_run(resource, *end, &checkpoint).await.unwrap();
                file.end_run(resource, *end, &checkpoint).unwrap();
                model.end_run(connector, resource, *end, &checkpoint);
            }
            Act::Reset => {
                database.reset().await.unwrap();
                file.reset().unwrap();
                model.reset(connector);
            }
            Act::Reopen => *database = open(&server, connector).await,
        }
        assert_eq!(sqld.strings(namespace, ROWS).await, model.rows(), "step {step} of {acts:#?}");
        assert_eq!(sqld.strings(namespace, CHECKPOINTS).await, model.checkpoints());
    }
}
