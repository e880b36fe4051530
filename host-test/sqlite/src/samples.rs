//! Samples: rawdash's table `metrics`.

use super::scope::{Scope, rows};
use super::window::{Difference, Stored, difference};
use rawdash_host::contract::{Sample, Window};
use rawdash_host::storage::Changed;

/// Replaces the samples of the window. One with the same time and attributes as a
/// stored one replaces it, and counts as written if its value differs.
pub(super) fn replace_window(
    scope: Scope<'_>,
    window: Window,
    samples: &[Sample],
) -> rusqlite::Result<Changed> {
    let wanted =
        samples.iter().map(|sample| ((sample.at, sample.attributes.clone()), sample.value));
    let Difference { insert, update, delete } = difference(stored(scope, window)?, wanted);
    let mut changed = Changed::default();
    let mut statement = scope.statement("DELETE FROM metrics WHERE id = ?1")?;
    for row in delete {
        changed.removed += rows(statement.execute([row])?);
    }
    let mut statement = scope.statement("UPDATE metrics SET value = ?2 WHERE id = ?1")?;
    for row in update {
        changed.written += rows(statement.execute(row)?);
    }
    let mut statement = scope.statement(
        "INSERT INTO metrics (connector_id, name, ts, attributes, value)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for ((at, attributes), value) in insert {
        changed.written +=
            rows(statement.execute((scope.connector, scope.resource, at, attributes, value))?);
    }
    Ok(changed)
}

fn stored(scope: Scope<'_>, window: Window) -> rusqlite::Result<Vec<Stored<(i64, String), f64>>> {
    scope
        .statement(
            "SELECT id, ts, attributes, value FROM metrics
             WHERE connector_id = ?1 AND name = ?2 AND ts BETWEEN ?3 AND ?4 ORDER BY id",
        )?
        .query_map((scope.connector, scope.resource, window.start, window.end), |row| {
            Ok(Stored { row: row.get(0)?, key: (row.get(1)?, row.get(2)?), value: row.get(3)? })
        })?
        .collect()
}
