//! The users of a tenant.

use super::State;
use crate::clock::whole_ms;
use crate::instant::{DAY, rfc3339};
use crate::logs::NewLog;
use crate::random::Random;
use crate::users::{Hidden, User, newcomer};
use serde_json::{Value, json};
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

    /// Adds a new user who signs up now, with a log row `ss`, and returns its
    /// id.
    pub fn sign_up(&mut self) -> String {
        let now = self.now();
        let index = u64::from(self.options.users) + self.newcomers;
        self.newcomers += 1;
        let user = newcomer(&self.options, index, now);
        let id = user.id().to_owned();
        self.put_user(user);
        self.append_log(&NewLog::new("ss", now).about(&id));
        id
    }

    /// Lets a user log in now: its `last_login`, `logins_count` and
    /// `updated_at` change, and a log row `s` is appended, whose id is
    /// returned.
    pub fn log_in(&mut self, id: &str) -> String {
        let now = self.now();
        self.update_user(id, |user| {
            let logins = user.get("logins_count").as_ref().and_then(Value::as_u64).unwrap_or(0);
            user.set("logins_count", &(logins + 1).into());
            user.set("last_login", &json!(rfc3339(now)));
        });
        self.append_log(&NewLog::new("s", now).about(id))
    }

    /// Hides users from the search. They still exist: for deleted users, use
    /// [`remove_user`](Self::remove_user).
    pub fn hide_users(&mut self, ids: impl IntoIterator<Item = impl AsRef<str>>, how: Hidden) {
        for id in ids {
            self.users.hide(id.as_ref(), how);
        }
    }

    /// Lets the index lose all but so many of the users, and returns the ids
    /// of those that the search no longer finds. They still exist.
    pub fn collapse_index(&mut self, shown: usize) -> Vec<String> {
        let mut ids: Vec<String> = self.users().map(|user| user.id().to_owned()).collect();
        Random::of(self.options.seed, 0x1057, 0).shuffle(&mut ids);
        let lost = ids.split_off(shown.min(ids.len()));
        self.hide_users(&lost, Hidden::Unlisted);
        lost
    }

    /// Lets the search show all users again.
    pub fn show_all_users(&mut self) {
        self.users.show_all();
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
