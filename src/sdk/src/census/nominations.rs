//! Things that may be gone, to be looked up one by one.

use serde::{Deserialize, Serialize};

use crate::time::timestamp::{Milliseconds, Timestamp};

/// Nominations that a checkpoint holds.
const MOST: usize = 1000;
/// Bytes of their ids: a checkpoint has an end.
const MOST_BYTES: usize = 128 * 1024;

/// A thing to look up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nomination {
    id: String,
    at: Timestamp,
    /// Set when it was looked up in this run; it stays because an index, read by
    /// the next run, may still show it.
    looked_up: bool,
}

/// Things that may be gone, nominated by what another resource read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(Vec<Nomination>, bool)")]
pub struct Nominations {
    nominated: Vec<Nomination>,
    overflowed: bool,
}

impl Nominations {
    /// The most that are held.
    pub const MOST: usize = MOST;

    /// At the begin of a run that looks up, every nomination is open again.
    pub fn begin(&mut self) {
        self.nominated.iter_mut().for_each(|known| known.looked_up = false);
    }

    /// Nominates a thing. True the first time that there are too many.
    pub fn nominate(&mut self, id: &str, at: Timestamp) -> bool {
        if let Some(known) = self.nominated.iter_mut().find(|known| known.id == id) {
            known.at = known.at.max(at);
            known.looked_up = false;
            return false;
        }
        let held: usize = self.nominated.iter().map(|known| known.id.len()).sum();
        if self.nominated.len() < MOST && held + id.len() <= MOST_BYTES {
            self.nominated.push(Nomination { id: id.to_owned(), at, looked_up: false });
            return false;
        }
        !std::mem::replace(&mut self.overflowed, true)
    }

    /// Everything that is gone by now is found in another way.
    pub fn forget_overflow(&mut self) {
        self.overflowed = false;
    }

    /// The id of the next thing to look up.
    pub fn next(&self) -> Option<&str> {
        let open = self.nominated.iter().find(|known| !known.looked_up)?;
        Some(&open.id)
    }

    /// Records that a thing was looked up at this time. It is looked up again by
    /// the next run, if it was nominated less than `lag` before.
    pub fn settle(&mut self, id: &str, date: Timestamp, lag: Milliseconds) {
        self.nominated.retain_mut(|known| {
            if known.id != id {
                return true;
            }
            known.looked_up = true;
            date.since(known.at) < lag
        });
    }
}

impl TryFrom<(Vec<Nomination>, bool)> for Nominations {
    type Error = &'static str;

    fn try_from((nominated, overflowed): (Vec<Nomination>, bool)) -> Result<Self, Self::Error> {
        let fits = nominated.len() <= MOST && nominated.iter().all(|known| !known.id.is_empty());
        fits.then_some(Nominations { nominated, overflowed }).ok_or("not nominations")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::timestamp::MINUTE;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * MINUTE).unwrap()
    }

    #[test]
    fn a_recent_nomination_is_looked_up_again_by_the_next_run() {
        let lag = 15 * MINUTE;
        let mut nominations = Nominations::default();
        nominations.nominate("a", at(0));
        nominations.nominate("b", at(50));
        nominations.settle("a", at(60), lag);
        nominations.settle("b", at(60), lag);
        assert_eq!(nominations.next(), None);
        nominations.begin();
        assert_eq!(nominations.next(), Some("b"));
        nominations.settle("b", at(120), lag);
        nominations.begin();
        assert_eq!(nominations.next(), None);
    }

    #[test]
    fn too_many_are_reported_once() {
        let overflows = |bytes: usize| {
            let mut nominations = Nominations::default();
            let id = |number: usize| format!("{number:0bytes$}");
            (0..MOST + 5).filter(|number| nominations.nominate(&id(*number), at(0))).count()
        };
        assert_eq!((overflows(8), overflows(1024)), (1, 1));
    }

    #[test]
    fn stored_nominations_of_nothing_are_refused() {
        let is_read = |nominations: &Nominations| {
            let bytes = postcard::to_allocvec(nominations).unwrap();
            postcard::from_bytes::<Nominations>(&bytes).is_ok()
        };
        let mut nominations = Nominations::default();
        nominations.nominate("a", at(0));
        assert!(is_read(&nominations));
        nominations.nominate("", at(0));
        assert!(!is_read(&nominations));
    }
}
