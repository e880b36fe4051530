//! All users: as they are, and as the search index sees them.

use crate::user::User;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The users of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Users {
    current: BTreeMap<Arc<str>, Arc<User>>,
    index: Index,
    pending: VecDeque<(i64, Write)>,
    /// When each user signed up, those gone again included.
    signups: Vec<i64>,
}

#[derive(Debug)]
enum Write {
    Put(Arc<User>),
    Remove(Arc<str>),
}

impl Users {
    /// Users that the index has seen.
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

/// What the user search sees.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: BTreeMap<Arc<str>, Arc<User>>,
    by_created_at: Order,
    by_updated_at: Order,
}

impl Index {
    pub(crate) fn by_id(&self) -> impl DoubleEndedIterator<Item = &Arc<User>> {
        self.by_id.values()
    }

    pub(crate) fn by_created_at(&self) -> &Order {
        &self.by_created_at
    }

    pub(crate) fn by_updated_at(&self) -> &Order {
        &self.by_updated_at
    }

    fn put(&mut self, user: Arc<User>) {
        self.remove(&user.id.clone());
        self.by_created_at.put(user.created_at, &user);
        self.by_updated_at.put(user.updated_at, &user);
        self.by_id.insert(user.id.clone(), user);
    }

    fn remove(&mut self, id: &str) {
        if let Some(user) = self.by_id.remove(id) {
            self.by_created_at.remove(user.created_at, &user.id);
            self.by_updated_at.remove(user.updated_at, &user.id);
        }
    }
}

/// Users by one of their dates, then by id; those without the date apart.
#[derive(Debug, Default)]
pub(crate) struct Order {
    dated: BTreeMap<(i64, Arc<str>), Arc<User>>,
    undated: BTreeMap<Arc<str>, Arc<User>>,
}

impl Order {
    /// The users whose date lies from `from` to `to`, both included.
    pub(crate) fn within(
        &self,
        from: i64,
        to: i64,
    ) -> Box<dyn DoubleEndedIterator<Item = &Arc<User>> + '_> {
        if from > to {
            return Box::new(std::iter::empty());
        }
        let lowest = (from, Arc::from(""));
        let found = match to.checked_add(1) {
            Some(end) => self.dated.range(lowest..(end, Arc::from(""))),
            None => self.dated.range(lowest..),
        };
        Box::new(found.map(|(_, user)| user))
    }

    /// The users who have no such date: last in either direction.
    pub(crate) fn undated(&self) -> impl Iterator<Item = &Arc<User>> {
        self.undated.values()
    }

    /// The earliest date.
    pub(crate) fn earliest(&self) -> Option<i64> {
        self.dated.keys().next().map(|(date, _)| *date)
    }

    fn put(&mut self, date: Option<i64>, user: &Arc<User>) {
        match date {
            Some(date) => self.dated.insert((date, user.id.clone()), user.clone()),
            None => self.undated.insert(user.id.clone(), user.clone()),
        };
    }

    fn remove(&mut self, date: Option<i64>, id: &Arc<str>) {
        match date {
            Some(date) => self.dated.remove(&(date, id.clone())),
            None => self.undated.remove(id),
        };
    }
}
