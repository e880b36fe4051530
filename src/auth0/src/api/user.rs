//! A page of users, and a user.

use crate::api::user_search::Key;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::cell::Cell;
use rawdash_connector_sdk::json::object::{FromObject, items, read_rows};
use rawdash_connector_sdk::row;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// Bytes of a user's id. Auth0's are shorter; a longer one belongs to nobody.
pub const LONGEST_ID: usize = 1024;

/// A page of `GET /users?include_totals=true`.
#[derive(Debug)]
pub struct UsersPage<'a> {
    /// The rows; `None` for one that is not an object.
    pub rows: Vec<Option<UserRow<'a>>>,
    /// How many rows the server serves a page, which may be fewer than requested.
    pub limit: Option<u32>,
    /// How many users match; unreliable from 1000 on.
    pub total: Option<u64>,
}

row! {
    struct Envelope {
        users: "users",
        limit: "limit",
        total: "total",
    }
}

impl<'a> UsersPage<'a> {
    /// Reads a page; `None` when it is not a page of users.
    pub fn read(body: &'a str) -> Option<UsersPage<'a>> {
        let envelope = Envelope::read_text(body)?;
        let anomalies = &mut Anomalies::default();
        let limit = envelope.limit.number("limit", anomalies);
        let total = envelope.total.number("total", anomalies);
        // Without numbers it is not a page of users.
        if anomalies.total() > 0 {
            return None;
        }
        Some(UsersPage {
            rows: read_rows(envelope.users.raw()?)?,
            limit: limit.filter(|limit| *limit >= 1.0).map(|limit| limit as u32),
            total: total.filter(|total| *total >= 0.0).map(|total| total as u64),
        })
    }
}

row! {
    /// A user's row: the requested members.
    pub struct UserRow {
        user_id: "user_id",
        email: "email",
        identities: "identities",
        last_login: "last_login",
        logins_count: "logins_count",
        blocked: "blocked",
        created_at: "created_at",
        updated_at: "updated_at",
    }
}

impl<'a> UserRow<'a> {
    /// The instant by which the user is walked, if it can be read.
    pub fn key(&self, key: Key) -> Option<Timestamp> {
        let cell = match key {
            Key::CreatedAt => self.created_at,
            Key::UpdatedAt => self.updated_at,
        };
        cell.timestamp(key.field(), &mut Anomalies::default())
    }

    /// The provider of the first identity; `None` where there is no identity.
    pub fn first_provider(&self, anomalies: &mut Anomalies) -> Option<Cell<'a>> {
        let raw = self.identities.raw()?;
        let Some(items) = items(raw) else {
            anomalies.count("identities", "is not a list");
            return None;
        };
        let first = items.first()?;
        match Identity::read(*first) {
            Some(identity) => Some(identity.provider),
            None => {
                anomalies.count("identities", "contains a value that is not an object");
                None
            }
        }
    }
}

row! {
    struct Identity {
        provider: "provider",
    }
}
