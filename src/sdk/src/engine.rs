//! The engine: what any connector needs, and nothing of a source.
//!
//! - `member`: a resource, its run, and where it stands in the sync;
//! - `sending`: which request goes next; `pacing` spaces them, `lane_state` holds
//!   their attempts;
//! - `reception`: what a reply leads to;
//! - `steps`: what a call returns;
//! - `checkpoint` and `envelope`: the state as text.

mod access;
mod checkpoint;
mod envelope;
mod failures;
mod lane_state;
mod member;
mod pacing;
mod reception;
mod sending;
mod small_map;
mod source;
mod steps;

pub mod check;
pub mod outgoing;

#[cfg(test)]
mod tests;

use crate::config::{Secret, Secrets};
use crate::connector::Connector;
use crate::contract::batch::Batch;
use crate::contract::configuration::{ConfigureError, Configured};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::manifest::About;
use crate::contract::request::{SyncRequest, Want};
use crate::contract::step::Step;
use crate::http::request::{Group, Request};
use crate::resource::Lane;
use crate::time::instant::Instant;
use crate::time::moment::Moment;
use access::Access;
use check::Check;
use checkpoint::{Checkpoint, SavedResource};
use member::Member;
use outgoing::{Outgoing, Turn};
use pacing::Pacing;
use small_map::SmallMap;
use source::Source;

/// The manifest of a connector.
pub fn describe<C: Connector>() -> About {
    let resources = C::resources().iter().map(|resource| resource.info()).collect();
    About { identity: C::identity(), resources }
}

/// One configured instance of a connector.
///
/// A call of `sync` is [`Engine::enter`] and then [`Engine::turn`], again and
/// again, until a turn says what the call returns. Before each turn, every reply
/// that has arrived is handed to [`Engine::receive`], and then a secret that the
/// source replaced is stored by [`Engine::keep_rotated`]. Requests stay in flight
/// between calls.
///
/// The state changes only with a reply or a step, and all records that replies
/// led to are one step: so the checkpoint is always where the steps returned so
/// far end.
pub struct Engine<C: Connector> {
    connector: C,
    shared: C::Shared,
    members: Vec<Member<C>>,
    /// Resources of the checkpoint that the configuration does not allow.
    unread: Vec<SavedResource>,
    source: Source,
    access: Access,
    pacing: Pacing<Group>,
    in_flight: SmallMap<u64, InFlight>,
    tickets: u64,
    phase: Phase,
    ready: Vec<Batch>,
    fatal: Option<Failure>,
    /// A secret that the source replaced, until the host has stored it.
    rotated: Option<Secret>,
}

/// Whether a sync is under way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The next call begins one.
    Idle,
    /// The call under way returns at this instant, if it was given a patience.
    Syncing { until: Option<Instant> },
}

/// A request in flight.
struct InFlight {
    purpose: Purpose,
    request: Request,
    /// The number of the access token that it was sent with.
    token: u32,
}

/// What a request in flight is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Purpose {
    /// An access token.
    Token,
    /// A lane of the member at this place.
    Lane(usize, Lane),
    /// Nothing any more: its run has ended.
    Nothing,
}

impl<C: Connector> Engine<C> {
    /// Configures an instance, which carries on from the checkpoint stored last.
    pub fn configure(
        configuration: &str,
        secrets: Secrets<'_>,
        checkpoint: Option<&str>,
    ) -> Result<(Engine<C>, Configured), ConfigureError> {
        let connector =
            C::configure(configuration, secrets).map_err(ConfigureError::Configuration)?;
        let members = connector.configured().into_iter();
        let mut engine = Engine {
            shared: C::Shared::default(),
            members: members.map(|listed| Member::new(listed.into_inner())).collect(),
            unread: Vec::new(),
            source: Source::default(),
            access: Access::default(),
            pacing: Pacing::new((0..C::groups().max(1)).collect(), connector.rate_limit_share()),
            in_flight: SmallMap::default(),
            tickets: 0,
            phase: Phase::Idle,
            ready: Vec::new(),
            fatal: None,
            rotated: None,
            connector,
        };
        if let Some(text) = checkpoint {
            engine.restore(text).map_err(ConfigureError::Checkpoint)?;
        }
        let configured = Configured {
            resources: engine.members.iter().map(|member| member.info.clone()).collect(),
            origins: engine.connector.origins(),
        };
        Ok((engine, configured))
    }

