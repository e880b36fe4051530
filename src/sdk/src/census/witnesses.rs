//! A few things of the last complete walk, by which a source that shows only a
//! part of them is told from one where the others were deleted.

use serde::{Deserialize, Serialize};

/// How many there are.
const COUNT: usize = 16;

/// Ids spread by their hash, sorted by it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Witnesses(Vec<String>);

impl Witnesses {
    /// Considers an id: those with the smallest hashes stay.
    pub fn consider(&mut self, id: &str) {
        let of = hash(id);
        let Err(at) = self.0.binary_search_by_key(&(of, id), |known| (hash(known), known)) else {
            return;
        };
        if at < COUNT {
            self.0.insert(at, id.to_owned());
            self.0.truncate(COUNT);
        }
    }

    /// Records that a walk showed it.
    pub fn see(&mut self, id: &str) {
        self.0.retain(|known| known != id);
    }

    /// The next one to look up.
    pub fn next(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether this can have been written by the connector.
    pub fn is_sound(&self) -> bool {
        self.0.len() <= COUNT && self.0.iter().all(|id| !id.is_empty())
    }
}

/// FNV-1a.
fn hash(id: &str) -> u64 {
    id.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Whether so few were found, where there were so many, that the source may be
/// showing a part only: more than ten fewer, and more than a tenth.
pub fn is_suspicious(found: u64, before: u64) -> bool {
    let missing = before.saturating_sub(found);
    missing > 10 && missing > before / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn witnesses_are_few_and_do_not_depend_on_the_order() {
        let ids: Vec<String> = (0..400).map(|number| format!("auth0|{number}")).collect();
        let (mut upwards, mut downwards) = (Witnesses::default(), Witnesses::default());
        ids.iter().for_each(|id| upwards.consider(id));
        ids.iter().rev().chain(&ids).for_each(|id| downwards.consider(id));
        assert_eq!(upwards, downwards);
        assert_eq!(upwards.0.len(), COUNT);
        let first = upwards.next().unwrap().to_owned();
        upwards.see(&first);
        assert_ne!(upwards.next(), Some(first.as_str()));
    }

    #[test]
    fn a_few_deletions_raise_no_suspicion() {
        for (found, before, suspicious) in
            [(20, 400, true), (361, 400, false), (359, 400, true), (0, 10, false), (9, 20, true)]
        {
            assert_eq!(is_suspicious(found, before), suspicious, "{found} of {before}");
        }
    }
}
