//! The requests that the connector sends, as path and query on the tenant's
//! host. No address is ever taken from an answer or a checkpoint.

use rawdash_connector_sdk::http::encoding::encode;
use rawdash_connector_sdk::http::request::{Group, Request};
use rawdash_connector_sdk::time::timestamp::{Day, Timestamp};

use crate::api::log_id::LogId;
use crate::api::user_search::{USER_FIELDS, UserSearch};

/// Some plans limit the requests for users, for the log and for the rest apart.
pub const GROUPS: Group = 3;
const USERS: Group = 0;
const LOGS: Group = 1;
const OTHERS: Group = 2;

/// The path of user searches.
const USERS_PATH: &str = "/api/v2/users?";

/// A search of users.
pub fn users(search: &UserSearch) -> Request {
    Request::get(format!("{USERS_PATH}{}", search.query())).in_group(USERS)
}

/// Whether a request is a search of users.
pub fn searches_users(request: &Request) -> bool {
    request.path.starts_with(USERS_PATH)
}

/// One user, past the search index; the request is about its id.
pub fn user(id: &str) -> Request {
    let path =
        format!("/api/v2/users/{}?fields={}&include_fields=true", encode(id), encode(USER_FIELDS));
    Request::get(path).in_group(USERS).about(id)
}

/// Log rows after a position, 1 to 100 of them.
pub fn logs(from: &LogId, take: u32) -> Request {
    let path = format!("/api/v2/logs?from={}&take={take}", encode(from.as_str()));
    Request::get(path).in_group(LOGS)
}

/// The oldest log row that Auth0 keeps, or the oldest since an instant.
pub fn oldest_log(since: Option<Timestamp>) -> Request {
    let mut path = "/api/v2/logs?sort=date%3A1&page=0&per_page=1".to_owned();
    if let Some(since) = since {
        path.push_str("&q=");
        path.push_str(&encode(&format!("date:[{since} TO *]")));
    }
    Request::get(path).in_group(LOGS)
}

/// Daily statistics, both days included.
pub fn stats(from: Day, to: Day) -> Request {
    Request::get(format!("/api/v2/stats/daily?from={from}&to={to}")).in_group(OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_stays_one_path_segment() {
        let request = user("auth0|a/../b?c#d");
        let path = &request.path;
        assert!(path.starts_with("/api/v2/users/auth0%7Ca%2F..%2Fb%3Fc%23d?"), "{path}");
        assert!(!searches_users(&request));
    }
}
