//! Samples: rawdash's table `metrics`.

use crate::timed::{Cell, Table, TimedRow};
use rawdash_host::contract::Sample;

/// The tables of samples.
pub const SAMPLES: Table =
    Table { stored: "metrics", staged: "host_staged_samples", body: &["value"] };

/// The samples as rows.
pub fn rows(samples: &[Sample]) -> Vec<TimedRow> {
    let row = |sample: &Sample| TimedRow {
        at: sample.at,
        attributes: sample.attributes.clone(),
        body: vec![Cell::Real(sample.value)],
    };
    samples.iter().map(row).collect()
}
