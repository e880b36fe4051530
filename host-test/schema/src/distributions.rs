//! Distributions, in the JSON that rawdash reads.

use rawdash_host::contract::{Distribution, Spread};
use serde_json::json;

use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::timed::{Table, TimedRow};

pub(crate) const DISTRIBUTIONS: Table = Table {
    stored: "distributions",
    staged: "host_staged_distributions",
    body: &["kind", "data"],
    insert: Insertion {
        into: "distributions (connector_id, name, ts, attributes, kind, data)",
        columns: 4,
        conflict: "",
        autoincrement: true,
    },
    stage: Insertion {
        into: "host_staged_distributions (connector_id, resource, ts, attributes, kind, data)",
        columns: 4,
        conflict: "",
        autoincrement: false,
    },
};

/// The distributions as rows.
pub(crate) fn rows(distributions: &[Distribution]) -> Vec<TimedRow> {
    let row = |distribution: &Distribution| TimedRow {
        at: distribution.at,
        attributes: distribution.attributes.clone(),
        body: kind_and_data(distribution).map(Cell::from).to_vec(),
    };
    distributions.iter().map(row).collect()
}

/// rawdash's `kind`, and its `data` as JSON.
fn kind_and_data(distribution: &Distribution) -> [String; 2] {
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
    [kind.to_owned(), data.to_string()]
}
