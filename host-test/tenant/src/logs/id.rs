//! Log ids: 56 digits, ascending in the order of ingestion.

use crate::instant::compact;
use crate::random::Random;

/// How many digits a log id has.
const DIGITS: usize = 56;

/// The most digits that `from` may have.
const LONGEST: usize = 64;

/// The form of the tenant's log ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogIds {
    /// `900`, the UTC instant of ingestion to the millisecond, 36 digits.
    #[default]
    Timed900,
    /// The same after `800`, as seen in the EU in 2021.
    Timed800,
    /// `4957…`, of old tenants: ascending, but without a readable instant.
    Kinesis,
}

impl LogIds {
    /// The id of the row ingested as the `sequence`-th one.
    pub(crate) fn id(self, seed: u64, ingested: i64, sequence: u32) -> String {
        // The sequence precedes the noise: rows of one millisecond keep the
        // order of their ingestion.
        let noise = Random::of(seed, 0x106, u64::from(sequence)).next();
        format!("{}{sequence:012}{noise:024}", self.prefix(ingested))
    }

    /// The lowest id of an instant, as a client constructs it.
    pub(crate) fn lowest(self, ingested: i64) -> String {
        format!("{:0<DIGITS$}", self.prefix(ingested))
    }

    fn prefix(self, ingested: i64) -> String {
        match self {
            Self::Timed900 => format!("900{}", compact(ingested)),
            Self::Timed800 => format!("800{}", compact(ingested)),
            Self::Kinesis => format!("4957{ingested:016}"),
        }
    }
}

/// A requested `from`, comparable with ids of any length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(String);

impl Position {
    /// Any 1 to 64 digits are a position; a row with that id need not exist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len());
        (fits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self::of(text))
    }

    pub(crate) fn of(id: &str) -> Self {
        Self(format!("{id:0<LONGEST$}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_with_ingestion_so_a_position_never_skips_a_row() {
        for ids in [LogIds::Timed900, LogIds::Timed800, LogIds::Kinesis] {
            let first = ids.id(1, 1_700_000_000_000, 1);
            let same_instant = ids.id(1, 1_700_000_000_000, 2);
            let later = ids.id(1, 1_700_000_000_001, 3);
            assert_eq!(first.len(), DIGITS);
            assert!(first < same_instant && same_instant < later);
            assert!(Position::of(&ids.lowest(1_700_000_000_000)) < Position::of(&first));
        }
    }

    #[test]
    fn a_position_is_1_to_64_digits() {
        assert!(Position::parse("9").is_some());
        assert!(Position::parse(&"9".repeat(64)).is_some());
        assert!(Position::parse(&"9".repeat(65)).is_none());
        assert!(Position::parse("").is_none());
        assert!(Position::parse("900x").is_none());
        assert!(
            Position::parse("9002023")
                < Position::parse(&LogIds::Timed900.lowest(1_700_000_000_000))
        );
    }
}
