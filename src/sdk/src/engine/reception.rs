//! Replies: judged, handed to the resource, and turned into batches, pauses or
//! failures.

use crate::authentication::TokenAnswer;
use crate::connector::{Connector, Verdict};
use crate::contract::batch::{Batch, Effect, Warning};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::records::Records;
use crate::engine::failures::{self, Breakage};
use crate::engine::member::Member;
use crate::engine::{Engine, InFlight, Purpose};
use crate::http::reply::{Answer, Head, Reply};
use crate::http::request::Request;
use crate::resource::{Cause, Given, Lane, PageOutcome, Place, Received, Trouble};
use crate::time::moment::Moment;

/// An exchange of a lane that is over.
struct Exchange<'a> {
    place: usize,
    lane: Lane,
    request: &'a Request,
    /// Status and headers, where there was an answer.
    head: Option<&'a Head>,
    /// Whether the body was not UTF-8.
    was_altered: bool,
    now: Moment,
}

impl<C: Connector> Engine<C> {
    /// Takes the reply to a request.
    pub fn receive(&mut self, ticket: u64, reply: Reply, now: Moment) {
        let Some(sent) = self.in_flight.remove(&ticket) else { return };
        match sent.purpose {
            Purpose::Token => self.receive_token(&sent.request, reply, now),
            Purpose::Lane(place, lane) => {
                self.release(&sent.request, &reply, now);
                if let Some(member) = self.members.get_mut(place) {
                    member.lanes.update(lane, |state| state.in_flight = false);
                    member.answered = member.answered.max(ticket);
                    if member.ending.is_none() {
                        self.receive_lane(place, lane, &sent, reply, now);
                    }
                }
            }
            Purpose::Nothing => self.release(&sent.request, &reply, now),
        }
    }

    /// Takes what a reply says about the rate limit.
    fn release(&mut self, request: &Request, reply: &Reply, now: Moment) {
        let stated = match reply {
            Reply::Answer(Answer { head, .. }) | Reply::TooLarge(head) => {
                self.connector.rate_limit(head)
            }
            Reply::Broken(_) => crate::http::rate_limit::RateLimit::default(),
        };
        self.pacing.receive(request.group, stated, now.instant);
    }

    fn host_of(&self, request: &Request) -> String {
        request.host.clone().unwrap_or_else(|| self.connector.host().to_owned())
    }

    fn receive_token(&mut self, request: &Request, reply: Reply, now: Moment) {
        self.access.lane.in_flight = false;
        let host = self.host_of(request);
        let answer = match reply {
            Reply::Answer(answer) => answer,
            Reply::TooLarge(head) => Answer { head, ..Answer::default() },
            Reply::Broken(broken) => {
                match failures::judge(broken, &host, self.source.worked) {
                    Breakage::Passing(what) => {
                        self.access.lane.fail(outage(what, None), None, now.instant);
                    }
                    Breakage::Lasting(failure) => self.fatal = Some(failure),
                }
                return;
            }
        };
        if let Some(failure) = failures::redirect(&answer.head, &host) {
            self.fatal = Some(failure);
            return;
        }
        let status = answer.head.status;
        let limit = self.connector.rate_limit(&answer.head);
        let (kind, what, pause) = match self.connector.authentication().read_token(&answer) {
            TokenAnswer::Granted { token, life, rotated } => {
                self.source.hear(answer.head.date, now);
                self.source.assume(now);
                self.source.worked = true;
                self.access.accept(token, life, now.instant);
                self.rotated = rotated.or(self.rotated.take());
                return;
            }
            TokenAnswer::Failed(failure) => {
                let status = failure.status.or(Some(status));
                self.fatal = Some(Failure { status, ..failure });
                return;
            }
            TokenAnswer::Limited => {
                let what = format!("the token endpoint answered with status {status}");
                (FailureKind::RateLimited, what, limit.pause(answer.head.date))
            }
            TokenAnswer::Transient(what) => {
                (FailureKind::Transient, what, limit.stated_pause(answer.head.date))
            }
        };
        let trouble = Trouble { kind, cause: Cause::Outage, what, status: Some(status) };
        self.access.lane.fail(trouble, pause, now.instant);
    }

