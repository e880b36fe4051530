//! A session: one configured instance and the run that it carries on.
//!
//! A session returns requests to send, takes replies, and returns steps. The
//! checkpoint is the whole state but for what is in flight, which follows from
//! it: so a reply and the step that it leads to are one, and whatever is lost
//! with an instance is requested again.

mod reception;

use std::collections::VecDeque;

use crate::auth0::request::Request;
use crate::configuration::Configuration;
use crate::engine::access::Access;
use crate::engine::access_token::AccessToken;
use crate::engine::failure_kind::FailureKind;
use crate::engine::instant::Instant;
use crate::engine::lane::{ATTEMPTS, Lane};
use crate::engine::pacing::Pacing;
use crate::engine::small_map::SmallMap;
use crate::engine::timestamp::Timestamp;
use crate::rawdash::record::{Batch, Progress};
use crate::resource::Resource;
use crate::sync::checkpoint::{Checkpoint, Mode, Run};
use crate::sync::failure::Failure;
use crate::sync::lane_id::LaneId;

/// What the host requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncRequest {
    /// `None` lets the checkpoint decide.
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
        /// How much is read.
        mode: Mode,
        /// Whether it is carried on from a checkpoint.
        resumed: bool,
        /// Whether the request is left to a later run.
        deferred: bool,
    },
    /// To be stored together.
    Batches(Vec<Batch>),
    /// One resource failed for good.
    ResourceFailed(Failure),
    /// Nothing can be read for so many milliseconds.
    Wait(u32),
    /// The run is over.
    Done,
}

/// What the caller of a session does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Returns this step.
    Step(Step),
    /// Ends the call with this failure.
    Failed(Failure),
    /// Waits for a reply, until an instant at the latest.
    Await(Option<Instant>),
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Identifies the reply.
    pub ticket: u64,
    /// The request.
    pub request: Request,
    /// The token to send; `None` for the token request itself.
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
    pacing: Pacing<Resource>,
    lanes: SmallMap<LaneId, Lane>,
    in_flight: SmallMap<u64, InFlight>,
    tickets: u64,
    /// The tenant's time, and when it was received.
    date: Option<(Timestamp, Instant)>,
    /// Whether the run under way was begun by this instance.
    own: bool,
    announced: bool,
    progress: SmallMap<Resource, Progress>,
    ready: Vec<Batch>,
    failed: VecDeque<Failure>,
    refused: Option<Failure>,
}

