//! The resources that the connector syncs.

use serde::{Deserialize, Serialize};

/// One of the connector's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The tenant's users.
    Users,
    /// Logins, failed logins and code exchanges from the tenant's log.
    LoginEvents,
    /// Logins and signups per day.
    DailyActiveUsers,
}

impl Resource {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Resource; 3] =
        [Resource::Users, Resource::LoginEvents, Resource::DailyActiveUsers];

    /// The name in the configuration's `resources`.
    pub fn setting(self) -> &'static str {
        match self {
            Resource::Users => "users",
            Resource::LoginEvents => "login_events",
            Resource::DailyActiveUsers => "daily_active_users",
        }
    }

    /// The name in rawdash's storage.
    pub fn name(self) -> &'static str {
        match self {
            Resource::Users => "auth0_user",
            Resource::LoginEvents => "auth0_login_event",
            Resource::DailyActiveUsers => "auth0_daily_active_users",
        }
    }

    /// The scope that its endpoint requires.
    pub fn scope(self) -> &'static str {
        match self {
            Resource::Users => "read:users",
            Resource::LoginEvents => "read:logs",
            Resource::DailyActiveUsers => "read:stats",
        }
    }

    /// The resource of that name in the configuration.
    pub fn from_setting(setting: &str) -> Option<Resource> {
        Resource::ALL.into_iter().find(|resource| resource.setting() == setting)
    }

    /// The resource of that name in storage.
    pub fn from_name(name: &str) -> Option<Resource> {
        Resource::ALL.into_iter().find(|resource| resource.name() == name)
    }
}
