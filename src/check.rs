//! Whether credentials and scopes suffice: the least that can be asked of each
//! resource, one after the other.

use std::collections::VecDeque;

use crate::auth0::refusal::{Verdict, judge};
use crate::auth0::reply::{Head, Reply};
use crate::auth0::request::{Condition, Request, UserSearch};
use crate::auth0::token::{self, AccessToken, TokenRefusal};
use crate::configuration::{Configuration, Domain};
use crate::resource::Resource;
use crate::run::failure::{Failure, Kind};
use crate::timestamp::Timestamp;

/// The outcome for each resource.
pub type Outcomes = Vec<(Resource, Result<(), Failure>)>;

/// A check under way.
#[derive(Debug)]
pub struct Check {
    domain: Domain,
    left: VecDeque<Resource>,
    outcomes: Outcomes,
    token: Option<AccessToken>,
    /// The tenant's time: statistics are asked for by day.
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

    /// What to ask next, and with which token.
    pub fn request(&self) -> Option<(Request, Option<AccessToken>)> {
        let resource = *self.left.front()?;
        let Some(token) = &self.token else { return Some((Request::Token, None)) };
        let request = match resource {
            Resource::Users => Request::Users(UserSearch {
                condition: Condition::Newest,
                page: 0,
                per_page: 1,
                place_only: true,
            }),
            Resource::LoginEvents => Request::OldestLog(None),
            Resource::DailyActiveUsers => Request::Stats(self.date.day(), self.date.day()),
        };
        Some((request, Some(token.clone())))
    }

    /// Takes what came for [`Check::request`].
    pub fn receive(&mut self, request: &Request, reply: Reply) {
        let (head, body) = match reply {
            Reply::Whole(head, body) => (head, String::from_utf8_lossy(&body).into_owned()),
            Reply::TooLarge(head) => (head, String::new()),
            Reply::Broken(what) => {
                let failure = Failure::new(
                    Kind::Transient,
                    format!("Auth0 was not reached: {what}. Check again later."),
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
            TokenRefusal::Credentials(message) => Failure::new(Kind::Authentication, message),
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

    /// The outcomes, once there is nothing left to ask.
    pub fn outcomes(self) -> Outcomes {
        self.outcomes
    }
}

fn outcome(resource: Resource, verdict: Verdict, head: &Head) -> Result<(), Failure> {
    let failure = match verdict {
        Verdict::Granted => return Ok(()),
        Verdict::Forbidden(said) => Failure::permission(resource, &said),
        Verdict::Limited => limited(head),
        Verdict::TokenRefused => Failure::new(
            Kind::Authentication,
            "Auth0 gave a token and refused it: see whether the domain is the tenant's own.",
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
        ..Failure::new(Kind::RateLimited, "The tenant's rate limit was reached: check again later.")
    }
}

fn unavailable(head: &Head) -> Failure {
    let message = format!("Auth0 answered with status {}: check again later.", head.status);
    Failure::new(Kind::Transient, message)
}
