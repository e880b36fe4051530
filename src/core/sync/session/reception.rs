//! Replies: judged, read, and turned into batches, pauses or failures.

use super::{InFlight, Session};
use crate::auth0::refusal::{Verdict, judge};
use crate::auth0::reply::{Head, Reply};
use crate::auth0::request::Request;
use crate::auth0::token::{self, TokenRefusal};
use crate::engine::failure_kind::FailureKind;
use crate::engine::instant::Instant;
use crate::engine::lane::{Lane, Trouble};
use crate::engine::timestamp::Timestamp;
use crate::json::anomalies::Anomalies;
use crate::rawdash::record::{Batch, Effect, Records, Warning};
use crate::resource::Resource;
use crate::sync::failure::Failure;
use crate::sync::lane_id::LaneId;
use crate::sync::page_outcome::PageOutcome;
use crate::sync::users::walk::Walk;

impl Session {
    /// Takes the reply to a request.
    pub fn receive(&mut self, ticket: u64, reply: Reply, now: Instant) {
        let Some(sent) = self.in_flight.remove(&ticket) else { return };
        let head = match &reply {
            Reply::Whole(head, _) | Reply::TooLarge(head) => head.clone(),
            Reply::Broken(_) | Reply::Untrusted => Head::default(),
        };
        // A run begins when the tenant's time is known, so a refused token
        // request does not count: no run begins with wrong credentials.
        if let Some(date) = head.date.filter(|_| sent.lane.is_some() || head.status == 200) {
            self.date = Some((date, now));
        }
        let Some(id) = sent.lane else {
            self.receive_token(&head, reply, now);
            return;
        };
        self.lanes.update(id, |lane| lane.in_flight = false);
        if let Some(resource) = sent.request.resource() {
            self.pacing.receive(resource, head.rate_limit, now);
        }
        match reply {
            Reply::Broken(what) => self.fail(id, FailureKind::Transient, what, None, None, now),
            Reply::Untrusted => self.distrust(),
            Reply::TooLarge(_) if head.status < 300 => {
                self.unreadable(id, &sent, &head, "a reply was too large", now)
            }
            // Its status alone makes a reply a refusal.
            Reply::TooLarge(_) => self.receive_whole(id, &sent, &head, "", now),
            Reply::Whole(_, body) => match String::from_utf8(body) {
                Ok(body) => self.receive_whole(id, &sent, &head, &body, now),
                Err(_) if head.status < 300 => {
                    self.unreadable(id, &sent, &head, "a reply was not UTF-8", now)
                }
                Err(_) => self.receive_whole(id, &sent, &head, "", now),
            },
        }
    }

    fn receive_token(&mut self, head: &Head, reply: Reply, now: Instant) {
        self.access.lane.in_flight = false;
        let body = match reply {
            Reply::Whole(_, body) => String::from_utf8_lossy(&body).into_owned(),
            Reply::TooLarge(_) => String::new(),
            Reply::Broken(what) => {
                self.access.lane.fail(
                    Trouble { kind: FailureKind::Transient, what, status: None },
                    None,
                    now,
                );
                return;
            }
            Reply::Untrusted => {
                self.distrust();
                return;
            }
        };
        if head.status == 200
            && let Some((token, life)) = token::read(&body)
        {
            self.access.accept(token, life, now);
            return;
        }
        let (kind, pause) = match token::refusal(head, &body) {
            TokenRefusal::Credentials(message) => {
                self.refused = Some(Failure {
                    status: Some(head.status),
                    ..Failure::new(FailureKind::Authentication, message)
                });
                return;
            }
            TokenRefusal::Limited => {
                (FailureKind::RateLimited, head.date.and_then(|date| head.rate_limit.pause(date)))
            }
            TokenRefusal::Unavailable => (FailureKind::Transient, None),
        };
        let what = format!("the token endpoint answered with status {}", head.status);
        self.access.lane.fail(Trouble { kind, what, status: Some(head.status) }, pause, now);
    }

