//! The requests that the connector sends, as path and query on the tenant's
//! host. No address is ever taken from a reply or a checkpoint.

use crate::auth0::encoding::encode;
use crate::auth0::log_id::LogId;
use crate::auth0::user_search::{USER_FIELDS, UserSearch};
use crate::engine::timestamp::{Day, Timestamp};
use crate::resource::Resource;

/// A request to the tenant.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Mint an access token.
    Token,
    /// Search users.
    Users(UserSearch),
    /// One user, past the search index.
    User(String),
    /// Log rows after a position.
    Logs {
        /// Exclusive.
        from: LogId,
        /// How many, 1 to 100.
        take: u32,
    },
    /// The oldest log row that Auth0 keeps, or the oldest since an instant.
    OldestLog(Option<Timestamp>),
    /// Daily statistics, both days included.
    Stats(Day, Day),
}

impl Request {
    /// Whether the request is a POST with a body.
    pub fn is_post(&self) -> bool {
        *self == Request::Token
    }

    /// The resource that the request reads; the token is for all.
    pub fn resource(&self) -> Option<Resource> {
        match self {
            Request::Token => None,
            Request::Users(_) | Request::User(_) => Some(Resource::Users),
            Request::Logs { .. } | Request::OldestLog(_) => Some(Resource::LoginEvents),
            Request::Stats(..) => Some(Resource::DailyActiveUsers),
        }
    }

    /// Path and query, on the tenant's host.
    pub fn path_and_query(&self) -> String {
        match self {
            Request::Token => "/oauth/token".to_owned(),
            Request::Users(search) => search.path_and_query(),
            Request::User(id) => {
                format!(
                    "/api/v2/users/{}?fields={}&include_fields=true",
                    encode(id),
                    encode(USER_FIELDS)
                )
            }
            Request::Logs { from, take } => {
                format!("/api/v2/logs?from={}&take={take}", encode(from.as_str()))
            }
            Request::OldestLog(since) => {
                let mut path = "/api/v2/logs?sort=date%3A1&page=0&per_page=1".to_owned();
                if let Some(since) = since {
                    path.push_str("&q=");
                    path.push_str(&encode(&format!("date:[{since} TO *]")));
                }
                path
            }
            Request::Stats(from, to) => format!("/api/v2/stats/daily?from={from}&to={to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_stays_one_path_segment() {
        let path = Request::User("auth0|a/../b?c#d".to_owned()).path_and_query();
        assert!(path.starts_with("/api/v2/users/auth0%7Ca%2F..%2Fb%3Fc%23d?"), "{path}");
    }
}
