//! What a call of `sync` returns.

use crate::connector::Connector;
use crate::contract::failure::Failure;
use crate::contract::step::Step;
use crate::engine::lane_state::{foremost, summary};
use crate::engine::outgoing::Turn;
use crate::engine::{Engine, Phase, Purpose};
use crate::resource::Trouble;
use crate::time::instant::Instant;
use crate::time::moment::Moment;

impl<C: Connector> Engine<C> {
    /// What is ready to be returned. Records go first: whatever changed with them
    /// is stored with them.
    pub(super) fn step(&mut self, now: Moment) -> Option<Turn> {
        if !self.ready.is_empty() {
            return Some(Turn::Step(Step::Batches(std::mem::take(&mut self.ready))));
        }
        if self.phase == Phase::Idle {
            return Some(Turn::Step(Step::Done));
        }
        if let Some(failure) = self.fatal.take().or_else(|| self.give_up(now.instant)) {
            self.leave_sync();
            return Some(Turn::Failed(failure));
        }
        let step = self.end(now).or_else(|| self.begin(now)).or_else(|| self.follow(now));
        step.or_else(|| self.finish()).map(Turn::Step)
    }

    /// Begins a run as soon as the source's time is known: so no run begins with
    /// credentials that are refused.
    fn begin(&mut self, now: Moment) -> Option<Step> {
        if !self.source.has_time() {
            if self.connector.authentication().token_request().is_some() {
                return None;
            }
            self.source.assume(now);
        }
        let date = self.source.time(now);
        let wanted = self.members.iter_mut().filter(|member| member.is_waiting());
        let member = wanted.min_by_key(|member| member.served)?;
        let began = member.begin(&self.connector, &mut self.shared, date)?;
        let resource = member.info.name.clone();
        Some(Step::Began { resource, mode: began.mode, resumed: began.resumed })
    }

    /// Ends a run of which nothing is left to do.
    fn end(&mut self, now: Moment) -> Option<Step> {
        let ending = self.members.iter().enumerate().find_map(|(place, member)| {
            let ending = member.is_ending(&self.connector, &self.shared, now.instant)?;
            Some((place, ending))
        });
        let (place, ending) = ending?;
        self.abandon(place);
        let time = self.source.time(now);
        let member = self.members.get_mut(place)?;
        member.end(&self.connector, &mut self.shared, &ending, time);
        Some(Step::Ended { resource: member.info.name.clone(), ending })
    }

    /// Runs once more what another resource left work for, when no other can leave
    /// more.
    fn follow(&mut self, now: Moment) -> Option<Step> {
        if !self.members.iter().all(|member| member.is_over()) {
            return None;
        }
        let date = self.source.time(now);
        self.members.iter_mut().find_map(|member| {
            let began = member.follow(&self.connector, &mut self.shared, date)?;
            let resource = member.info.name.clone();
            Some(Step::Began { resource, mode: began.mode, resumed: began.resumed })
        })
    }

    fn finish(&mut self) -> Option<Step> {
        let over = self.members.iter().all(|member| member.is_over());
        over.then(|| {
            self.leave_sync();
            Step::Done
        })
    }

    /// What to do when nothing is ready.
    pub(super) fn rest(&mut self, now: Moment) -> Turn {
        let Phase::Syncing { until } = self.phase else { return Turn::Step(Step::Done) };
        let due = self.earliest(now.instant);
        if self.is_awaiting() {
            if until.is_some_and(|until| until <= now.instant) {
                return Turn::Step(Step::wait(0));
            }
            let due = due.filter(|due| *due > now.instant);
            return Turn::Await(due.into_iter().chain(until).min());
        }
        // Without anything due there is nothing in flight and nothing to send, and
        // no resource has ended: a second later that is decided again.
        let pause = due.map_or(1000, |due| due.since(now.instant).max(1));
        let milliseconds = u32::try_from(pause).unwrap_or(u32::MAX);
        Turn::Step(Step::Wait { milliseconds, cause: self.cause(now.instant, pause) })
    }

    /// The failure after which everything pauses, if it is one.
    fn cause(&self, now: Instant, pause: u64) -> Option<Failure> {
        let failure = |trouble: &Trouble, title: &str| Failure {
            status: trouble.status,
            retry_after: Some(pause),
            ..Failure::new(trouble.kind, format!("For {title}, {}.", trouble.what))
        };
        if let Some(trouble) = self.access.lane.pausing(now) {
            return Some(failure(trouble, "the access token"));
        }
        self.members.iter().filter(|member| member.is_running()).find_map(|member| {
            let pausing = member.lanes.iter().filter_map(|(_, lane)| lane.pausing(now));
            let trouble = foremost(pausing)?;
            Some(failure(trouble, member.info.title()).of(&member.info.name))
        })
    }

    fn is_awaiting(&self) -> bool {
        self.in_flight.iter().any(|(_, sent)| sent.purpose != Purpose::Nothing)
    }

    /// Ends the call when no access token can be had, once everything that was
    /// sent with an older one is answered.
    fn give_up(&mut self, now: Instant) -> Option<Failure> {
        let trouble = self.access.lane.exhausted().cloned()?;
        if self.is_awaiting() {
            return None;
        }
        let pause = self.access.lane.not_before.since(now).max(1000);
        let message = summary("the access token", &trouble, pause);
        let failure = Failure::new(trouble.kind, message);
        Some(Failure { status: trouble.status, retry_after: Some(pause), ..failure })
    }
}