    fn receive_whole(
        &mut self,
        id: LaneId,
        sent: &InFlight,
        head: &Head,
        body: &str,
        now: Instant,
    ) {
        let verdict = judge(&sent.request, head, body);
        if !matches!(verdict, Verdict::TokenRefused | Verdict::Unavailable) {
            self.access.prove(sent.token);
        }
        match verdict {
            Verdict::Granted => self.take(id, sent, head, body, now),
            Verdict::TokenRefused => self.refuse_token(sent.token, head.status),
            Verdict::Limited => self.limited(id, sent, head, now),
            Verdict::TooSlow => {
                let LaneId::Users(lane) = id else { return };
                if !self.checkpoint.users.walk.as_mut().is_some_and(|walk| walk.narrow(lane)) {
                    self.fail(
                        id,
                        FailureKind::Transient,
                        "a search of users took Auth0 too long".to_owned(),
                        Some(head.status),
                        None,
                        now,
                    );
                }
            }
            Verdict::Unavailable => {
                let pause = head
                    .rate_limit
                    .retry_after
                    .map(|seconds| seconds.saturating_mul(1000).max(1000));
                self.fail(
                    id,
                    FailureKind::Transient,
                    format!("Auth0 answered with status {}", head.status),
                    Some(head.status),
                    pause,
                    now,
                );
            }
            Verdict::Forbidden(said) => {
                self.fail_for_good(&sent.request, |resource| Failure::permission(resource, &said))
            }
            Verdict::Missing | Verdict::Refused(_) => self.refuse(id, sent, head, verdict),
        }
    }

    /// Ends the call at once: another attempt would meet the same certificate.
    fn distrust(&mut self) {
        self.refused = Some(Failure::untrusted(&self.configuration.domain));
    }

    fn refuse_token(&mut self, serial: u32, status: u16) {
        if !self.access.refuse(serial) {
            let message = "Auth0 issues tokens and refuses each of them: check that the domain is the tenant's own, and that the application's tokens are for the Management API.";
            self.refused = Some(Failure {
                status: Some(status),
                ..Failure::new(FailureKind::Authentication, message)
            });
        }
    }

    /// The limit is the endpoint's, so all of its lanes wait.
    fn limited(&mut self, id: LaneId, sent: &InFlight, head: &Head, now: Instant) {
        let pause = head.date.and_then(|date| head.rate_limit.pause(date));
        self.fail(
            id,
            FailureKind::RateLimited,
            "the tenant's rate limit was reached".to_owned(),
            Some(head.status),
            pause,
            now,
        );
        if let Some(resource) = sent.request.resource() {
            self.pacing.exceed(resource, now);
        }
        let until = self.lanes.get(&id).map_or(Instant::START, |lane| lane.not_before);
        if matches!(id, LaneId::Users(_)) {
            let others =
                self.lanes.iter_mut().filter(|(other, _)| matches!(other, LaneId::Users(_)));
            others.for_each(|(_, lane)| lane.not_before = lane.not_before.max(until));
        }
    }

    /// Auth0 refused a request, and would refuse it again.
    fn refuse(&mut self, id: LaneId, sent: &InFlight, head: &Head, verdict: Verdict) {
        let date = self.run_date();
        match (&sent.request, &verdict) {
            (Request::User(user_id), Verdict::Missing) => {
                let outcome = self.checkpoint.deletions.gone(user_id, date);
                self.add_batches(id, Resource::Users, outcome, &Anomalies::default());
            }
            (Request::User(user_id), _) => {
                let outcome = self.checkpoint.deletions.give_up(user_id, date);
                self.add_batches(id, Resource::Users, outcome, &Anomalies::default());
            }
            (Request::Logs { .. }, _) if self.checkpoint.events.refuse() => {}
            _ => {
                let said = match &verdict {
                    Verdict::Refused(said) => said.clone(),
                    _ => String::new(),
                };
                self.fail_for_good(&sent.request, |resource| {
                    Failure::refused(resource, head.status, &said)
                });
            }
        }
    }

    fn fail_for_good(&mut self, request: &Request, failure: impl Fn(Resource) -> Failure) {
        let Some(resource) = request.resource() else { return };
        let reported = self.failed.iter().any(|failure| failure.resource == Some(resource))
            || self.checkpoint.run.as_ref().is_some_and(|run| run.failed.contains(&resource));
        if !reported {
            self.failed.push_back(failure(resource));
        }
    }

    fn run_date(&self) -> Timestamp {
        self.checkpoint.run.as_ref().map_or(Timestamp::AUTH0_BEGAN, |run| run.date)
    }