impl Session {
    /// A session that carries on from a checkpoint.
    pub fn new(configuration: Configuration, checkpoint: Checkpoint) -> Session {
        Session {
            pacing: Pacing::new(&Resource::ALL, configuration.rate_limit_share),
            configuration,
            checkpoint,
            access: Access::default(),
            lanes: SmallMap::default(),
            in_flight: SmallMap::default(),
            tickets: 0,
            date: None,
            own: false,
            announced: false,
            progress: SmallMap::default(),
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

    /// Refuses a request for a resource that is not configured.
    pub fn enter(&self, request: &SyncRequest) -> Result<(), Failure> {
        let missing =
            request.resources.iter().find(|wanted| !self.configuration.resources.contains(wanted));
        if let Some(missing) = missing {
            let message = format!(
                "The configuration does not include {}: add it to `resources`, or do not request it.",
                missing.setting()
            );
            return Err(Failure {
                resource: Some(*missing),
                ..Failure::new(FailureKind::Request, message)
            });
        }
        Ok(())
    }

    /// What to send, and what to do next, at an instant.
    pub fn turn(&mut self, request: &SyncRequest, now: Instant) -> (Vec<Outgoing>, Turn) {
        self.begin(request, now);
        let outgoing = self.send(now);
        if self.checkpoint.run.is_some() && !self.announced {
            self.announced = true;
            return (outgoing, Turn::Step(self.announcement(request)));
        }
        let turn = self.next_step().map_or_else(|| self.rest(now), Turn::Step);
        (outgoing, turn)
    }

    /// Begins a run as soon as the tenant's time is known.
    fn begin(&mut self, request: &SyncRequest, now: Instant) {
        if let Some(run) = &mut self.checkpoint.run {
            run.resources.retain(|resource| self.configuration.resources.contains(resource));
            return;
        }
        let Some(date) = self.tenant_time(now) else { return };
        let mut resources = self.configuration.resources.clone();
        if !request.resources.is_empty() {
            resources.retain(|resource| request.resources.contains(resource));
        }
        let mode = request.mode.unwrap_or_else(|| self.checkpoint.due(date));
        let run = Run { mode, date, resources, failed: Vec::new() };
        self.checkpoint.begin(run, request.since, self.configuration.stats_lookback_days);
        self.own = true;
        self.announced = false;
        self.progress.clear();
        self.lanes.clear();
    }

    fn tenant_time(&self, now: Instant) -> Option<Timestamp> {
        let (date, at) = self.date?;
        Some(date.later_by(i64::try_from(now.since(at)).unwrap_or(i64::MAX)))
    }

    fn announcement(&self, request: &SyncRequest) -> Step {
        let (mode, resources) = match &self.checkpoint.run {
            Some(run) => (run.mode, run.resources.as_slice()),
            None => (Mode::Full, [].as_slice()),
        };
        let resumed = !self.own;
        let same = request.mode.is_none_or(|wanted| wanted == mode)
            && request.resources.iter().all(|wanted| resources.contains(wanted))
            && !self.checkpoint.events.would_begin_again(request.since);
        Step::Began { mode, resumed, deferred: resumed && !same }
    }

    /// A step that is ready.
    fn next_step(&mut self) -> Option<Step> {
        if !self.ready.is_empty() {
            return Some(Step::Batches(std::mem::take(&mut self.ready)));
        }
        let failure = self.failed.pop_front()?;
        // Only now, with the step that reports it: a failure that was not
        // reported to a host is found again after a resume.
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
        let due = self.earliest(now);
        if !self.in_flight.is_empty() {
            return Turn::Await(due.filter(|due| *due > now));
        }
        if let Some(due) = due {
            let pause = u32::try_from(due.since(now).max(1)).unwrap_or(u32::MAX);
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
    fn earliest(&self, now: Instant) -> Option<Instant> {
        let wants = self.wants();
        let begun = self.checkpoint.run.is_some();
        if self.access.lane.exhausted.is_some() || (begun && wants.is_empty()) {
            return None;
        }
        let lanes = wants.iter().filter_map(|(id, request)| {
            let lane = self.lanes.get(id).cloned().unwrap_or_default();
            if lane.in_flight || lane.exhausted.is_some() {
                return None;
            }
            // A bucket is looked at as it is now: seen from a time before its
            // last request, it would always seem about to fill.
            let free = lane.not_before.max(now);
            let paced =
                request.resource().map_or(free, |resource| self.pacing.earliest(resource, free));
            Some(paced)
        });
        let earliest = lanes.min();
        if begun && earliest.is_none() {
            return None;
        }
        let lane = &self.access.lane;
        let access = if lane.in_flight { Instant::START } else { lane.not_before };
        Some(earliest.unwrap_or(Instant::START).max(access))
    }

    /// The next request of every lane of the run.
    fn wants(&self) -> Vec<(LaneId, Request)> {
        let Some(run) = &self.checkpoint.run else { return Vec::new() };
        let goes_on = |resource: Resource| {
            let failing = self.failed.iter().any(|failure| failure.resource == Some(resource));
            run.resources.contains(&resource) && !run.failed.contains(&resource) && !failing
        };
        let state = &self.checkpoint;
        let mut wants = Vec::new();
        if goes_on(Resource::LoginEvents) {
            wants.extend(state.events.request().map(|request| (LaneId::Events, request)));
        }
        // The whole log nominates before any user is looked up.
        let nominated = wants.is_empty() || self.is_exhausted(LaneId::Events);
        if goes_on(Resource::DailyActiveUsers) {
            wants.extend(state.stats.request().map(|request| (LaneId::Stats, request)));
        }
        if goes_on(Resource::Users) {
            match &state.users.walk {
                Some(walk) => {
                    let requests = walk.requests().into_iter();
                    wants.extend(requests.map(|(lane, request)| (LaneId::Users(lane), request)));
                }
                None if nominated => {
                    let request = state.deletions.request();
                    wants.extend(request.map(|request| (LaneId::Deletions, request)));
                }
                None => {}
            }
        }
        wants
    }

    fn is_exhausted(&self, lane: LaneId) -> bool {
        self.lanes.get(&lane).is_some_and(|lane| lane.exhausted.is_some())
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
            let paced = self.pacing.earliest(resource, now) <= now;
            if !self.lanes.update(id, |lane| lane.begin(now, paced)) {
                continue;
            }
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
            .push(self.tickets, InFlight { lane, request: request.clone(), token: serial });
        Outgoing { ticket: self.tickets, request, token }
    }

    /// Ends the call when retries are exhausted; the next call tries again.
    fn give_up(&mut self, now: Instant) -> Option<Failure> {
        let lanes = self.lanes.iter().map(|(id, lane)| (Some(*id), lane));
        let exhausted: Vec<_> = std::iter::once((None, &self.access.lane))
            .chain(lanes)
            .filter_map(|(id, lane)| {
                lane.exhausted.clone().map(|trouble| (id, trouble, lane.not_before))
            })
            .collect();
        let limited =
            exhausted.iter().find(|(_, trouble, _)| trouble.kind == FailureKind::RateLimited);
        let (id, trouble, _) = limited.or(exhausted.first())?;
        let pause = exhausted.iter().map(|(_, _, at)| at.since(now)).min().unwrap_or(0).max(1000);
        let resource = id.map(LaneId::resource);
        let place = resource.map_or("the access token", Resource::setting);
        let message = format!(
            "For {place}, {}, {ATTEMPTS} times in a row. Sync again in {} s: records read so far are stored, and the run continues from there.",
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
        self.lanes.iter_mut().for_each(|(_, lane)| lane.reset());
        self.access.begin_anew();
        Some(failure)
    }
}
