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
        let fits = (1..=128).contains(&text.len());
        (fits && is_legal(text.as_bytes())).then(|| LogId(text.to_owned()))
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

/// Whether an id has these bytes. Those of today are digits, which are looked at
/// eight at once: every row has one.
fn is_legal(text: &[u8]) -> bool {
    let legal = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let (words, rest) = text.as_chunks();
    words.iter().all(|word| are_digits(*word) || word.iter().all(legal)) && rest.iter().all(legal)
}

fn are_digits(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_le_bytes(word);
    let are_behind_0x30 = |word: u64| word & (ONES * 0xf0) == ONES * 0x30;
    // Six more takes what stands behind the nine into the next sixteen.
    are_behind_0x30(word) && are_behind_0x30(word.wrapping_add(ONES * 6))
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
    fn no_other_byte_hides_among_digits() {
        for byte in 0..=0x7f_u8 {
            for place in 0..20 {
                let mut text = [b'7'; 20];
                text[place] = byte;
                let legal = byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                let text = str::from_utf8(&text).unwrap();
                assert_eq!(LogId::parse(text).is_some(), legal, "{text:?}");
            }
        }
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
