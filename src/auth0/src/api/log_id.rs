//! Log ids, and what can be read from them.

use std::fmt;

use serde::{Deserialize, Serialize};

use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::api::auth0_began;

/// The identity of a log row: letters, digits, `-` and `_`, 1 to 128 of them.
///
/// Any other text is refused, so that neither a reply nor a stored checkpoint
/// can put an address in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogId(String);

/// Ids of today: a marker (`900`, once `800`), the instant of ingestion as
/// `YYYYMMDDHHMMSSmmm`, and a tail.
const MARKER: usize = 3;
const INSTANT: usize = 17;

impl LogId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<LogId> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = (1..=128).contains(&text.len());
        (fits && text.bytes().all(legal)).then(|| LogId(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When Auth0 ingested the row, if the id's form says so.
    pub fn ingested_at(&self) -> Option<Timestamp> {
        if self.0.len() < MARKER + INSTANT + 1 || !self.0.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let at = Timestamp::parse_compact(self.0.get(MARKER..MARKER + INSTANT)?)?;
        (at >= auth0_began()).then_some(at)
    }

    /// An id of the same form that sorts before every row ingested at `at` or
    /// later. No row has it; Auth0 accepts it as a bound all the same.
    pub fn before(&self, at: Timestamp) -> Option<LogId> {
        self.ingested_at()?;
        let marker = self.0.get(..MARKER)?;
        let tail = self.0.len() - MARKER - INSTANT;
        Some(LogId(format!("{marker}{}{}", at.compact(), "0".repeat(tail))))
    }

    /// Whether a row of this id comes after `earlier`; true where the two are
    /// of different forms and cannot be compared.
    pub fn is_after(&self, earlier: &LogId) -> bool {
        let comparable =
            self.0.len() == earlier.0.len() && self.0.get(..MARKER) == earlier.0.get(..MARKER);
        if comparable { self.0 > earlier.0 } else { self.0 != earlier.0 }
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LogId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<LogId, Self::Error> {
        LogId::parse(&text).ok_or("not a log id")
    }
}

impl From<LogId> for String {
    fn from(id: LogId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_keeps_marker_and_width_of_the_row_that_was_found() {
        let id = LogId::parse("80020210903201617502410735467911683191100179941462900818").unwrap();
        let at = id.ingested_at().unwrap();
        assert_eq!(at.to_string(), "2021-09-03T20:16:17.502Z");
        let bound = id.before(at).unwrap();
        assert_eq!(bound.as_str(), format!("80020210903201617502{}", "0".repeat(36)));
        assert!(id.is_after(&bound) && !bound.is_after(&id));
    }

    #[test]
    fn other_forms_have_no_instant() {
        for text in ["49578734086442259037497492980620", "abc", "900202109"] {
            assert_eq!(LogId::parse(text).unwrap().ingested_at(), None, "{text}");
        }
        for text in ["", "https://x", "a b", "a&b=c"] {
            assert_eq!(LogId::parse(text), None, "{text}");
        }
    }
}