    fn receive_lane(
        &mut self,
        place: usize,
        lane: Lane,
        sent: &InFlight,
        reply: Reply,
        now: Moment,
    ) {
        let host = self.host_of(&sent.request);
        let (answer, too_large) = match reply {
            Reply::Answer(answer) => (answer, false),
            // Its status alone makes an answer a refusal.
            Reply::TooLarge(head) => (Answer { head, ..Answer::default() }, true),
            Reply::Broken(broken) => {
                let request = &sent.request;
                let exchange =
                    Exchange { place, lane, request, head: None, was_altered: false, now };
                match failures::judge(broken, &host, self.source.worked) {
                    Breakage::Passing(what) => self.fail(&exchange, outage(what, None), None),
                    Breakage::Lasting(failure) => self.fatal = Some(failure),
                }
                return;
            }
        };
        if let Some(failure) = failures::redirect(&answer.head, &host) {
            self.fatal = Some(failure);
            return;
        }
        let exchange = Exchange {
            place,
            lane,
            request: &sent.request,
            head: Some(&answer.head),
            was_altered: answer.was_altered,
            now,
        };
        self.judge(&exchange, sent.token, &answer, too_large);
    }

    fn judge(&mut self, exchange: &Exchange<'_>, token: u32, answer: &Answer, too_large: bool) {
        let Some(member) = self.members.get(exchange.place) else { return };
        let (head, now) = (&answer.head, exchange.now);
        let verdict = self.connector.judge(&member.info, exchange.request, answer);
        if !matches!(verdict, Verdict::TokenRefused(_) | Verdict::Transient(_)) {
            self.access.prove(token);
            self.source.hear(head.date, now);
        }
        let limit = self.connector.rate_limit(head);
        match verdict {
            Verdict::Granted => {
                self.source.worked = true;
                let given = if too_large { Given::TooLarge(head) } else { Given::Granted(answer) };
                self.give(exchange, given);
            }
            Verdict::TooSlow => self.give(exchange, Given::TooSlow),
            Verdict::Refused(failure) => {
                let status = failure.status.or(Some(head.status));
                self.give(exchange, Given::Refused(&Failure { status, ..failure }));
            }
            Verdict::TokenRefused(failure) => {
                let renewable = self.connector.authentication().token_request().is_some();
                if !renewable || !self.access.refuse(token) {
                    self.fatal = Some(failure.with_status(head.status));
                }
            }
            Verdict::Limited => {
                let kind = FailureKind::RateLimited;
                let what = "the rate limit was reached".to_owned();
                let trouble =
                    Trouble { kind, cause: Cause::Outage, what, status: Some(head.status) };
                self.pacing.exceed(exchange.request.group, now.instant);
                self.fail(exchange, trouble, limit.pause(head.date));
                self.hold_back(exchange);
            }
            Verdict::Transient(what) => {
                let pause = limit.stated_pause(head.date);
                self.fail(exchange, outage(what, Some(head.status)), pause);
            }
            Verdict::Fatal(failure) => {
                let status = failure.status.or(Some(head.status));
                self.fatal = Some(Failure { status, ..failure });
            }
        }
    }

    /// The limit is the endpoint's, so all lanes of the resource wait.
    fn hold_back(&mut self, exchange: &Exchange<'_>) {
        let Some(member) = self.members.get_mut(exchange.place) else { return };
        let Some(until) = member.lanes.get(&exchange.lane).map(|state| state.not_before) else {
            return;
        };
        for (_, state) in member.lanes.iter_mut() {
            state.not_before = state.not_before.max(until);
        }
    }