    /// Reads the body of a reply that was granted.
    fn take(&mut self, id: LaneId, sent: &InFlight, head: &Head, body: &str, now: Instant) {
        let (date, anomalies) = (self.run_date(), &mut Anomalies::default());
        let state = &mut self.checkpoint;
        let (resource, outcome) = match (id, &sent.request) {
            (LaneId::Users(lane), _) => (
                Resource::Users,
                state.users.walk.as_mut().and_then(|walk| walk.take(lane, body, anomalies)),
            ),
            (LaneId::Deletions, Request::User(user_id)) => {
                (Resource::Users, state.deletions.there(user_id, body, date, anomalies))
            }
            (LaneId::Events, _) => (
                Resource::LoginEvents,
                state.events.take(head, body, date, &mut state.deletions, anomalies),
            ),
            (LaneId::Stats, _) => (Resource::DailyActiveUsers, state.stats.take(body, anomalies)),
            (LaneId::Deletions, _) => return,
        };
        match outcome {
            Some(mut outcome) => {
                let incomplete = outcome.incomplete.take();
                self.add_batches(id, resource, outcome, anomalies);
                if let Some(incomplete) = incomplete {
                    let (kind, what) = (FailureKind::Transient, incomplete.what);
                    let trouble = Trouble { kind, what, status: None };
                    self.lanes.update(id, |lane| lane.exhaust(trouble, now));
                }
            }
            None => self.unreadable(id, sent, head, "a reply could not be read", now),
        }
    }

    /// Makes batches of what a page led to.
    fn add_batches(
        &mut self,
        id: LaneId,
        resource: Resource,
        outcome: PageOutcome,
        anomalies: &Anomalies,
    ) {
        self.lanes.update(id, Lane::succeed);
        // What another lane reads meanwhile is stored all the same: its position
        // has moved past it.
        if self.close_walk() && matches!(id, LaneId::Users(_)) {
            return;
        }
        let counted =
            outcome.records.iter().filter(|(records, _)| !matches!(records, Records::Removals(_)));
        let records: usize = counted.map(|(records, _)| records.len()).sum();
        let progress = self.progress.update(resource, |progress| {
            progress.pages += 1;
            progress.records += records as u64;
            progress.expected = outcome.expected.or(progress.expected);
            *progress
        });
        let mut warnings = outcome.warnings;
        if anomalies.total() > 0 {
            let message = format!(
                "Rows of {} were not as documented: {}.",
                resource.setting(),
                anomalies.summary()
            );
            warnings.push(Warning { code: "anomalies-rows", message, count: anomalies.total() });
        }
        let mut records = outcome.records;
        if records.is_empty() && !warnings.is_empty() {
            let none = if resource == Resource::Users {
                Records::Entities(Vec::new())
            } else {
                Records::Events(Vec::new())
            };
            records.push((none, Effect::Merge));
        }
        for (records, effect) in records {
            let warnings = std::mem::take(&mut warnings);
            self.ready.push(Batch { resource, records, effect, progress, warnings });
        }
    }

    /// Ends a walk that is whole; true when it found nobody although users are
    /// stored, and so replaces nothing.
    fn close_walk(&mut self) -> bool {
        let users = &mut self.checkpoint.users;
        let Some(finished) = users.walk.as_ref().and_then(Walk::finished) else { return false };
        if finished.found == Some(0) && users.stored > 0 {
            let stored = users.stored;
            self.fail_for_good(&Request::User(String::new()), |_| Failure::nobody(stored));
            return true;
        }
        users.watermark = Some(finished.watermark);
        users.stored = finished.found.unwrap_or(users.stored);
        users.walk = None;
        false
    }

    /// A page that is too large or cannot be read is requested again with half the
    /// rows; a single row, once its retries are exhausted, is skipped.
    fn unreadable(&mut self, id: LaneId, sent: &InFlight, head: &Head, what: &str, now: Instant) {
        let shrunk = match id {
            LaneId::Users(lane) => {
                self.checkpoint.users.walk.as_mut().is_some_and(|walk| walk.shrink(lane))
            }
            LaneId::Events => self.checkpoint.events.shrink(),
            LaneId::Deletions | LaneId::Stats => false,
        };
        if shrunk {
            return;
        }
        self.fail(id, FailureKind::Transient, what.to_owned(), Some(head.status), None, now);
        if !self.is_exhausted(id) {
            return;
        }
        let date = self.run_date();
        let state = &mut self.checkpoint;
        let past = match (id, &sent.request) {
            (LaneId::Users(lane), _) => state.users.walk.as_mut().and_then(|walk| walk.skip(lane)),
            (LaneId::Events, _) => state.events.skip(head),
            (LaneId::Deletions, Request::User(user_id)) => {
                Some(state.deletions.give_up(user_id, date))
            }
            _ => None,
        };
        if let Some(past) = past {
            self.lanes.update(id, Lane::reset);
            let resource = sent.request.resource().unwrap_or(Resource::Users);
            self.add_batches(id, resource, past, &Anomalies::default());
        }
    }

