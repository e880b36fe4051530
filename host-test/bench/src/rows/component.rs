//! The component's size: it is fetched before it does anything.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::measured::Measured;
use crate::table::{Bound, Comparison, Figure};

pub(super) fn rows(component: &[u8]) -> Measured<Vec<Comparison>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(component)?;
    let packed = encoder.finish()?.len();
    let row = |what: &str, bytes: usize, bound| Comparison {
        what: what.to_owned(),
        against: String::new(),
        figure: Figure::Bytes(bytes as u64),
        wanted: Some(Bound::AtMost(Figure::Bytes(bound))),
    };
    Ok(vec![
        row("the component", component.len(), 400_000),
        row("the component by gzip, level 9 of flate2", packed, 150_000),
    ])
}
