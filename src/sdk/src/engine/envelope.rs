//! The checkpoint's envelope: a state as text, with a version, the source it
//! belongs to, and a checksum.

use data_encoding::BASE64_NOPAD;

use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;
use crate::json::object::FromObject;
use crate::json::{Value, object};
use crate::row;

/// The version of the state's form.
pub(super) const VERSION: u32 = 6;

row! {
    struct Members {
        version: "version",
        source: "source",
        sum: "sum",
        state: "state",
    }
}

/// Why an envelope is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EnvelopeError {
    /// Truncated, altered, or not an envelope at all.
    Unreadable,
    /// Written with another version.
    OtherVersion(u32),
    /// Of another source.
    OtherSource,
}

/// Writes a state of one source.
pub(super) fn seal(source: &str, state: &[u8]) -> String {
    let state = BASE64_NOPAD.encode(state);
    let source = fingerprint(source);
    let sum = sum(&source, &state);
    object! {
        "version": Value::Integer(Some(VERSION.into())),
        "source": Value::Text(Some(&source)),
        "sum": Value::Text(Some(&sum)),
        "state": Value::Text(Some(&state)),
    }
}

/// Reads the state back, if it is whole, of this version and this source.
pub(super) fn open(source: &str, text: &str) -> Result<Vec<u8>, EnvelopeError> {
    let read = Members::read_text(text).ok_or(EnvelopeError::Unreadable)?;
    let version = read.version.raw().and_then(|version| version.parse().ok());
    let version: u32 = version.ok_or(EnvelopeError::Unreadable)?;
    if version != VERSION {
        return Err(EnvelopeError::OtherVersion(version));
    }
    let member = |cell: Cell<'_>| {
        let text = cell.text("", &mut Anomalies::default());
        text.map(|text| text.into_owned()).ok_or(EnvelopeError::Unreadable)
    };
    let (stored_for, state) = (member(read.source)?, member(read.state)?);
    if member(read.sum)? != sum(&stored_for, &state) {
        return Err(EnvelopeError::Unreadable);
    }
    if stored_for != fingerprint(source) {
        return Err(EnvelopeError::OtherSource);
    }
    BASE64_NOPAD.decode(state.as_bytes()).map_err(|_| EnvelopeError::Unreadable)
}

/// Guards against truncated and altered texts, not against forgery: whoever can
/// write here can write the whole database.
fn sum(source: &str, state: &str) -> String {
    format!("{:016x}", hash(state, hash(source, BEGIN)))
}

/// A checkpoint holds no host name.
fn fingerprint(source: &str) -> String {
    format!("{:016x}", hash(source, BEGIN))
}

const BEGIN: u64 = 0xCBF2_9CE4_8422_2325;

/// As FNV-1a, but eight bytes at once: a checkpoint is written after each page. Two
/// texts of one length that differ in one of these words have different hashes.
fn hash(text: &str, begin: u64) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    words
        .chain(rest)
        .fold(begin, |hash, word| (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29))
}
