//! A session: one configured instance and the run that it carries on.
//!
//! Requests go out, replies come in, steps come out. The checkpoint is the
//! whole state but for what is in flight, and what is in flight follows from
//! it: so a reply and the step that it makes are one, and whatever is lost
//! with an instance is asked for again.

use std::collections::{BTreeMap, VecDeque};

use crate::auth0::cell::Oddities;
use crate::auth0::refusal::{Verdict, judge};
use crate::auth0::reply::{Head, Reply};
use crate::auth0::request::Request;
use crate::auth0::token::{self, AccessToken, TokenRefusal};
use crate::configuration::Configuration;
use crate::rawdash::record::{Batch, Effect, Progress, Records, Warning};
use crate::resource::Resource;
use crate::run::access::Access;
use crate::run::checkpoint::{Checkpoint, Mode, Run};
use crate::run::failure::{Failure, Kind};
use crate::run::lane::{Lane, LaneId, TRIES, Trouble};
use crate::run::pacing::Pacing;
use crate::run::{Instant, Yield};
use crate::timestamp::Timestamp;

/// What a run is asked to bring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// None lets the checkpoint decide.
    pub mode: Option<Mode>,
    /// Where events begin without a position, and how far back statistics go.
    pub since: Option<Timestamp>,
    /// Empty for all that are configured.
    pub resources: Vec<Resource>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The run that the next steps belong to.
    Began {
        /// How much it brings.
        mode: Mode,
        /// Whether it is carried on from a checkpoint.
        resumed: bool,
        /// Whether what was asked is still to come.
        deferred: bool,
    },
    /// To be stored together.
    Batches(Vec<Batch>),
    /// One resource failed for good.
    ResourceFailed(Failure),
    /// Nothing can come for so many milliseconds.
    Wait(u32),
    /// The run is over.
    Done,
}

/// What a session wants now.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// To return this step.
    Step(Step),
    /// To end with this failure.
    Failed(Failure),
    /// To wait for a reply, and look again at an instant at the latest.
    Await(Option<Instant>),
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Names the reply.
    pub ticket: u64,
    /// What to ask.
    pub request: Request,
    /// With which token; none for the token request itself.
    pub token: Option<AccessToken>,
}

#[derive(Clone, Debug)]
struct InFlight {
    lane: Option<LaneId>,
    request: Request,
    token: u32,
}

/// One configured instance.
#[derive(Debug)]
pub struct Session {
    configuration: Configuration,
    checkpoint: Checkpoint,
    access: Access,
    pacing: Pacing,
    lanes: BTreeMap<LaneId, Lane>,
    in_flight: BTreeMap<u64, InFlight>,
    tickets: u64,
    /// The tenant's time, and when it was told.
    told: Option<(Timestamp, Instant)>,
    /// Whether the run under way was begun by this instance.
    own: bool,
    announced: bool,
    progress: BTreeMap<Resource, Progress>,
    ready: Vec<Batch>,
    failed: VecDeque<Failure>,
    refused: Option<Failure>,
}

impl Session {
    /// A session that carries on from a checkpoint.
    pub fn new(configuration: Configuration, checkpoint: Checkpoint) -> Session {
        Session {
            pacing: Pacing::new(configuration.rate_limit_share),
            configuration,
            checkpoint,
            access: Access::default(),
            lanes: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            tickets: 0,
            told: None,
            own: false,
            announced: false,
            progress: BTreeMap::new(),
            ready: Vec::new(),
            failed: VecDeque::new(),
            refused: None,
        }
    }

    /// The configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Where the steps returned so far end.
    pub fn checkpoint(&self) -> String {
        self.checkpoint.write(&self.configuration.domain)
    }

    /// Checks what is asked, and takes up again what was given up.
    pub fn enter(&mut self, asked: &Asked) -> Result<(), Failure> {
        let missing =
            asked.resources.iter().find(|asked| !self.configuration.resources.contains(asked));
        if let Some(missing) = missing {
            let message = format!(
                "The configuration does not include {}: add it to `resources`, or do not ask for it.",
                missing.setting()
            );
            return Err(Failure {
                resource: Some(*missing),
                ..Failure::new(Kind::Request, message)
            });
        }
        Ok(())
    }

    /// What to send, and what to do, at an instant.
    pub fn turn(&mut self, asked: &Asked, now: Instant) -> (Vec<Outgoing>, Turn) {
        self.begin(asked, now);
        let outgoing = self.send(now);
        if self.checkpoint.run.is_some() && !self.announced {
            self.announced = true;
            return (outgoing, Turn::Step(self.announcement(asked)));
        }
        let turn = self.next_step().map_or_else(|| self.rest(now), Turn::Step);
        (outgoing, turn)
    }

