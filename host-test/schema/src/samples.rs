//! Samples: rawdash's table `metrics`.

use rusqlite::types::Value;

use super::timed::{Table, TimedRow};
use rawdash_host::contract::Sample;

pub(super) const SAMPLES: Table =
    Table { stored: "metrics", staged: "host_staged_samples", body: &["value"] };

/// The samples as rows.
pub(super) fn rows(samples: &[Sample]) -> Vec<TimedRow> {
    let row = |sample: &Sample| TimedRow {
        at: sample.at,
        attributes: sample.attributes.clone(),
        body: vec![Value::Real(sample.value)],
    };
    samples.iter().map(row).collect()
}
