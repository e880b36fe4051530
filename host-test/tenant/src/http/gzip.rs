//! Compressed answers.

use super::answer::Answer;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// The same answer with its body compressed.
pub(crate) fn gzip(mut answer: Answer) -> Answer {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&answer.body).and_then(|()| encoder.finish());
    // Writing to memory does not fail.
    if let Ok(packed) = packed {
        answer.body = packed.into();
        answer = answer.with("content-encoding", "gzip");
    }
    answer
}