    /// Begins a run as soon as the tenant's time is known.
    fn begin(&mut self, asked: &Asked, now: Instant) {
        if let Some(run) = &mut self.checkpoint.run {
            run.resources.retain(|resource| self.configuration.resources.contains(resource));
            return;
        }
        let Some(date) = self.tenant_time(now) else { return };
        let resources = if asked.resources.is_empty() {
            self.configuration.resources.clone()
        } else {
            asked.resources.clone()
        };
        let mode = asked.mode.unwrap_or_else(|| self.checkpoint.due(date));
        let run = Run { mode, date, resources, failed: Vec::new() };
        self.checkpoint.begin(run, asked.since, self.configuration.stats_lookback_days);
        self.own = true;
        self.announced = false;
        self.progress.clear();
        self.lanes.clear();
    }

    fn tenant_time(&self, now: Instant) -> Option<Timestamp> {
        let (date, at) = self.told?;
        Some(date.later_by(i64::try_from(now.saturating_sub(at)).unwrap_or(i64::MAX)))
    }

    fn announcement(&self, asked: &Asked) -> Step {
        let (mode, resources) = match &self.checkpoint.run {
            Some(run) => (run.mode, run.resources.as_slice()),
            None => (Mode::Full, [].as_slice()),
        };
        let resumed = !self.own;
        let same = asked.mode.is_none_or(|asked| asked == mode)
            && asked.resources.iter().all(|asked| resources.contains(asked))
            && !self.checkpoint.events.would_begin_again(asked.since);
        Step::Began { mode, resumed, deferred: resumed && !same }
    }

    /// A step that is ready.
    fn next_step(&mut self) -> Option<Step> {
        if !self.ready.is_empty() {
            return Some(Step::Batches(std::mem::take(&mut self.ready)));
        }
        let failure = self.failed.pop_front()?;
        // Only now, with the step that tells it: a failure that no host was
        // told of is found again after a resume.
        if let (Some(run), Some(resource)) = (&mut self.checkpoint.run, failure.resource) {
            run.failed.push(resource);
            if resource == Resource::Users {
                self.checkpoint.users.walk = None;
            }
        }
        Some(Step::ResourceFailed(failure))
    }

    /// What to do when no step is ready.
    fn rest(&mut self, now: Instant) -> Turn {
        if let Some(failure) = self.refused.take() {
            self.access.begin_anew();
            return Turn::Failed(failure);
        }
        let due = self.earliest();
        if !self.in_flight.is_empty() {
            return Turn::Await(due.filter(|due| *due > now));
        }
        if let Some(due) = due {
            let pause = u32::try_from(due.saturating_sub(now).max(1)).unwrap_or(u32::MAX);
            return Turn::Step(Step::Wait(pause));
        }
        match self.give_up(now) {
            Some(failure) => Turn::Failed(failure),
            None => {
                self.checkpoint.end(&self.configuration.resources);
                Turn::Step(Step::Done)
            }
        }
    }

    /// When something can be sent that waits for nothing but time.
    fn earliest(&self) -> Option<Instant> {
        let wants = self.wants();
        let begun = self.checkpoint.run.is_some();
        if self.access.lane.parked.is_some() || (begun && wants.is_empty()) {
            return None;
        }
        let lanes = wants.iter().filter_map(|(id, request)| {
            let lane = self.lanes.get(id).cloned().unwrap_or_default();
            if lane.in_flight || lane.parked.is_some() {
                return None;
            }
            let paced = request
                .resource()
                .map_or(0, |resource| self.pacing.earliest(resource, lane.not_before));
            Some(lane.not_before.max(paced))
        });
        let earliest = lanes.min();
        if begun && earliest.is_none() {
            return None;
        }
        let access = if self.access.lane.in_flight { 0 } else { self.access.lane.not_before };
        Some(earliest.unwrap_or(0).max(access))
    }

    /// What every lane of the run asks next.
    fn wants(&self) -> Vec<(LaneId, Request)> {
        let Some(run) = &self.checkpoint.run else { return Vec::new() };
        let goes_on = |resource: Resource| {
            let failing = self.failed.iter().any(|failure| failure.resource == Some(resource));
            run.resources.contains(&resource) && !run.failed.contains(&resource) && !failing
        };
        let mut wants = Vec::new();
        if goes_on(Resource::LoginEvents) {
            wants.extend(self.checkpoint.events.request().map(|request| (LaneId::Events, request)));
        }
        if goes_on(Resource::DailyActiveUsers) {
            wants.extend(self.checkpoint.stats.request().map(|request| (LaneId::Stats, request)));
        }
        if goes_on(Resource::Users) {
            match &self.checkpoint.users.walk {
                Some(walk) => wants.extend(
                    walk.requests()
                        .into_iter()
                        .map(|(lane, request)| (LaneId::Users(lane), request)),
                ),
                // The log nominates to its end before anybody is asked for.
                None if !wants.iter().any(|(lane, _)| {
                    *lane == LaneId::Events && !self.is_parked(LaneId::Events)
                }) =>
                {
                    wants.extend(
                        self.checkpoint
                            .deletions
                            .request()
                            .map(|request| (LaneId::Deletions, request)),
                    );
                }
                None => {}
            }
        }
        wants
    }

