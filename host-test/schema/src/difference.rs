//! Replacing the rows of a window with as few writes as possible.

use std::collections::{BTreeMap, VecDeque};

/// A stored row: its number, its key and its value.
#[derive(Clone, Debug)]
pub struct Stored<Key, Value> {
    /// SQLite's number of the row.
    pub row: i64,
    /// Distinguishes it from others in the window.
    pub key: Key,
    /// Its value.
    pub value: Value,
}

/// The changes that turn the stored rows of a window into the wanted ones.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference<Key, Value> {
    /// Rows to add.
    pub insert: Vec<(Key, Value)>,
    /// Rows whose value changes.
    pub update: Vec<(i64, Value)>,
    /// Rows to remove.
    pub delete: Vec<i64>,
}

/// Compares the rows. A key may occur more than once: rawdash's tables allow it.
pub fn difference<Key: Ord, Value: PartialEq>(
    stored: Vec<Stored<Key, Value>>,
    wanted: impl IntoIterator<Item = (Key, Value)>,
) -> Difference<Key, Value> {
    let mut left: BTreeMap<Key, VecDeque<(i64, Value)>> = BTreeMap::new();
    for Stored { row, key, value } in stored {
        left.entry(key).or_default().push_back((row, value));
    }
    let mut difference = Difference { insert: Vec::new(), update: Vec::new(), delete: Vec::new() };
    for (key, value) in wanted {
        match left.get_mut(&key).and_then(VecDeque::pop_front) {
            None => difference.insert.push((key, value)),
            Some((row, stored)) if stored != value => difference.update.push((row, value)),
            Some(_) => {}
        }
    }
    difference.delete = left.into_values().flatten().map(|(row, _)| row).collect();
    difference
}
