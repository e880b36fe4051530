//! Things that a list may not show, to be looked up one by one.

use serde::{Deserialize, Serialize};

/// Ids that a checkpoint holds.
const MOST: usize = 100;

/// Ids of things that a list may not show, each once and as many as fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Unlisted(Vec<String>);

impl Unlisted {
    /// Remembers a thing, if there is room.
    pub fn remember(&mut self, id: &str) {
        if self.0.len() < MOST && !self.0.iter().any(|known| known == id) {
            self.0.push(id.to_owned());
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The next one to look up.
    pub fn next(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// Records that the next one was looked up.
    pub fn settle_next(&mut self) {
        self.0.pop();
    }
}

impl TryFrom<Vec<String>> for Unlisted {
    type Error = &'static str;

    fn try_from(ids: Vec<String>) -> Result<Self, Self::Error> {
        let fits = ids.len() <= MOST && ids.iter().all(|id| !id.is_empty());
        fits.then_some(Unlisted(ids)).ok_or("not ids to look up")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_looked_up_once_and_the_checkpoint_does_not_grow_without_end() {
        let mut unlisted = Unlisted::default();
        (0..2 * MOST).for_each(|number| unlisted.remember(&format!("a|{}", number / 2)));
        assert_eq!(unlisted.count(), MOST);
        unlisted.remember("one more");
        let looked_up = std::iter::from_fn(|| {
            let next = unlisted.next()?.to_owned();
            unlisted.settle_next();
            Some(next)
        });
        let looked_up: std::collections::BTreeSet<String> = looked_up.collect();
        assert_eq!(looked_up.len(), MOST);
        assert!(!looked_up.contains("one more"));
    }

    #[test]
    fn stored_ids_of_nothing_or_without_end_are_refused() {
        let is_read = |ids: Vec<String>| {
            postcard::from_bytes::<Unlisted>(&postcard::to_allocvec(&ids).unwrap()).is_ok()
        };
        assert!(is_read(vec!["a".to_owned(); MOST]));
        assert!(!is_read(vec!["a".to_owned(); MOST + 1]));
        assert!(!is_read(vec![String::new()]));
    }
}
