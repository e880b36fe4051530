//! Users.

pub mod deletions;
pub mod pass;
pub mod range;
pub mod ranges;
pub mod rows;
pub mod walk;

use rawdash_connector_sdk::census::Tally;
use rawdash_connector_sdk::contract::batch::Warning;
use rawdash_connector_sdk::contract::failure::{Failure, FailureKind};
use rawdash_connector_sdk::contract::manifest::{ResourceInfo, Shape};
use rawdash_connector_sdk::contract::step::RunMode;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::resource::{
    Begin, Cause, Context, Given, Lane, PageOutcome, Received, Resource, Trouble, View,
};
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::request;
use crate::api::user_search::UserSearch;
use crate::configuration::USERS;
use crate::connector::Auth0;
use crate::resources::Shared;
use walk::{ById, Walk, Walked};

/// The lane of users that were nominated for removal.
const DELETIONS: Lane = Lane::MAX;

/// The tenant's users.
pub struct Users;

/// What is known of users between runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsersState {
    /// Changes up to here were read; `None` before the first complete walk.
    watermark: Option<Timestamp>,
    /// What the last complete walk found.
    last: Tally,
}

/// A run: a walk, and then the users that the log says were deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsersRun {
    stage: UsersStage,
    /// What a walk over all users repairs, of [`Shared::doubts`].
    repairs: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum UsersStage {
    Walking(Box<Walk>),
    LookingUp,
}

impl Resource for Users {
    type Connector = Auth0;
    type State = UsersState;
    type Run = UsersRun;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(
            "auth0_user",
            Shape::Entity,
            "GET /api/v2/users",
            "The tenant's users, each with its state.",
        )
        .setting(USERS.0)
        .scope("read:users")
        .fields(&[
            ("email", "The e-mail address, or null."),
            (
                "identityProvider",
                "The provider of the first identity, such as auth0 or google-oauth2, or null.",
            ),
            ("lastLogin", "The last login, in Unix milliseconds, or null."),
            ("loginsCount", "How often the user logged in, or null before the first time."),
            ("blocked", "Whether the user is blocked."),
            ("createdAt", "The creation, in Unix milliseconds, or null."),
        ])
    }

    fn probe(&self, _: &Auth0, _: Timestamp) -> Request {
        request::users(&UserSearch::newest())
    }

    fn needs_full(&self, _: &UsersState, shared: &Shared) -> bool {
        shared.doubts != shared.settled
    }

    fn has_work(&self, _: &UsersState, shared: &Shared) -> bool {
        shared.deletions.next().is_some()
    }

    fn begin(
        &self,
        _: &Auth0,
        state: &mut UsersState,
        shared: &mut Shared,
        begin: &Begin,
    ) -> UsersRun {
        shared.deletions.begin();
        let watermark = state.watermark.filter(|_| begin.mode == RunMode::Latest);
        let Some(watermark) = watermark else {
            shared.deletions.forget_overflow();
            let walk = Walk::over_all(state, begin.generation, begin.date);
            let stage = UsersStage::Walking(Box::new(walk));
            return UsersRun { stage, repairs: Some(shared.doubts) };
        };
        let walk = Walk::over_changes(watermark, begin.date);
        UsersRun { stage: UsersStage::Walking(Box::new(walk)), repairs: None }
    }

    fn requests(&self, view: View<'_, Users>) -> Vec<(Lane, Request)> {
        match &view.run.stage {
            UsersStage::Walking(walk) => walk.requests(),
            UsersStage::LookingUp => {
                let next = view.shared.deletions.next();
                next.map(|id| (DELETIONS, request::user(id))).into_iter().collect()
            }
        }
    }

    fn receive(
        &self,
        context: Context<'_, Users>,
        lane: Lane,
        request: &Request,
        given: Given<'_>,
    ) -> Received {
        match &mut context.run.stage {
            UsersStage::LookingUp => look_up(context, &request.subject, given),
            UsersStage::Walking(walk) if request.subject.is_empty() => {
                match search(walk, lane, given) {
                    Ok(walked) => conclude(context, walked),
                    Err(received) => received,
                }
            }
            UsersStage::Walking(_) => ask_by_id(context, given),
        }
    }

    fn end(&self, context: Context<'_, Users>) {
        if let Some(repaired) = context.run.repairs {
            context.shared.settled = repaired;
        }
    }
}

