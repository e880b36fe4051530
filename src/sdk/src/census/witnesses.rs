//! A few things of the last complete walk, by which a source that shows only a
//! part of them is distinguished from one where the others were deleted.

use serde::{Deserialize, Serialize};

use crate::hash::{BEGIN, hash};

/// How many there are.
const COUNT: usize = 16;

/// Ids spread by their hash, sorted by it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(super) struct Witnesses(Vec<String>);

impl Witnesses {
    /// Considers an id: those with the smallest hashes stay.
    pub(super) fn consider(&mut self, id: &str) {
        let hash = |id: &str| hash(id, BEGIN);
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
    pub(super) fn see(&mut self, id: &str) {
        self.0.retain(|known| known != id);
    }

    /// The next one to look up.
    pub(super) fn next(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Records that the next one is gone.
    pub(super) fn dismiss_next(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }
}

impl TryFrom<Vec<String>> for Witnesses {
    type Error = &'static str;

    fn try_from(ids: Vec<String>) -> Result<Self, Self::Error> {
        let fits = ids.len() <= COUNT && ids.iter().all(|id| !id.is_empty());
        fits.then_some(Witnesses(ids)).ok_or("not witnesses")
    }
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
    fn stored_witnesses_of_nothing_or_without_end_are_refused() {
        let is_read = |ids: Vec<String>| {
            postcard::from_bytes::<Witnesses>(&postcard::to_allocvec(&ids).unwrap()).is_ok()
        };
        assert!(is_read(vec!["a".to_owned(); COUNT]));
        assert!(!is_read(vec!["a".to_owned(); COUNT + 1]));
        assert!(!is_read(vec![String::new()]));
    }
}
