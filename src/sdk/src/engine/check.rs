//! Whether credentials and scopes suffice: the smallest request for each
//! resource, one after the other.

use std::collections::VecDeque;

use crate::authentication::{AccessToken, TokenAnswer};
use crate::config::Secret;
use crate::connector::{Connector, Verdict};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::manifest::ResourceInfo;
use crate::engine::failures::{self, Breakage};
use crate::engine::outgoing::Outgoing;
use crate::http::reply::{Answer, Reply};
use crate::http::request::Request;
use crate::resource::AnyResource;
use crate::time::moment::Moment;
use crate::time::timestamp::Timestamp;

/// A check under way: [`Check::keep_rotated`], then [`Check::request`] and its
/// reply to [`Check::receive`], until there is no request left.
pub struct Check<'a, C: Connector> {
    connector: &'a mut C,
    /// The engine's: a secret that is not stored stays there.
    rotated: &'a mut Option<Secret>,
    left: VecDeque<(ResourceInfo, &'a dyn AnyResource<C>)>,
    outcomes: Vec<(String, Result<(), Failure>)>,
    token: Option<AccessToken>,
    /// The request under way; none of a resource for the token.
    asked: Option<Request>,
    worked: bool,
    /// The source's time.
    date: Timestamp,
}

impl<'a, C: Connector> Check<'a, C> {
    pub(super) fn new(
        connector: &'a mut C,
        rotated: &'a mut Option<Secret>,
        resources: VecDeque<(ResourceInfo, &'a dyn AnyResource<C>)>,
        worked: bool,
        now: Moment,
    ) -> Check<'a, C> {
        Check {
            connector,
            rotated,
            left: resources,
            outcomes: Vec::new(),
            token: None,
            asked: None,
            worked,
            date: now.wall,
        }
    }

    /// As [`Engine::keep_rotated`](crate::engine::Engine::keep_rotated): where the
    /// secret cannot be stored, every resource that is left has that failure.
    pub fn keep_rotated(&mut self, keep: impl FnOnce(&Secret) -> Result<(), Failure>) {
        match self.rotated.as_ref().map(keep) {
            Some(Ok(())) => *self.rotated = None,
            Some(Err(failure)) => self.settle(true, Err(failure)),
            None => {}
        }
    }

    /// The next request.
    pub fn request(&mut self) -> Option<Outgoing> {
        let (_, resource) = self.left.front()?;
        let token_request = self.connector.authentication().token_request();
        let request = match token_request.filter(|_| self.token.is_none()) {
            Some(request) => {
                self.asked = None;
                request
            }
            None => {
                let mut request = resource.probe(self.connector, self.date);
                self.asked = Some(request.clone());
                self.connector.authentication().authorize(&mut request, self.token.as_ref());
                request
            }
        };
        let host = request.host.clone().unwrap_or_else(|| self.connector.host().to_owned());
        Some(Outgoing { ticket: 0, host, request })
    }

    /// Takes the reply to it.
    pub fn receive(&mut self, reply: Reply) {
        let asked = self.asked.take();
        let host = asked.as_ref().and_then(|request| request.host.clone());
        let host = host.unwrap_or_else(|| self.connector.host().to_owned());
        let answer = match reply {
            Reply::Answer(answer) => answer,
            Reply::TooLarge(head) => Answer { head, ..Answer::default() },
            Reply::Broken(broken) => {
                let failure = match failures::judge(broken, &host, self.worked) {
                    Breakage::Lasting(failure) => failure,
                    Breakage::Passing(what) => Failure::new(
                        FailureKind::Transient,
                        format!("{host} could not be reached: {what}. Check again later."),
                    ),
                };
                self.settle(asked.is_none(), Err(failure));
                return;
            }
        };
        if let Some(failure) = failures::redirect(&answer.head, &host) {
            self.settle(true, Err(failure));
            return;
        }
        self.date = answer.head.date.unwrap_or(self.date);
        match asked {
            Some(request) => self.receive_probe(&request, &answer),
            None => self.receive_token(&answer),
        }
    }

    fn receive_token(&mut self, answer: &Answer) {
        let failure = match self.connector.authentication().read_token(answer) {
            TokenAnswer::Granted { token, rotated, .. } => {
                self.token = Some(token);
                *self.rotated = rotated.or(self.rotated.take());
                return;
            }
            TokenAnswer::Failed(failure) => failure,
            TokenAnswer::Limited => self.limited(answer),
            TokenAnswer::Transient(what) => unavailable(&what),
        };
        let status = failure.status.or(Some(answer.head.status));
        self.settle(true, Err(Failure { status, ..failure }));
    }

    fn receive_probe(&mut self, request: &Request, answer: &Answer) {
        let Some((info, _)) = self.left.front() else { return };
        let failure = match self.connector.judge(info, request, answer) {
            Verdict::Granted => return self.settle(false, Ok(())),
            Verdict::TokenRefused(failure)
            | Verdict::Refused(failure)
            | Verdict::Fatal(failure) => failure,
            Verdict::Limited => self.limited(answer),
            Verdict::TooSlow => unavailable("the source took too long"),
            Verdict::Transient(what) => unavailable(&what),
        };
        let status = failure.status.or(Some(answer.head.status));
        self.settle(false, Err(Failure { status, ..failure }));
    }

    fn limited(&self, answer: &Answer) -> Failure {
        let message = "The rate limit was reached: check again later.";
        let pause = self.connector.rate_limit(&answer.head).pause(answer.head.date);
        Failure { retry_after: pause, ..Failure::new(FailureKind::RateLimited, message) }
    }

    /// What fails for the token fails for all.
    fn settle(&mut self, all: bool, outcome: Result<(), Failure>) {
        let count = if all { self.left.len() } else { 1 };
        for (info, _) in self.left.drain(..count.min(self.left.len())) {
            let outcome = outcome.clone().map_err(|failure| failure.of(&info.name));
            self.outcomes.push((info.name, outcome));
        }
    }

    /// The outcomes by resource, once there is nothing left to request.
    pub fn outcomes(self) -> Vec<(String, Result<(), Failure>)> {
        self.outcomes
    }
}

fn unavailable(what: &str) -> Failure {
    Failure::new(FailureKind::Transient, format!("Check again later: {what}."))
}
