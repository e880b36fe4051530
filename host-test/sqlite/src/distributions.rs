//! Distributions, in the JSON that rawdash reads.

use serde_json::json;

use super::scope::{Scope, rows};
use super::window::{Difference, Stored, difference};
use rawdash_host::contract::{Distribution, Spread, Window};
use rawdash_host::storage::Changed;

/// Replaces the distributions of the window. One with the same time and
/// attributes as a stored one replaces it, and counts as written if it differs.
pub(super) fn replace_window(
    scope: Scope<'_>,
    window: Window,
    distributions: &[Distribution],
) -> rusqlite::Result<Changed> {
    let wanted = distributions.iter().map(|distribution| {
        ((distribution.at, distribution.attributes.clone()), kind_and_data(distribution))
    });
    let Difference { insert, update, delete } = difference(stored(scope, window)?, wanted);
    let mut changed = Changed::default();
    let mut statement = scope.statement("DELETE FROM distributions WHERE id = ?1")?;
    for row in delete {
        changed.removed += rows(statement.execute([row])?);
    }
    let mut statement =
        scope.statement("UPDATE distributions SET kind = ?2, data = ?3 WHERE id = ?1")?;
    for (row, (kind, data)) in update {
        changed.written += rows(statement.execute((row, kind, data))?);
    }
    let mut statement = scope.statement(
        "INSERT INTO distributions (connector_id, name, ts, attributes, kind, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for ((at, attributes), (kind, data)) in insert {
        changed.written += rows(statement.execute((
            scope.connector,
            scope.resource,
            at,
            attributes,
            kind,
            data,
        ))?);
    }
    Ok(changed)
}

/// rawdash's `kind`, and its `data` as JSON.
fn kind_and_data(distribution: &Distribution) -> (String, String) {
    let Distribution { count, sum, .. } = distribution;
    let (kind, data) = match &distribution.spread {
        Spread::Histogram(buckets) => {
            let buckets: Vec<_> = buckets
                .iter()
                .map(|bucket| json!({ "le": bucket.le, "count": bucket.count }))
                .collect();
            ("histogram", json!({ "buckets": buckets, "count": count, "sum": sum }))
        }
        Spread::Summary(quantiles) => {
            let quantiles: Vec<_> = quantiles
                .iter()
                .map(|quantile| json!({ "q": quantile.q, "value": quantile.value }))
                .collect();
            ("summary", json!({ "quantiles": quantiles, "count": count, "sum": sum }))
        }
    };
    (kind.to_owned(), data.to_string())
}

type Row = Stored<(i64, String), (String, String)>;

fn stored(scope: Scope<'_>, window: Window) -> rusqlite::Result<Vec<Row>> {
    scope
        .statement(
            "SELECT id, ts, attributes, kind, data FROM distributions
             WHERE connector_id = ?1 AND name = ?2 AND ts BETWEEN ?3 AND ?4 ORDER BY id",
        )?
        .query_map((scope.connector, scope.resource, window.start, window.end), |row| {
            Ok(Stored {
                row: row.get(0)?,
                key: (row.get(1)?, row.get(2)?),
                value: (row.get(3)?, row.get(4)?),
            })
        })?
        .collect()
}
