//! Samples: rawdash's table `metrics`.

use rawdash_host::contract::Sample;

use crate::cell::Cell;
use crate::insertion::Insertion;
use crate::timed::{Table, TimedRow};

pub(crate) const SAMPLES: Table = Table {
    stored: "metrics",
    staged: "host_staged_samples",
    body: &["value"],
    insert: Insertion {
        into: "metrics (connector_id, name, ts, attributes, value)",
        columns: 3,
        conflict: "",
        autoincrement: true,
    },
    stage: Insertion {
        into: "host_staged_samples (connector_id, resource, ts, attributes, value)",
        columns: 3,
        conflict: "",
        autoincrement: false,
    },
};

/// The samples as rows.
pub(crate) fn rows(samples: &[Sample]) -> Vec<TimedRow> {
    let row = |sample: &Sample| TimedRow {
        at: sample.at,
        attributes: sample.attributes.clone(),
        body: vec![Cell::Real(sample.value)],
    };
    samples.iter().map(row).collect()
}
