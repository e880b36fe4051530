//! The search index.

use super::hidden::Hidden;
use super::user::User;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The users as the search sees them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: BTreeMap<Arc<str>, Arc<User>>,
    by_created_at: Order,
    by_updated_at: Order,
    hidden: BTreeMap<Arc<str>, Hidden>,
}

impl Index {
    pub(crate) fn by_id(&self) -> impl DoubleEndedIterator<Item = &Arc<User>> {
        self.by_id.values()
    }

    /// How the search hides this user, if it does.
    pub(crate) fn hidden(&self, user: &User) -> Option<Hidden> {
        self.hidden.get(&user.id).copied()
    }

    pub(super) fn hide(&mut self, id: &str, how: Hidden) {
        self.hidden.insert(id.into(), how);
    }

    pub(super) fn show_all(&mut self) {
        self.hidden.clear();
    }

    pub(crate) fn by_created_at(&self) -> &Order {
        &self.by_created_at
    }

    pub(crate) fn by_updated_at(&self) -> &Order {
        &self.by_updated_at
    }

    pub(super) fn put(&mut self, user: Arc<User>) {
        self.remove(&user.id.clone());
        self.by_created_at.put(user.created_at, &user);
        self.by_updated_at.put(user.updated_at, &user);
        self.by_id.insert(user.id.clone(), user);
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(user) = self.by_id.remove(id) {
            self.by_created_at.remove(user.created_at, &user.id);
            self.by_updated_at.remove(user.updated_at, &user.id);
        }
    }
}

/// Users by one of their dates, then by id; those without the date separately.
#[derive(Debug, Default)]
pub(crate) struct Order {
    dated: BTreeMap<(i64, Arc<str>), Arc<User>>,
    undated: BTreeMap<Arc<str>, Arc<User>>,
}

impl Order {
    /// The users whose date is between `from` and `to`, both included.
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

    /// The users who have no such date. They come last in either direction.
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
