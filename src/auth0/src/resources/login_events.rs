//! Login events, from the tenant's log.

mod page;
mod position;
mod run;

use rawdash_connector_sdk::contract::failure::FailureKind;
use rawdash_connector_sdk::contract::manifest::{ResourceInfo, Shape};
use rawdash_connector_sdk::contract::step::RunMode;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::resource::{
    Begin, Cause, Context, Given, Lane, PageOutcome, Received, Resource, View,
};
use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::api::next_link::next_from;
use crate::api::request;
use crate::configuration::LOGIN_EVENTS;
use crate::connector::Auth0;
use crate::resources::Shared;
use position::LogState;
use run::{LogRun, Reading};

/// Logins and failed logins.
pub struct LoginEvents;

impl Resource for LoginEvents {
    type Connector = Auth0;
    type State = LogState;
    type Run = LogRun;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(
            "auth0_login_event",
            Shape::Event,
            "GET /api/v2/logs",
            "Rows of the tenant's log, of the types in `logTypes`; by default successful logins (s), failed logins (f; fp when the password was wrong) and successful exchanges of a code for a token (seacft).",
        )
        .setting(LOGIN_EVENTS.0)
        .scope("read:logs")
        .fields(&[
            ("logId", "The id of the log row."),
            ("type", "The type of the log row, such as s, f, seacft or fp."),
            ("userId", "The user's id, or null."),
            ("ip", "The address that the login came from, or null."),
            ("connection", "The connection's name, or null."),
            ("strategy", "The connection's strategy, or null."),
        ])
    }

    fn probe(&self, _: &Auth0, _: Timestamp) -> Request {
        request::oldest_log(None)
    }

    fn needs_full(&self, state: &LogState, _: &Shared) -> bool {
        state.gap
    }

    /// The users are complete in little more than the time that they would take alone.
    fn gives_way(&self) -> u64 {
        5
    }

    fn begin(&self, _: &Auth0, state: &mut LogState, _: &mut Shared, begin: &Begin) -> LogRun {
        state.start_from(begin.since);
        LogRun::begin(state, begin.date)
    }

    fn requests(&self, view: View<'_, LoginEvents>) -> Vec<(Lane, Request)> {
        view.run.request(view.state).into_iter().map(|request| (0, request)).collect()
    }

    fn receive(
        &self,
        context: Context<'_, LoginEvents>,
        _: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        let mut reading = Reading::of(context);
        match given {
            Given::Granted(answer) => match reading.take(answer) {
                Some(outcome) => Received::Page(reading.with_unknown_types(outcome)),
                None if reading.shrink() => Received::Again,
                None => given.otherwise(),
            },
            Given::TooLarge(_) if reading.shrink() => Received::Again,
            Given::Refused(failure)
                if failure.kind != FailureKind::Permission && reading.refuse() =>
            {
                Received::Again
            }
            // Only the position in the link leads past a row that cannot be read.
            Given::Exhausted { trouble, head } if trouble.cause == Cause::Unreadable => {
                let skipped = head.and_then(next_from).and_then(|next| reading.skip(next));
                match skipped {
                    Some(warning) => Received::Page(PageOutcome::warning(warning)),
                    None => given.otherwise(),
                }
            }
            _ => given.otherwise(),
        }
    }

    fn end(&self, context: Context<'_, LoginEvents>) {
        if context.mode == RunMode::Full && !context.run.found_gap() {
            context.state.gap = false;
        }
    }
}