    fn restore(&mut self, text: &str) -> Result<(), String> {
        let stored = Checkpoint::read(text, &self.connector.source())?;
        let shared = postcard::take_from_bytes(&stored.shared);
        self.shared = match shared {
            Ok((shared, [])) => shared,
            _ => return Err(checkpoint::unreadable()),
        };
        self.source.worked = stored.worked;
        for saved in stored.resources {
            self.tickets = self.tickets.max(saved.answered);
            let member = self.members.iter_mut().find(|member| member.info.name == saved.name);
            match member {
                None => self.unread.push(saved),
                Some(member) => {
                    if !saved.restore(member) {
                        return Err(checkpoint::unreadable());
                    }
                }
            }
        }
        Ok(())
    }

    /// Where the steps returned so far end, as text.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        let members = self.members.iter().map(SavedResource::of);
        let state = Checkpoint {
            shared: postcard::to_allocvec(&self.shared).unwrap_or_default(),
            worked: self.source.worked,
            resources: members.chain(self.unread.iter().cloned()).collect(),
        };
        state.write(&self.connector.source())
    }

    /// Begins a call of `sync`. After `done` or a failure it begins a new sync;
    /// else a changed request is honoured for what has not begun.
    pub fn enter(&mut self, request: &SyncRequest, now: Moment) -> Result<(), Failure> {
        if let Some(failure) = self.refusal(request) {
            self.leave_sync();
            return Err(failure);
        }
        for member in &mut self.members {
            let name = &member.info.name;
            let mut wants = request.wants.iter();
            let want = match request.wants.is_empty() {
                true => Some(Want::auto(name)),
                false => wants.find(|want| want.resource == *name).cloned(),
            };
            member.want(want);
        }
        let until = request.patience.map(|patience| now.instant.later_by(patience.into()));
        self.phase = Phase::Syncing { until };
        Ok(())
    }

    /// Why a request cannot be understood, if it cannot.
    fn refusal(&self, request: &SyncRequest) -> Option<Failure> {
        for (at, want) in request.wants.iter().enumerate() {
            let name = &want.resource;
            let message = if !self.members.iter().any(|member| member.info.name == *name) {
                format!(
                    "The configuration does not include {name}: add it to `resources`, or do not request it."
                )
            } else if request.wants.iter().take(at).any(|earlier| earlier.resource == *name) {
                format!("{name} is requested twice: request each resource once.")
            } else {
                continue;
            };
            return Some(Failure::new(FailureKind::Request, message).of(name));
        }
        None
    }

    /// What to send, and what to do next. Requests go out before the step is
    /// returned, so that they travel while the host stores.
    pub fn turn(&mut self, now: Moment) -> (Vec<Outgoing>, Turn) {
        let mut outgoing = self.send(now);
        let turn = match self.step(now) {
            Some(turn) => turn,
            None => self.rest(now),
        };
        if matches!(turn, Turn::Step(Step::Began { .. })) {
            outgoing.extend(self.send(now));
        }
        (outgoing, turn)
    }

    /// Hands a secret that the source replaced to `keep`, which stores it durably.
    /// Nothing is sent until it is stored: another request might replace it again.
    /// Where it cannot be stored, the sync ends after the records that are ready,
    /// and each later call begins with it.
    pub fn keep_rotated(&mut self, keep: impl FnOnce(&Secret) -> Result<(), Failure>) {
        match self.rotated.as_ref().map(keep) {
            Some(Ok(())) => self.rotated = None,
            Some(Err(failure)) if self.ready.is_empty() => self.fatal = Some(failure),
            Some(Err(_)) | None => {}
        }
    }

    /// A check of the credentials, apart from any sync. It has a token of its own.
    pub fn check(&mut self, now: Moment) -> Check<'_, C> {
        let worked = self.source.worked;
        let resources =
            self.members.iter().map(|member| (member.info.clone(), &*member.resource)).collect();
        Check::new(&mut self.connector, &mut self.rotated, resources, worked, now)
    }

    /// Ends the sync, as every error does: what is in flight is requested again by
    /// the next one.
    pub fn leave_sync(&mut self) {
        self.phase = Phase::Idle;
        self.members.iter_mut().for_each(Member::leave_sync);
        for (_, sent) in self.in_flight.iter_mut() {
            // The next sync takes the token, whichever one requested it.
            if sent.purpose != Purpose::Token {
                sent.purpose = Purpose::Nothing;
            }
        }
        self.access.begin_anew();
    }

    /// Awaits no more answers to what a member requested.
    fn abandon(&mut self, place: usize) {
        for (_, sent) in self.in_flight.iter_mut() {
            if matches!(sent.purpose, Purpose::Lane(of, _) if of == place) {
                sent.purpose = Purpose::Nothing;
            }
        }
    }
}
