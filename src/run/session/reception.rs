//! What came back: judged, read, and made into batches, pauses or failures.

use super::{InFlight, Session};
use crate::auth0::cell::Oddities;
use crate::auth0::refusal::{Verdict, judge};
use crate::auth0::reply::{Head, Reply};
use crate::auth0::request::Request;
use crate::auth0::token::{self, TokenRefusal};
use crate::rawdash::record::{Batch, Effect, Records, Warning};
use crate::resource::Resource;
use crate::run::failure::{Failure, Kind};
use crate::run::lane::{Lane, LaneId, Trouble};
use crate::run::{Instant, Yield};
use crate::timestamp::Timestamp;

impl Session {
    /// Takes what came back for a request.
    pub fn receive(&mut self, ticket: u64, reply: Reply, now: Instant) {
        let Some(sent) = self.in_flight.remove(&ticket) else { return };
        let head = match &reply {
            Reply::Whole(head, _) | Reply::TooLarge(head) => head.clone(),
            Reply::Broken(_) | Reply::Untrusted => Head::default(),
        };
        // A run begins when the tenant's time is known, so what a refused
        // token tells is left aside: no run begins with wrong credentials.
        if let Some(date) = head.date.filter(|_| sent.lane.is_some() || head.status == 200) {
            self.told = Some((date, now));
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
            Reply::Broken(what) => self.fail(id, Kind::Transient, what, None, None, now),
            Reply::Untrusted => self.distrust(),
            Reply::TooLarge(_) if head.status < 300 => {
                self.unreadable(id, &sent, &head, "an answer was too large", now)
            }
            // A refusal is one by its status, whatever its text.
            Reply::TooLarge(_) => self.receive_whole(id, &sent, &head, "", now),
            Reply::Whole(_, body) => match String::from_utf8(body) {
                Ok(body) => self.receive_whole(id, &sent, &head, &body, now),
                Err(_) if head.status < 300 => {
                    self.unreadable(id, &sent, &head, "an answer was no text", now)
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
                    Trouble { kind: Kind::Transient, what, status: None },
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
                    ..Failure::new(Kind::Authentication, message)
                });
                return;
            }
            TokenRefusal::Limited => {
                (Kind::RateLimited, head.date.and_then(|date| head.rate_limit.pause(date)))
            }
            TokenRefusal::Unavailable => (Kind::Transient, None),
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
                        Kind::Transient,
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
                    Kind::Transient,
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

    /// Ends the call at once: another try would meet the same certificate.
    fn distrust(&mut self) {
        self.refused = Some(Failure::untrusted(&self.configuration.domain));
    }

    fn refuse_token(&mut self, serial: u32, status: u16) {
        if !self.access.refuse(serial) {
            let message = "Auth0 gives tokens and refuses each of them: see whether the domain is the tenant's own, and whether the application's tokens are for the Management API.";
            self.refused = Some(Failure {
                status: Some(status),
                ..Failure::new(Kind::Authentication, message)
            });
        }
    }

    /// The limit is the endpoint's, so all of its lanes wait.
    fn limited(&mut self, id: LaneId, sent: &InFlight, head: &Head, now: Instant) {
        let pause = head.date.and_then(|date| head.rate_limit.pause(date));
        self.fail(
            id,
            Kind::RateLimited,
            "the tenant's rate limit was reached".to_owned(),
            Some(head.status),
            pause,
            now,
        );
        if let Some(resource) = sent.request.resource() {
            self.pacing.exceed(resource, now);
        }
        let until = self.lanes.get(&id).map_or(0, |lane| lane.not_before);
        if matches!(id, LaneId::Users(_)) {
            let others =
                self.lanes.iter_mut().filter(|(other, _)| matches!(other, LaneId::Users(_)));
            others.for_each(|(_, lane)| lane.not_before = lane.not_before.max(until));
        }
    }

    /// Auth0 refused a request, and would again.
    fn refuse(&mut self, id: LaneId, sent: &InFlight, head: &Head, verdict: Verdict) {
        let date = self.run_date();
        match (&sent.request, &verdict) {
            (Request::User(user_id), Verdict::Missing) => {
                let brought = self.checkpoint.deletions.gone(user_id, date);
                self.bring(id, Resource::Users, brought, &Oddities::default());
            }
            (Request::User(user_id), _) => {
                let brought = self.checkpoint.deletions.give_up(user_id, date);
                self.bring(id, Resource::Users, brought, &Oddities::default());
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
        let told = self.failed.iter().any(|failure| failure.resource == Some(resource))
            || self.checkpoint.run.as_ref().is_some_and(|run| run.failed.contains(&resource));
        if !told {
            self.failed.push_back(failure(resource));
        }
    }

    fn run_date(&self) -> Timestamp {
        self.checkpoint.run.as_ref().map_or(Timestamp::AUTH0_BEGAN, |run| run.date)
    }

    /// Reads the body of an answer that was granted.
    fn take(&mut self, id: LaneId, sent: &InFlight, head: &Head, body: &str, now: Instant) {
        let (date, odd) = (self.run_date(), &mut Oddities::default());
        let state = &mut self.checkpoint;
        let (resource, brought) = match (id, &sent.request) {
            (LaneId::Users(lane), _) => (
                Resource::Users,
                state.users.walk.as_mut().and_then(|walk| walk.take(lane, body, odd)),
            ),
            (LaneId::Deletions, Request::User(user_id)) => {
                (Resource::Users, state.deletions.there(user_id, body, date, odd))
            }
            (LaneId::Events, _) => (
                Resource::LoginEvents,
                state.events.take(head, body, date, &mut state.deletions, odd),
            ),
            (LaneId::Stats, _) => (Resource::DailyActiveUsers, state.stats.take(body, odd)),
            (LaneId::Deletions, _) => return,
        };
        match brought {
            Some(mut brought) => {
                let incomplete = brought.incomplete.take();
                self.bring(id, resource, brought, odd);
                if let Some(incomplete) = incomplete {
                    let (kind, what) = (Kind::Transient, incomplete.what);
                    let trouble = Trouble { kind, what, status: None };
                    self.lanes.update(id, |lane| lane.park(trouble, now));
                }
            }
            None => self.unreadable(id, sent, head, "an answer could not be read", now),
        }
    }

    /// Makes batches of what a page brought.
    fn bring(&mut self, id: LaneId, resource: Resource, brought: Yield, odd: &Oddities) {
        self.lanes.update(id, Lane::succeed);
        // What another lane brings meanwhile is stored all the same: its
        // position has moved past it.
        if self.close_walk() && matches!(id, LaneId::Users(_)) {
            return;
        }
        let counted =
            brought.records.iter().filter(|(records, _)| !matches!(records, Records::Removals(_)));
        let records: usize = counted.map(|(records, _)| records.len()).sum();
        let progress = self.progress.update(resource, |progress| {
            progress.pages += 1;
            progress.records += records as u64;
            progress.expected = brought.expected.or(progress.expected);
            *progress
        });
        let mut warnings = brought.warnings;
        if odd.total() > 0 {
            let message = format!(
                "Rows of {} were not as documented: {}.",
                resource.setting(),
                odd.summary()
            );
            warnings.push(Warning { code: "odd-rows", message, count: odd.total() });
        }
        let mut records = brought.records;
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

    /// Ends a walk that is whole; true when it found nobody where users are
    /// stored, and so brings nothing.
    fn close_walk(&mut self) -> bool {
        let users = &mut self.checkpoint.users;
        let Some(walk) = users.walk.as_ref().filter(|_| users.is_whole()) else { return false };
        if walk.found_nobody() && users.stored > 0 {
            let stored = users.stored;
            self.fail_for_good(&Request::User(String::new()), |_| Failure::nobody(stored));
            return true;
        }
        let (mark, found) = walk.result();
        users.mark = mark.or(users.mark);
        users.stored = found.unwrap_or(users.stored);
        users.walk = None;
        false
    }

    /// A page that is too large or cannot be read is asked for again with half
    /// the rows; a single row, after all its tries, is passed over.
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
        self.fail(id, Kind::Transient, what.to_owned(), Some(head.status), None, now);
        if !self.is_parked(id) {
            return;
        }
        let date = self.run_date();
        let state = &mut self.checkpoint;
        let past = match (id, &sent.request) {
            (LaneId::Users(lane), _) => {
                state.users.walk.as_mut().and_then(|walk| walk.pass_over(lane))
            }
            (LaneId::Events, _) => state.events.pass_over(head),
            (LaneId::Deletions, Request::User(user_id)) => {
                Some(state.deletions.give_up(user_id, date))
            }
            _ => None,
        };
        if let Some(past) = past {
            self.lanes.update(id, Lane::unpark);
            let resource = sent.request.resource().unwrap_or(Resource::Users);
            self.bring(id, resource, past, &Oddities::default());
        }
    }

    fn fail(
        &mut self,
        id: LaneId,
        kind: Kind,
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
    use crate::run::checkpoint::{Checkpoint, Mode};
    use crate::run::session::{Asked, Outgoing, Step, Turn};

    /// A session, the requests under way, and what came of it.
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
            Driven { session, now: 1, waiting: Vec::new(), events: Vec::new() }
        }

        /// Takes turns until an answer is waited for.
        fn wait(&mut self) {
            let asked = Asked { mode: Some(Mode::Full), ..Asked::default() };
            loop {
                let (outgoing, turn) = self.session.turn(&asked, self.now);
                self.waiting.extend(outgoing);
                match turn {
                    Turn::Await(_) => return,
                    Turn::Step(Step::Batches(batches)) => {
                        for batch in batches {
                            let Records::Events(events) = batch.records else { continue };
                            self.events.extend(events.into_iter().map(|event| event.id));
                        }
                    }
                    Turn::Step(Step::Wait(pause)) => self.now += u64::from(pause),
                    Turn::Step(Step::Done) => return,
                    Turn::Step(_) => {}
                    Turn::Failed(failure) => panic!("{failure:?}"),
                }
            }
        }

        fn receive(&mut self, path: &str, body: &str) {
            let asks = |sent: &Outgoing| sent.request.path_and_query().starts_with(path);
            let at = self.waiting.iter().position(asks).unwrap();
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
    fn events_that_come_while_a_walk_finds_nobody_are_not_lost() {
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
        // Both answers are there when the component looks.
        driven.receive("/api/v2/users", NOBODY);
        driven.receive("/api/v2/logs?from", &log_row(1));
        driven.wait();
        assert_eq!(driven.events.len(), 1, "{:?}", driven.events);
    }

    #[test]
    fn a_resource_that_is_asked_for_a_hundred_times_is_kept_once() {
        let mut driven = Driven::new(Checkpoint::default());
        driven.wait();
        driven.receive("/oauth/token", r#"{"access_token":"t"}"#);
        let asked = Asked { resources: vec![Resource::Users; 100], ..Asked::default() };
        driven.session.turn(&asked, driven.now);
        let run = driven.session.checkpoint.run.unwrap();
        assert_eq!(run.resources, [Resource::Users]);
    }
}
