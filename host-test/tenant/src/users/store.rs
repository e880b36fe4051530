//! All users: as they are, and what the search index has yet to see.

use super::hidden::Hidden;
use super::index::Index;
use super::user::User;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The users of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Users {
    current: BTreeMap<Arc<str>, Arc<User>>,
    index: Index,
    pending: VecDeque<(i64, Write)>,
    /// When each user signed up, including those deleted since.
    signups: Vec<i64>,
}

#[derive(Debug)]
enum Write {
    Put(Arc<User>),
    Remove(Arc<str>),
}

impl Users {
    /// Users whom the index has seen.
    pub(crate) fn new(users: Vec<User>) -> Self {
        let mut all = Self::default();
        for user in users {
            all.put(user, 0);
        }
        all.index_at(0);
        all
    }

    /// Adds a user or replaces one; the index sees it at `seen_at`.
    pub(crate) fn put(&mut self, user: User, seen_at: i64) {
        let user = Arc::new(user);
        let before = self.current.insert(user.id.clone(), user.clone());
        if before.is_none() {
            self.signups.extend(user.created_at);
        }
        self.pending.push_back((seen_at, Write::Put(user)));
    }

    /// Removes a user; the index shows it until `seen_at`.
    pub(crate) fn remove(&mut self, id: &str, seen_at: i64) -> Option<Arc<User>> {
        let user = self.current.remove(id)?;
        self.pending.push_back((seen_at, Write::Remove(user.id.clone())));
        Some(user)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<User>> {
        self.current.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<User>> {
        self.current.values()
    }

    pub(crate) fn signups(&self) -> &[i64] {
        &self.signups
    }

    pub(crate) fn hide(&mut self, id: &str, how: Hidden) {
        self.index.hide(id, how);
    }

    pub(crate) fn show_all(&mut self) {
        self.index.show_all();
    }

    /// The index as it is at `now`.
    pub(crate) fn index_at(&mut self, now: i64) -> &Index {
        while let Some((_, write)) = self.pending.pop_front_if(|(seen_at, _)| *seen_at <= now) {
            match write {
                Write::Put(user) => self.index.put(user),
                Write::Remove(id) => self.index.remove(&id),
            }
        }
        &self.index
    }
}
