//! Daily statistics.

mod days;

use rawdash_connector_sdk::contract::manifest::{ResourceInfo, Shape};
use rawdash_connector_sdk::contract::step::RunMode;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::resource::{Begin, Context, Given, Lane, Received, Resource, View};
use rawdash_connector_sdk::time::timestamp::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::request;
use crate::configuration::DAILY_ACTIVE_USERS;
use crate::connector::Auth0;
use crate::resources::Shared;
use days::Days;

/// Logins and signups per day.
pub struct DailyActiveUsers;

/// What is known between runs.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatsState {
    /// The last day of the last window that was read whole.
    until: Option<Day>,
}

impl Resource for DailyActiveUsers {
    type Connector = Auth0;
    type State = StatsState;
    type Run = Days;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(
            "auth0_daily_active_users",
            Shape::Metric,
            "GET /api/v2/stats/daily",
            "Logins and signups per UTC day, as Auth0 counts them. A quiet day may have no sample.",
        )
        .setting(DAILY_ACTIVE_USERS.0)
        .scope("read:stats")
        .dimensions(&[("kind", "What is counted: logins or signups.")])
        .metric("count", "1d")
    }

    fn probe(&self, _: &Auth0, date: Timestamp) -> Request {
        request::stats(date.day(), date.day())
    }

    fn is_sound(&self, _: &StatsState, run: Option<&Days>) -> bool {
        run.is_none_or(Days::is_sound)
    }

    fn begin(
        &self,
        connector: &Auth0,
        state: &mut StatsState,
        _: &mut Shared,
        begin: &Begin,
    ) -> Days {
        let full = begin.mode == RunMode::Full;
        let lookback = connector.configuration.stats_lookback_days;
        Days::begin(state.until, full, begin.date, begin.since, lookback)
    }

    fn requests(&self, view: View<'_, DailyActiveUsers>) -> Vec<(Lane, Request)> {
        let window = view.run.window().into_iter();
        window.map(|(from, to)| (0, request::stats(from, to))).collect()
    }

    fn receive(
        &self,
        context: Context<'_, DailyActiveUsers>,
        _: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        let outcome = given.granted().and_then(|answer| context.run.take(&answer.body));
        match outcome {
            Some(outcome) => Received::Page(outcome),
            None => given.otherwise(),
        }
    }

    fn end(&self, context: Context<'_, DailyActiveUsers>) {
        context.state.until = Some(context.date.day());
    }
}