    fn fail(
        &mut self,
        id: LaneId,
        kind: FailureKind,
        what: String,
        status: Option<u16>,
        pause: Option<u64>,
        now: Instant,
    ) {
        self.lanes.update(id, |lane| lane.fail(Trouble { kind, what, status }, pause, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;
    use crate::sync::checkpoint::{Checkpoint, Mode};
    use crate::sync::session::{Outgoing, Step, SyncRequest, Turn};

    /// A session, the requests in flight, and the events it returned.
    struct Driven {
        session: Session,
        now: Instant,
        waiting: Vec<Outgoing>,
        events: Vec<String>,
    }

    impl Driven {
        fn new(checkpoint: Checkpoint) -> Driven {
            let text = r#"{"domain":"acme.auth0.com","clientId":"c","clientSecret":{"$secret":"S"},
                "resources":["users","login_events"]}"#;
            let configuration = Configuration::read(text, |_| Some("s")).unwrap();
            let session = Session::new(configuration, checkpoint);
            Driven {
                session,
                now: Instant::from_millis(1),
                waiting: Vec::new(),
                events: Vec::new(),
            }
        }

        /// Takes turns until the session waits for a reply.
        fn wait(&mut self) {
            let request = SyncRequest { mode: Some(Mode::Full), ..SyncRequest::default() };
            loop {
                let (outgoing, turn) = self.session.turn(&request, self.now);
                self.waiting.extend(outgoing);
                match turn {
                    Turn::Await(_) => return,
                    Turn::Step(Step::Batches(batches)) => {
                        for batch in batches {
                            let Records::Events(events) = batch.records else { continue };
                            self.events.extend(events.into_iter().map(|event| event.id));
                        }
                    }
                    Turn::Step(Step::Wait(pause)) => self.now = self.now.later_by(u64::from(pause)),
                    Turn::Step(Step::Done) => return,
                    Turn::Step(_) => {}
                    Turn::Failed(failure) => panic!("{failure:?}"),
                }
            }
        }

        fn receive(&mut self, path: &str, body: &str) {
            let requests = |sent: &Outgoing| sent.request.path_and_query().starts_with(path);
            let at = self.waiting.iter().position(requests).unwrap();
            let sent = self.waiting.remove(at);
            let date = Timestamp::parse("2026-03-01T12:00:00Z");
            let head = Head { status: 200, date, ..Head::default() };
            self.session.receive(sent.ticket, Reply::Whole(head, body.into()), self.now);
        }
    }

    const NOBODY: &str = r#"{"total":0,"users":[]}"#;

    fn log_row(number: u32) -> String {
        format!(
            r#"[{{"log_id":"9002026030111{number:04}00000000000","type":"s",
                "date":"2026-03-01T11:00:00Z"}}]"#
        )
    }

    #[test]
    fn events_that_arrive_while_a_walk_finds_nobody_are_not_lost() {
        let mut checkpoint = Checkpoint::default();
        checkpoint.users.stored = 5;
        let mut driven = Driven::new(checkpoint);
        driven.wait();
        driven.receive("/oauth/token", r#"{"access_token":"t"}"#);
        driven.wait();
        driven.receive("/api/v2/logs?sort", &log_row(0));
        driven.wait();
        for _ in ["the last change", "all who are dated"] {
            driven.receive("/api/v2/users", NOBODY);
            driven.wait();
        }
        // Both replies are there when the component looks.
        driven.receive("/api/v2/users", NOBODY);
        driven.receive("/api/v2/logs?from", &log_row(1));
        driven.wait();
        assert_eq!(driven.events.len(), 1, "{:?}", driven.events);
    }

    #[test]
    fn a_resource_that_is_requested_a_hundred_times_is_stored_once() {
        let mut driven = Driven::new(Checkpoint::default());
        driven.wait();
        driven.receive("/oauth/token", r#"{"access_token":"t"}"#);
        let request =
            SyncRequest { resources: vec![Resource::Users; 100], ..SyncRequest::default() };
        driven.session.turn(&request, driven.now);
        let run = driven.session.checkpoint.run.unwrap();
        assert_eq!(run.resources, [Resource::Users]);
    }
}
