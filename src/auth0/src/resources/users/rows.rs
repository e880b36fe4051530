//! The users of a page.

use crate::api::user::UserRow;
use crate::api::user_search::Key;
use crate::records::user;
use rawdash_connector_sdk::contract::records::Entity;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;

/// A user of a page, with the key by which it is walked, if it can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedUser {
    /// The key.
    pub at: Option<Timestamp>,
    /// The user.
    pub user: Entity,
}

/// A page's users, read leniently.
pub fn read_users(
    rows: &[Option<UserRow<'_>>],
    key: Key,
    anomalies: &mut Anomalies,
) -> Vec<KeyedUser> {
    let read = |row: &Option<UserRow<'_>>| {
        let Some(row) = row else {
            anomalies.count("a row", "is not an object");
            return None;
        };
        Some(KeyedUser { at: row.key(key), user: user::entity(row, anomalies)? })
    };
    rows.iter().filter_map(read).collect()
}
