//! Events, with ids as sources give them.

use std::fmt;

use rawdash_host::contract::Event;

/// How ids follow one another.
#[derive(Clone, Copy)]
pub(crate) enum Ids {
    /// As Auth0's: 56 digits that begin with the time.
    Ascending,
    /// As a UUID: 32 hexadecimal digits in no order.
    Random,
}

impl Ids {
    fn nth(self, number: u64) -> String {
        match self {
            Ids::Ascending => {
                format!("90020260301{:013}{:032}", number * 10, scramble(number) >> 1)
            }
            Ids::Random => format!("{:016x}{:016x}", scramble(number), scramble(!number)),
        }
    }

    /// The nth event: a log row as the Auth0 connector stores it.
    pub(crate) fn event(self, number: u64) -> Event {
        let id = self.nth(number);
        let attributes = format!(
            r#"{{"logId":"{id}","type":"s","userId":"auth0|{number:024}","ip":"203.0.113.7","connection":"Username-Password-Authentication","strategy":"auth0"}}"#
        );
        Event { id, start: 1_772_323_200_000 + number as i64 * 10, end: None, attributes }
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ids::Ascending => "ascending",
            Ids::Random => "random",
        })
    }
}

/// `splitmix64`.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
