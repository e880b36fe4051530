//! A map of a handful of entries, in the order in which they were added.
//!
//! An engine's maps hold a few resources, lanes and requests: a list is as fast, and
//! the code of a tree would be a tenth of a component.

/// Entries by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SmallMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        SmallMap(Vec::new())
    }
}

impl<K: PartialEq, V> SmallMap<K, V> {
    /// The entry of a key.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The entry of a key, to change.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Adds the entry of a key that has none.
    pub(super) fn push(&mut self, key: K, value: V) {
        self.0.push((key, value));
    }

    /// Removes and returns the entry of a key.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(at).1)
    }

    /// All entries.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.0.iter()
    }

    /// All entries, to change.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut (K, V)> {
        self.0.iter_mut()
    }

    /// Removes all entries.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl<K: PartialEq, V: Default> SmallMap<K, V> {
    /// Changes the entry of a key, made where there is none.
    pub(super) fn update<T>(&mut self, key: K, change: impl FnOnce(&mut V) -> T) -> T {
        match self.get_mut(&key) {
            Some(value) => change(value),
            None => {
                let mut value = V::default();
                let result = change(&mut value);
                self.0.push((key, value));
                result
            }
        }
    }
}
