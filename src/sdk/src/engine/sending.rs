//! Which requests are sent, and when the next one can be.

use crate::connector::Connector;
use crate::engine::member::Member;
use crate::engine::outgoing::Outgoing;
use crate::engine::{Engine, InFlight, Phase, Purpose};
use crate::http::request::Request;
use crate::resource::Lane;
use crate::time::instant::Instant;
use crate::time::moment::Moment;

/// A lane that requests something.
struct Candidate {
    place: usize,
    lane: Lane,
    request: Request,
}

impl<C: Connector> Engine<C> {
    /// The requests of all lanes that may send one at some time.
    fn candidates(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (place, member) in self.members.iter().enumerate() {
            for (lane, request) in member.requests(&self.connector, &self.shared) {
                if member.lanes.get(&lane).is_none_or(|state| state.is_idle()) {
                    all.push(Candidate { place, lane, request });
                }
            }
        }
        all
    }

    fn not_before(&self, candidate: &Candidate) -> Instant {
        let member = self.members.get(candidate.place);
        let state = member.and_then(|member| member.lanes.get(&candidate.lane));
        state.map_or(Instant::START, |state| state.not_before)
    }

    /// Whether a request waits for an access token; one is then requested.
    fn needs_token(&mut self) -> Option<Request> {
        self.connector.authentication().token_request()
    }

    /// Whether anything is left to request in this sync, now or later.
    fn wants_something(&self, candidates: &[Candidate]) -> bool {
        !candidates.is_empty() || self.members.iter().any(|member| member.is_waiting())
    }

    /// Sends what may be sent now.
    pub(super) fn send(&mut self, now: Moment) -> Vec<Outgoing> {
        if self.fatal.is_some() || self.rotated.is_some() || self.phase == Phase::Idle {
            return Vec::new();
        }
        let mut candidates = self.candidates();
        if !self.wants_something(&candidates) {
            return Vec::new();
        }
        if self.access.token(now.instant).is_none()
            && let Some(request) = self.needs_token()
        {
            return self.send_for_token(request, now.instant).into_iter().collect();
        }
        candidates.retain(|candidate| self.not_before(candidate) <= now.instant);
        let mut outgoing = Vec::new();
        while let Some(next) = self.next_of(&candidates, now.instant) {
            let Candidate { place, lane, request } = candidates.swap_remove(next);
            outgoing.push(self.send_lane(place, lane, request, now.instant));
        }
        outgoing
    }

    /// Of the requests that the rate limit allows now, that of the resource which
    /// has waited longest, less what it gives way.
    fn next_of(&self, candidates: &[Candidate], now: Instant) -> Option<usize> {
        let allowed = candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| self.pacing.earliest(candidate.request.group, now) <= now);
        let turn = |place: usize| self.members.get(place).map_or(0, Member::turn);
        let next = allowed
            .min_by_key(|(_, candidate)| (turn(candidate.place), candidate.place, candidate.lane));
        next.map(|(at, _)| at)
    }

    fn send_lane(&mut self, place: usize, lane: Lane, request: Request, now: Instant) -> Outgoing {
        self.pacing.send(request.group, now);
        if let Some(member) = self.members.get_mut(place) {
            member.lanes.update(lane, |state| state.in_flight = true);
            member.served = self.tickets.saturating_add(1);
        }
        self.outgoing(Purpose::Lane(place, lane), request, now)
    }

    fn send_for_token(&mut self, request: Request, now: Instant) -> Option<Outgoing> {
        if !self.access.lane.is_ready(now) {
            return None;
        }
        self.access.lane.in_flight = true;
        Some(self.outgoing(Purpose::Token, request, now))
    }

    fn outgoing(&mut self, purpose: Purpose, request: Request, now: Instant) -> Outgoing {
        self.tickets = self.tickets.saturating_add(1);
        let mut sent = request.clone();
        let mut serial = 0;
        if purpose != Purpose::Token {
            let token = self.access.token(now);
            serial = token.map_or(0, |(_, serial)| serial);
            let authentication = self.connector.authentication();
            authentication.authorize(&mut sent, token.map(|(token, _)| token));
        }
        self.in_flight.push(self.tickets, InFlight { purpose, request, token: serial });
        let host = sent.host.clone().unwrap_or_else(|| self.connector.host().to_owned());
        Outgoing { ticket: self.tickets, host, request: sent }
    }

    /// When something can be sent that waits for nothing but time.
    pub(super) fn earliest(&mut self, now: Instant) -> Option<Instant> {
        if self.access.lane.exhausted().is_some() {
            return None;
        }
        let candidates = self.candidates();
        if !self.wants_something(&candidates) {
            return None;
        }
        if self.access.token(now).is_none() && self.needs_token().is_some() {
            let lane = &self.access.lane;
            return (!lane.in_flight).then_some(lane.not_before);
        }
        let free = candidates.iter().map(|candidate| {
            // A bucket is looked at as it is now: seen from a time before its last
            // request, it would always seem about to fill.
            let free = self.not_before(candidate).max(now);
            self.pacing.earliest(candidate.request.group, free)
        });
        free.min()
    }
}
