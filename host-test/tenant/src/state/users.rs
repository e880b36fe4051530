//! The users of a tenant.

use super::State;
use crate::clock::whole_ms;
use crate::instant::{DAY, rfc3339};
use crate::logs::NewLog;
use crate::users::User;
use std::sync::Arc;

impl State {
    /// All users as they are, by id, whatever the index shows.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.all().map(Arc::as_ref)
    }

    /// One user as it is.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id).map(Arc::as_ref)
    }

    /// Adds a user, or replaces the one with this id.
    pub fn put_user(&mut self, user: User) {
        let seen_at = self.seen_at();
        self.users.put(user, seen_at);
    }

    /// Changes a user as a login does: `updated_at` becomes now. Does nothing
    /// if there is no user with this id.
    pub fn update_user(&mut self, id: &str, change: impl FnOnce(&mut User)) {
        let Some(mut user) = self.user(id).cloned() else {
            return;
        };
        let now = rfc3339(self.now());
        user.set("updated_at", &now.into());
        change(&mut user);
        self.put_user(user);
    }

    /// Removes a user without a log row, and returns whether there was one.
    pub fn remove_user(&mut self, id: &str) -> bool {
        let seen_at = self.seen_at();
        self.users.remove(id, seen_at).is_some()
    }

    /// Removes a user as Auth0 does: with a log row `sdu`.
    pub fn delete_user(&mut self, id: &str) -> bool {
        let removed = self.remove_user(id);
        if removed {
            self.append_log(&NewLog::new("sdu", self.now()).about(id));
        }
        removed
    }

    /// The number of users who logged in during the last 30 days.
    #[must_use]
    pub fn active_users(&self) -> usize {
        let since = self.now() - 30 * DAY;
        self.users().filter(|user| user.last_login.is_some_and(|at| at >= since)).count()
    }

    fn seen_at(&self) -> i64 {
        self.now() + whole_ms(self.options.index_lag)
    }
}
