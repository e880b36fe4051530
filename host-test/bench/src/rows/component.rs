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
    Ok(vec![
        Comparison::new(
            "the component",
            "",
            Figure::Bytes(component.len() as u64),
            Some(Bound::AtMost(Figure::Bytes(400_000))),
        ),
        Comparison::new(
            "the component by gzip, level 9 of flate2",
            "",
            Figure::Bytes(packed as u64),
            Some(Bound::AtMost(Figure::Bytes(150_000))),
        ),
    ])
}
