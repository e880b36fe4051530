//! Whether credentials and scopes suffice: the smallest request for each
//! resource, one after the other.

use std::collections::VecDeque;

use crate::auth0::refusal::{Verdict, judge};
use crate::auth0::reply::{Head, Reply};
use crate::auth0::request::Request;
use crate::auth0::token::{self, TokenRefusal};
use crate::auth0::user_search::UserSearch;
use crate::configuration::Configuration;
use crate::configuration::domain::Domain;
use crate::engine::access_token::AccessToken;
use crate::engine::failure_kind::FailureKind;
use crate::engine::timestamp::Timestamp;
use crate::resource::Resource;
use crate::sync::failure::Failure;

/// A check under way.
#[derive(Debug)]
pub struct Check {
    domain: Domain,
    left: VecDeque<Resource>,
    outcomes: Vec<(Resource, Result<(), Failure>)>,
    token: Option<AccessToken>,
    /// The tenant's time: statistics are requested by day.
    date: Timestamp,
}

impl Check {
    /// Checks what is configured; `now` stands in for the tenant's time.
    pub fn new(configuration: &Configuration, now: Timestamp) -> Check {
        Check {
            domain: configuration.domain.clone(),
            left: configuration.resources.iter().copied().collect(),
            outcomes: Vec::new(),
            token: None,
            date: now,
        }
    }

    /// The next request, and its token.
    pub fn request(&self) -> Option<(Request, Option<AccessToken>)> {
        let resource = *self.left.front()?;
        let Some(token) = &self.token else { return Some((Request::Token, None)) };
        let request = match resource {
            Resource::Users => Request::Users(UserSearch::newest()),
            Resource::LoginEvents => Request::OldestLog(None),
            Resource::DailyActiveUsers => Request::Stats(self.date.day(), self.date.day()),
        };
        Some((request, Some(token.clone())))
    }

    /// Takes the reply to [`Check::request`].
    pub fn receive(&mut self, request: &Request, reply: Reply) {
        let (head, body) = match reply {
            Reply::Whole(head, body) => (head, String::from_utf8_lossy(&body).into_owned()),
            Reply::TooLarge(head) => (head, String::new()),
            Reply::Broken(what) => {
                let failure = Failure::new(
                    FailureKind::Transient,
                    format!("Auth0 could not be reached: {what}. Check again later."),
                );
                self.settle(request, Err(failure));
                return;
            }
            Reply::Untrusted => {
                let failure = Failure::untrusted(&self.domain);
                self.settle(request, Err(failure));
                return;
            }
        };
        self.date = head.date.unwrap_or(self.date);
        if *request == Request::Token {
            self.receive_token(&head, &body);
        } else if let Some(resource) = request.resource() {
            self.settle(request, outcome(resource, judge(request, &head, &body), &head));
        }
    }

    fn receive_token(&mut self, head: &Head, body: &str) {
        if head.status == 200
            && let Some((token, _)) = token::read(body)
        {
            self.token = Some(token);
            return;
        }
        let failure = match token::refusal(head, body) {
            TokenRefusal::Credentials(message) => {
                Failure::new(FailureKind::Authentication, message)
            }
            TokenRefusal::Limited => limited(head),
            TokenRefusal::Unavailable => unavailable(head),
        };
        self.settle(&Request::Token, Err(Failure { status: Some(head.status), ..failure }));
    }

    /// What fails for the token fails for all.
    fn settle(&mut self, request: &Request, outcome: Result<(), Failure>) {
        let count = if *request == Request::Token { self.left.len() } else { 1 };
        for resource in self.left.drain(..count.min(self.left.len())) {
            let outcome =
                outcome.clone().map_err(|failure| Failure { resource: Some(resource), ..failure });
            self.outcomes.push((resource, outcome));
        }
    }

    /// The outcomes, once there is nothing left to request.
    pub fn outcomes(self) -> Vec<(Resource, Result<(), Failure>)> {
        self.outcomes
    }
}

fn outcome(resource: Resource, verdict: Verdict, head: &Head) -> Result<(), Failure> {
    let failure = match verdict {
        Verdict::Granted => return Ok(()),
        Verdict::Forbidden(said) => Failure::permission(resource, &said),
        Verdict::Limited => limited(head),
        Verdict::TokenRefused => Failure::new(
            FailureKind::Authentication,
            "Auth0 issued a token and refused it: check that the domain is the tenant's own.",
        ),
        Verdict::TooSlow | Verdict::Unavailable => unavailable(head),
        Verdict::Missing => Failure::refused(resource, head.status, ""),
        Verdict::Refused(said) => Failure::refused(resource, head.status, &said),
    };
    Err(Failure { status: Some(head.status), ..failure })
}

fn limited(head: &Head) -> Failure {
    let retry_after = head.date.and_then(|date| head.rate_limit.pause(date));
    Failure {
        retry_after,
        ..Failure::new(
            FailureKind::RateLimited,
            "The tenant's rate limit was reached: check again later.",
        )
    }
}

fn unavailable(head: &Head) -> Failure {
    let message = format!("Auth0 answered with status {}: check again later.", head.status);
    Failure::new(FailureKind::Transient, message)
}