    fn is_parked(&self, lane: LaneId) -> bool {
        self.lanes.get(&lane).is_some_and(|lane| lane.parked.is_some())
    }

    fn send(&mut self, now: Instant) -> Vec<Outgoing> {
        let wants = self.wants();
        if self.refused.is_some() || (self.checkpoint.run.is_some() && wants.is_empty()) {
            return Vec::new();
        }
        let Some((token, serial)) =
            self.access.token(now).map(|(token, serial)| (token.clone(), serial))
        else {
            return self.send_for_token(now).into_iter().collect();
        };
        let mut outgoing = Vec::new();
        for (id, request) in wants {
            let Some(resource) = request.resource() else { continue };
            let lane = self.lanes.entry(id).or_default();
            if !lane.is_ready(now) || self.pacing.earliest(resource, now) > now {
                continue;
            }
            lane.in_flight = true;
            self.pacing.send(resource, now);
            outgoing.push(self.outgoing(Some(id), request, Some(token.clone()), serial));
        }
        outgoing
    }

    fn send_for_token(&mut self, now: Instant) -> Option<Outgoing> {
        if !self.access.lane.is_ready(now) {
            return None;
        }
        self.access.lane.in_flight = true;
        Some(self.outgoing(None, Request::Token, None, 0))
    }

    fn outgoing(
        &mut self,
        lane: Option<LaneId>,
        request: Request,
        token: Option<AccessToken>,
        serial: u32,
    ) -> Outgoing {
        self.tickets += 1;
        self.in_flight
            .insert(self.tickets, InFlight { lane, request: request.clone(), token: serial });
        Outgoing { ticket: self.tickets, request, token }
    }

    /// Takes what came back for a request.
    pub fn receive(&mut self, ticket: u64, reply: Reply, now: Instant) {
        let Some(sent) = self.in_flight.remove(&ticket) else { return };
        let head = match &reply {
            Reply::Whole(head, _) | Reply::TooLarge(head) => head.clone(),
            Reply::Broken(_) => Head::default(),
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
        self.lanes.entry(id).or_default().in_flight = false;
        if let Some(resource) = sent.request.resource() {
            self.pacing.receive(resource, head.rate_limit, now);
        }
        match reply {
            Reply::Broken(what) => self.fail(id, Kind::Transient, what, None, None, now),
            Reply::TooLarge(_) => self.unreadable(id, &sent, &head, "an answer was too large", now),
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
            Some(brought) => self.bring(id, resource, brought, odd),
            None => self.unreadable(id, sent, head, "an answer could not be read", now),
        }
    }

    /// Makes batches of what a page brought.
    fn bring(&mut self, id: LaneId, resource: Resource, brought: Yield, odd: &Oddities) {
        self.lanes.entry(id).or_default().succeed();
        if self.close_walk() {
            return;
        }
        let progress = self.progress.entry(resource).or_default();
        progress.pages += 1;
        progress.expected = brought.expected.or(progress.expected);
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
            if !matches!(records, Records::Removals(_)) {
                progress.records += records.len() as u64;
            }
            let warnings = std::mem::take(&mut warnings);
            self.ready.push(Batch { resource, records, effect, progress: *progress, warnings });
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
            self.lanes.entry(id).or_default().unpark();
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
        self.lanes.entry(id).or_default().fail(Trouble { kind, what, status }, pause, now);
    }

    /// Ends the call when tries are used up; the next call takes them up again.
    fn give_up(&mut self, now: Instant) -> Option<Failure> {
        let lanes = self.lanes.iter().map(|(id, lane)| (Some(*id), lane));
        let parked: Vec<_> = std::iter::once((None, &self.access.lane))
            .chain(lanes)
            .filter_map(|(id, lane)| {
                lane.parked.clone().map(|trouble| (id, trouble, lane.not_before))
            })
            .collect();
        let limited = parked.iter().find(|(_, trouble, _)| trouble.kind == Kind::RateLimited);
        let (id, trouble, _) = limited.or(parked.first())?;
        let pause =
            parked.iter().map(|(_, _, at)| at.saturating_sub(now)).min().unwrap_or(0).max(1000);
        let resource = match id {
            None => None,
            Some(LaneId::Users(_) | LaneId::Deletions) => Some(Resource::Users),
            Some(LaneId::Events) => Some(Resource::LoginEvents),
            Some(LaneId::Stats) => Some(Resource::DailyActiveUsers),
        };
        let place = resource.map_or("the access token", Resource::setting);
        let message = format!(
            "For {place}, {}, {TRIES} times in a row. Sync again in {} s: what came is kept, and the run goes on from there.",
            trouble.what,
            pause.div_ceil(1000)
        );
        let failure = Failure {
            kind: trouble.kind,
            message,
            resource,
            status: trouble.status,
            retry_after: Some(pause),
        };
        self.lanes.values_mut().for_each(Lane::unpark);
        self.access.begin_anew();
        Some(failure)
    }
}
