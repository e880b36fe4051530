//! Storing events under a design.

use std::ops::Range;
use std::path::Path;

use rawdash_bench::usage::cpu;
use rawdash_host::contract::Event;
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction};

use super::design::Design;
use super::ids::Ids;

/// Events of one transaction.
pub(crate) const PAGE: usize = 100;

pub(crate) const CONNECTOR: &str = "auth0";
pub(crate) const NAME: &str = "auth0_login_event";

/// A file of rawdash's tables in which a design stores events.
pub(crate) struct Candidate {
    connection: Connection,
    design: Design,
    ids: Ids,
}

impl Candidate {
    /// Makes the file.
    pub(crate) fn begin(path: &Path, design: Design, ids: Ids) -> Candidate {
        drop(rawdash_sqlite::Database::open(path, CONNECTOR).unwrap());
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "NORMAL").unwrap();
        connection
            .execute_batch(
                "DROP INDEX events_by_id; DROP INDEX events_without_id;
                 ALTER TABLE events DROP COLUMN event_id;",
            )
            .unwrap();
        connection.execute_batch(design.tables()).unwrap();
        Candidate { connection, design, ids }
    }

    /// Stores the events of these numbers. Returns seconds of processor time.
    pub(crate) fn store(&mut self, numbers: Range<u64>) -> f64 {
        let pages: Vec<u64> = numbers.collect();
        let before = cpu().unwrap();
        for page in pages.chunks(PAGE) {
            let transaction = self.connection.transaction().unwrap();
            for number in page {
                store(&transaction, self.design, self.ids, *number);
            }
            let checkpoint = checkpoint(page[0]);
            transaction
                .prepare_cached("INSERT OR REPLACE INTO host_checkpoints VALUES (?1, ?2)")
                .unwrap()
                .execute((CONNECTOR, checkpoint))
                .unwrap();
            transaction.commit().unwrap();
        }
        (cpu().unwrap() - before).as_secs_f64()
    }

    pub(crate) fn count(&self) -> i64 {
        self.connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap()
    }
}

fn store(transaction: &Transaction<'_>, design: Design, ids: Ids, number: u64) {
    let Event { id, start, attributes, .. } = ids.event(number);
    if design == Design::WithoutRowid && is_known(transaction, &id, &attributes, start) {
        return;
    }
    let mut upsert = transaction.prepare_cached(&design.upsert()).unwrap();
    let key = design.key(&id);
    let values: [&dyn ToSql; 5] = [&CONNECTOR, &NAME, &start, &attributes, &key];
    let needed = upsert.parameter_count();
    upsert.execute(&values[..needed]).unwrap();
    if design == Design::WithoutRowid {
        transaction
            .prepare_cached("INSERT INTO ids VALUES (?1, 1, last_insert_rowid())")
            .unwrap()
            .execute([&id])
            .unwrap();
    }
}

/// Whether the event is stored, as it is. rawdash may have removed its row.
fn is_known(transaction: &Transaction<'_>, id: &str, attributes: &str, start: i64) -> bool {
    transaction
        .prepare_cached(
            "SELECT start_ts = ?2 AND attributes = ?3 FROM ids JOIN events ON events.id = event
             WHERE key = ?1 AND number = 1",
        )
        .unwrap()
        .query_row((id, start, attributes), |row| row.get(0))
        .optional()
        .unwrap()
        .unwrap_or(false)
}

/// As long as one of the Auth0 connector.
pub(crate) fn checkpoint(number: u64) -> String {
    format!("{number:01000}")
}
