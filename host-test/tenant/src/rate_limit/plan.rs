//! The plans that Auth0 offers, with their limits.

use std::fmt;
use std::str::FromStr;

/// How many requests a bucket holds and how fast it is refilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests that a full bucket holds.
    pub burst: u32,
    /// How fast requests are added.
    pub refill: Refill,
}

/// The speed at which a bucket is refilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refill {
    /// Requests per second, added every millisecond.
    PerSecond(u32),
    /// Requests per minute, added every whole second.
    PerMinute(u32),
}

/// The Management API's limits of one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// One bucket for the whole Management API.
    Global(Limit),
    /// A bucket for each group of endpoints.
    PerGroup {
        /// Reading users, listed or one by one.
        users: Limit,
        /// Reading logs.
        logs: Limit,
        /// All other endpoints together, the statistics among them.
        rest: Limit,
    },
}

/// An Auth0 plan: how often its API may be called, and how long logs are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// Two requests per second for everything.
    Free,
    /// Limits per endpoint.
    Essentials,
    /// Limits per endpoint, the same as Essentials.
    Professional,
    /// Production tenants of an enterprise subscription.
    Enterprise,
    /// Development and staging tenants of an enterprise subscription.
    EnterpriseNonProduction,
    /// Private Cloud, development: 20 requests per second.
    PrivateCloudDev,
    /// Private Cloud of 100 requests per second.
    PrivateCloud100,
    /// Private Cloud of 500 requests per second.
    PrivateCloud500,
    /// Not an Auth0 plan: limits so high that no client reaches them.
    #[default]
    Unlimited,
}

impl Plan {
    /// Every plan, in the order in which help lists them.
    pub const ALL: [Self; 9] = [
        Self::Free,
        Self::Essentials,
        Self::Professional,
        Self::Enterprise,
        Self::EnterpriseNonProduction,
        Self::PrivateCloudDev,
        Self::PrivateCloud100,
        Self::PrivateCloud500,
        Self::Unlimited,
    ];

    /// The plan's name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Essentials => "essentials",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
            Self::EnterpriseNonProduction => "enterprise-non-production",
            Self::PrivateCloudDev => "private-cloud-dev",
            Self::PrivateCloud100 => "private-cloud-100",
            Self::PrivateCloud500 => "private-cloud-500",
            Self::Unlimited => "unlimited",
        }
    }

    /// The limits of the Management API.
    #[must_use]
    pub fn limits(self) -> Limits {
        match self {
            Self::Free => global(2, 2),
            Self::EnterpriseNonProduction => global(10, 2),
            Self::Essentials | Self::Professional => Limits::PerGroup {
                users: per_minute(40, 500),
                logs: per_minute(10, 100),
                rest: per_minute(10, 150),
            },
            Self::Enterprise => global(50, 16),
            Self::PrivateCloudDev => global(20, 20),
            Self::PrivateCloud100 => global(50, 50),
            Self::PrivateCloud500 => global(250, 250),
            Self::Unlimited => global(1_000_000, 1_000_000),
        }
    }

    /// The limit of the token endpoint.
    #[must_use]
    pub fn token_limit(self) -> Limit {
        match self {
            Self::Free => per_second(30, 30),
            Self::Essentials | Self::Professional => per_second(25, 25),
            Self::Unlimited => per_second(1_000_000, 1_000_000),
            _ => per_second(100, 100),
        }
    }

    /// The number of days for which this plan keeps logs.
    #[must_use]
    pub fn retention_days(self) -> u32 {
        match self {
            Self::Free => 1,
            Self::Essentials => 5,
            Self::Professional => 10,
            _ => 30,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Plan {
    type Err = UnknownPlan;

    fn from_str(name: &str) -> Result<Self, UnknownPlan> {
        Self::ALL
            .into_iter()
            .find(|plan| plan.name() == name)
            .ok_or_else(|| UnknownPlan(name.to_owned()))
    }
}

/// There is no plan of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlan(
    /// The unknown name.
    pub String,
);

impl fmt::Display for UnknownPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Plan::ALL.iter().map(|plan| plan.name()).collect();
        write!(formatter, "there is no plan `{}`; choose one of {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownPlan {}

const fn per_second(burst: u32, rate: u32) -> Limit {
    Limit { burst, refill: Refill::PerSecond(rate) }
}

const fn per_minute(burst: u32, rate: u32) -> Limit {
    Limit { burst, refill: Refill::PerMinute(rate) }
}

const fn global(burst: u32, rate: u32) -> Limits {
    Limits::Global(per_second(burst, rate))
}