/// What a search of a walk led to.
fn search(walk: &mut Walk, lane: Lane, given: Given<'_>) -> Result<Walked, Received> {
    match given {
        Given::Granted(answer) => match walk.take(lane, &answer.body) {
            Some(walked) => Ok(walked),
            None if walk.shrink(lane) => Err(Received::Again),
            None => Err(given.otherwise()),
        },
        Given::TooLarge(_) if walk.shrink(lane) => Err(Received::Again),
        Given::TooSlow if walk.narrow(lane) => Err(Received::Again),
        Given::TooSlow => Err(Received::Attempt(Trouble {
            kind: FailureKind::Transient,
            cause: Cause::TooSlow,
            what: "a search of users took Auth0 too long".to_owned(),
            status: Some(503),
        })),
        Given::Refused(failure)
            if walk.is_side_question() && failure.kind != FailureKind::Permission =>
        {
            let status = failure.status.map_or("?".to_owned(), |status| status.to_string());
            Ok(walk.go_on_without(&format!("refused with status {status}")).into())
        }
        Given::Exhausted { trouble, .. } => give_up(walk, lane, trouble),
        _ => Err(given.otherwise()),
    }
}

/// All attempts at a search failed: a row that cannot be read is skipped, and a
/// side question that takes Auth0 too long is left open. An outage is waited for
/// where users would stay unread without the answer. What cannot be read there may
/// not be Auth0's at all.
fn give_up(walk: &mut Walk, lane: Lane, trouble: &Trouble) -> Result<Walked, Received> {
    let answered = trouble.status.is_some() && trouble.kind != FailureKind::RateLimited;
    let outcome = match trouble.cause {
        Cause::Unreadable => walk.skip(lane),
        Cause::TooSlow => walk.is_side_question().then(|| walk.go_on_without(&trouble.what)),
        Cause::Outage => {
            (walk.is_finding_watermark() && answered).then(|| walk.go_on_without(&trouble.what))
        }
    };
    outcome.map(Walked::from).ok_or(Received::Postpone)
}

/// Goes on with what a page led to, and ends a walk that is over.
fn conclude(context: Context<'_, Users>, walked: Walked) -> Received {
    let UsersStage::Walking(walk) = &context.run.stage else {
        return Received::Page(walked.outcome);
    };
    if let Some(expected) = walk.found_nobody() {
        return Received::Fail(nobody(expected));
    }
    if walk.is_over() {
        let stage = std::mem::replace(&mut context.run.stage, UsersStage::LookingUp);
        if let UsersStage::Walking(walk) = stage {
            walk.finish(context.state);
        }
    }
    match walked.incomplete {
        Some(what) => Received::PostponeRun(
            walked.outcome,
            format!(
                "{what}. Nothing was replaced; sync again later: the run continues from there."
            ),
        ),
        None => Received::Page(walked.outcome),
    }
}

/// Takes the answer about a user that the walk asks for by id.
fn ask_by_id(mut context: Context<'_, Users>, given: Given<'_>) -> Received {
    let UsersStage::Walking(walk) = &mut context.run.stage else { return Received::Again };
    let by_id = match given {
        Given::Granted(answer) => walk.take_by_id(Some(&answer.body)),
        // Only a user that does not exist is known to be gone.
        Given::Refused(failure) if failure.status == Some(404) => walk.take_by_id(None),
        _ => return given.otherwise(),
    };
    match by_id {
        None => given.otherwise(),
        Some(ById::On(outcome)) => conclude(context, outcome.into()),
        Some(ById::IndexIncomplete { found, before }) => {
            let generation = context.stage_anew();
            let walk = Walk::over_all(context.state, generation, context.now);
            context.run.stage = UsersStage::Walking(Box::new(walk));
            let message = format!(
                "Auth0's search shows {found} users, and the last full run found {before}; users that it does not show still exist, so its index is incomplete. No user was removed; sync again later."
            );
            let warning = Warning::new("users-index-incomplete", message.clone());
            Received::PostponeRun(PageOutcome::warning(warning), message)
        }
    }
}

/// Takes the answer about a user that was nominated for removal.
fn look_up(context: Context<'_, Users>, id: &str, given: Given<'_>) -> Received {
    let (nominated, date) = (&mut context.shared.deletions, context.date);
    let outcome = match given {
        Given::Granted(answer) => deletions::there(nominated, id, &answer.body, date),
        Given::Refused(failure) if failure.status == Some(404) => {
            Some(deletions::gone(nominated, id, date))
        }
        Given::Refused(failure) if failure.kind != FailureKind::Permission => {
            Some(deletions::give_up(nominated, id, date))
        }
        Given::Exhausted { trouble, .. } if trouble.cause == Cause::Unreadable => {
            Some(deletions::give_up(nominated, id, date))
        }
        _ => None,
    };
    outcome.map_or_else(|| given.otherwise(), Received::Page)
}

/// A search that finds nobody although users are stored, or counted.
fn nobody(expected: u64) -> Failure {
    let message = format!(
        "Auth0's search found none of {expected} users. Nothing was replaced, because an outage of the search looks the same. Sync again later."
    );
    Failure::new(FailureKind::Upstream, message)
}
