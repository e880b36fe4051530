//! Replacing the rows of a window with as few writes as possible.

use std::collections::{BTreeMap, VecDeque};

/// A stored row: its number, its key and its value.
#[derive(Debug)]
pub(crate) struct Stored<Key, Value> {
    /// SQLite's number of the row.
    pub(crate) row: i64,
    /// Distinguishes it from others in the window.
    pub(crate) key: Key,
    /// Its value.
    pub(crate) value: Value,
}

/// The changes that turn the stored rows of a window into the wanted ones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference<Value> {
    /// Rows to add.
    pub(crate) insert: Vec<Value>,
    /// Rows whose value changes.
    pub(crate) update: Vec<(i64, Value)>,
    /// Rows to remove.
    pub(crate) delete: Vec<i64>,
}

/// Compares the rows. A key may occur more than once: rawdash's tables allow it.
pub(crate) fn difference<Key: Ord, Value: PartialEq>(
    stored: Vec<Stored<Key, Value>>,
    wanted: impl IntoIterator<Item = (Key, Value)>,
) -> Difference<Value> {
    let mut left: BTreeMap<Key, VecDeque<(i64, Value)>> = BTreeMap::new();
    for Stored { row, key, value } in stored {
        left.entry(key).or_default().push_back((row, value));
    }
    let mut difference = Difference { insert: Vec::new(), update: Vec::new(), delete: Vec::new() };
    for (key, value) in wanted {
        match left.get_mut(&key).and_then(VecDeque::pop_front) {
            None => difference.insert.push(value),
            Some((row, stored)) if stored != value => difference.update.push((row, value)),
            Some(_) => {}
        }
    }
    difference.delete = left.into_values().flatten().map(|(row, _)| row).collect();
    difference
}