    /// Hands what a request led to to its resource.
    fn give(&mut self, exchange: &Exchange<'_>, given: Given<'_>) {
        let exhausted = matches!(given, Given::Exhausted { .. });
        let received = self.ask(exchange, given);
        let Some(member) = self.members.get_mut(exchange.place) else { return };
        match received {
            Received::Page(outcome) => {
                member.lanes.update(exchange.lane, |state| {
                    state.reset();
                    state.succeed();
                });
                self.ready.extend(batches(member, outcome, exchange.was_altered));
            }
            Received::Again if exhausted => {
                member.lanes.update(exchange.lane, |state| state.reset());
            }
            Received::Again => {}
            Received::PostponeRun(outcome, sentence) => {
                self.ready.extend(batches(member, outcome, exchange.was_altered));
                member.postpone(sentence);
            }
            Received::Fail(failure) => member.fail(failure),
            // All attempts are made: the lane stays exhausted.
            Received::Attempt(_) | Received::Postpone if exhausted => {}
            Received::Attempt(trouble) => {
                let status = trouble.status.or(exchange.head.map(|head| head.status));
                self.fail(exchange, Trouble { status, ..trouble }, None);
            }
            Received::Postpone => {
                let title = member.info.title().to_owned();
                member.postpone(format!("{title} cannot be read for now: sync again later."));
            }
        }
    }

    fn ask(&mut self, exchange: &Exchange<'_>, given: Given<'_>) -> Received {
        let now = self.source.time(exchange.now);
        let (connector, shared) = (&self.connector, &mut self.shared);
        let member = self.members.get_mut(exchange.place);
        let Some((member, run)) = member.and_then(|member| {
            let run = member.run?;
            Some((member, run))
        }) else {
            return Received::Again;
        };
        let generation = &mut member.generation;
        let place = Place { connector, shared, mode: run.mode, date: run.date, now, generation };
        member.resource.receive(place, exchange.lane, exchange.request, given)
    }

    /// Records a failed attempt. When it was the last one, the resource may know
    /// another way.
    fn fail(&mut self, exchange: &Exchange<'_>, trouble: Trouble, pause: Option<u64>) {
        let Some(member) = self.members.get_mut(exchange.place) else { return };
        let exhausted = member.lanes.update(exchange.lane, |state| {
            state.fail(trouble, pause, exchange.now.instant);
            state.exhausted().cloned()
        });
        if let Some(trouble) = exhausted {
            let given = Given::Exhausted { trouble: &trouble, head: exchange.head };
            self.give(exchange, given);
        }
    }
}

fn outage(what: String, status: Option<u16>) -> Trouble {
    Trouble { kind: FailureKind::Transient, cause: Cause::Outage, what, status }
}

/// Makes batches of what a page led to.
fn batches<C: Connector>(
    member: &mut Member<C>,
    outcome: PageOutcome,
    was_altered: bool,
) -> Vec<Batch> {
    let PageOutcome { mut records, mut warnings, expected, anomalies } = outcome;
    let counted = records.iter().filter(|(records, _)| !records.are_removals());
    let count: usize = counted.map(|(records, _)| records.len()).sum();
    let title = member.info.title();
    if anomalies.total() > 0 {
        let message = format!("Rows of {title} were not as documented: {}.", anomalies.summary());
        warnings.push(Warning { code: "odd-rows", message, count: anomalies.total() });
    }
    if was_altered {
        let message = format!(
            "An answer for {title} was not valid UTF-8: what could not be decoded was replaced with U+FFFD."
        );
        warnings.push(Warning::new("not-utf8", message));
    }
    let progress = member.run.as_mut().map(|run| {
        run.progress.pages = run.progress.pages.saturating_add(1);
        run.progress.records = run.progress.records.saturating_add(count as u64);
        run.progress.expected = expected.or(run.progress.expected);
        run.progress
    });
    if records.is_empty() && !warnings.is_empty() {
        records.push((Records::none(member.info.shape), Effect::Merge));
    }
    let batch = |(records, effect)| Batch {
        resource: member.info.name.clone(),
        records,
        effect,
        progress: progress.unwrap_or_default(),
        warnings: std::mem::take(&mut warnings),
    };
    records.into_iter().map(batch).collect()
}
