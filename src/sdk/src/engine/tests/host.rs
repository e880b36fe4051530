//! A host in memory: it drives an engine, stores what it returns, and carries on
//! from the stored checkpoint.

use std::collections::{BTreeMap, BTreeSet};

use super::shop::{Shop, Stock};
use crate::config::Secret;
use crate::contract::batch::Effect;
use crate::contract::failure::Failure;
use crate::contract::records::Records;
use crate::contract::request::{SyncRequest, Want};
use crate::contract::step::{Ending, Step};
use crate::engine::Engine;
use crate::engine::outgoing::{Outgoing, Turn};
use crate::http::reply::{Answer, Broken, Head, Reply};
use crate::http::request::Request;
use crate::time::instant::Instant;
use crate::time::moment::Moment;
use crate::time::timestamp::Timestamp;

/// What goes wrong with a request, if anything.
pub(super) type Fault = Box<dyn FnMut(&Request) -> Option<Reply>>;

/// What stores a secret.
pub(super) type Keep = Box<dyn FnMut(&Secret) -> Result<(), Failure>>;

/// Stored records of one resource: their ids.
pub(super) type Ids = BTreeSet<String>;

pub(super) struct Host {
    pub(super) engine: Engine<Shop>,
    pub(super) stock: Stock,
    pub(super) request: SyncRequest,
    pub(super) fault: Fault,
    /// The path of every request that was sent.
    pub(super) sent: Vec<String>,
    /// Stores a secret that the source replaced.
    pub(super) keep: Keep,
    pub(super) now: u64,
    /// Milliseconds until a request is answered.
    pub(super) latency: u64,
    waiting: Vec<(u64, Outgoing)>,
    first: Option<&'static str>,
    pub(super) stored: BTreeMap<String, Ids>,
    staged: BTreeMap<String, (u64, Ids)>,
    pub(super) checkpoint: Option<String>,
    pub(super) steps: Vec<Step>,
}

pub(super) fn head(status: u16) -> Head {
    let date = ("date", "Tue, 24 Nov 2026 00:17:54 GMT");
    Head::read(status, [(date.0, date.1.as_bytes())].into_iter())
}

/// An answer of a status.
pub(super) fn status(status: u16) -> Reply {
    Reply::Answer(Answer { head: head(status), ..Answer::default() })
}

/// A connection that breaks.
pub(super) fn broken() -> Reply {
    Reply::Broken(Broken::Connection("the connection broke".to_owned()))
}

/// The same reply to every request whose path begins so.
pub(super) fn always(path: &'static str, reply: fn() -> Reply) -> Fault {
    Box::new(move |request| request.path.starts_with(path).then(reply))
}

fn configured(checkpoint: Option<&str>) -> Engine<Shop> {
    let (engine, _) = Engine::configure("{}", &|_| None, checkpoint).ok().unwrap();
    engine
}

impl Host {
    pub(super) fn new(stock: Stock) -> Host {
        Host {
            engine: configured(None),
            stock,
            request: SyncRequest::default(),
            fault: Box::new(|_| None),
            sent: Vec::new(),
            keep: Box::new(|_| Ok(())),
            now: 1,
            latency: 10,
            waiting: Vec::new(),
            first: None,
            stored: BTreeMap::new(),
            staged: BTreeMap::new(),
            checkpoint: None,
            steps: Vec::new(),
        }
    }

    /// Requests these resources only.
    pub(super) fn wanting(mut self, names: &[&str]) -> Host {
        self.request.wants = names.iter().map(|name| Want::auto(name)).collect();
        self
    }

    pub(super) fn moment(&self) -> Moment {
        let wall = Timestamp::parse("2026-11-24T00:17:54Z").unwrap();
        Moment { instant: Instant::from_millis(self.now), wall }
    }

    /// A new instance, from the checkpoint stored last.
    pub(super) fn resume(&mut self) {
        self.engine = configured(self.checkpoint.as_deref());
        self.waiting.clear();
    }

    /// One call of `sync`, and the storing of what it returns.
    pub(super) fn call(&mut self) -> Result<Step, Failure> {
        let request = self.request.clone();
        self.engine.enter(&request, self.moment())?;
        let step = loop {
            self.deliver();
            self.engine.keep_rotated(&mut self.keep);
            let (outgoing, turn) = self.engine.turn(self.moment());
            for sent in outgoing {
                self.sent.push(sent.request.path.clone());
                let late = self.first.is_some_and(|path| !sent.request.path.starts_with(path));
                let late = if late && sent.request.path != "/token" { 1000 } else { 0 };
                self.waiting.push((self.now + self.latency + late, sent));
            }
            match turn {
                Turn::Step(step) => break step,
                Turn::Failed(failure) => return Err(failure),
                Turn::Await(until) => self.wait(until),
            }
        };
        self.store(&step);
        self.steps.push(step.clone());
        if let Step::Wait { milliseconds: pause, .. } = step {
            self.now += u64::from(pause);
        }
        Ok(step)
    }

    /// Answers to requests of this path arrive at once, all others a second later.
    pub(super) fn waiting_first(&mut self, path: &'static str) {
        self.first = Some(path);
    }

    fn wait(&mut self, until: Option<Instant>) {
        let next = self.waiting.iter().map(|(at, _)| *at).chain(until.map(Instant::millis)).min();
        let next = next.expect("an engine that waits for something");
        self.now = self.now.max(next);
    }

    fn deliver(&mut self) {
        let now = self.now;
        let waiting = std::mem::take(&mut self.waiting);
        let (due, waiting) = waiting.into_iter().partition(|(at, _)| *at <= now);
        self.waiting = waiting;
        for (_, sent) in due {
            let reply = (self.fault)(&sent.request).unwrap_or_else(|| {
                let (status, body) = self.stock.answer(&sent.request.path);
                Reply::Answer(Answer::new(head(status), body.into_bytes()))
            });
            self.engine.receive(sent.ticket, self.dated(reply), self.moment());
        }
    }

    /// The source's clock goes on as the host's.
    fn dated(&self, reply: Reply) -> Reply {
        let date = self.moment().wall.later_by(i64::try_from(self.now).unwrap());
        let dated = |mut head: Head| {
            head.date = head.date.map(|_| date);
            head
        };
        match reply {
            Reply::Answer(answer) => Reply::Answer(Answer { head: dated(answer.head), ..answer }),
            Reply::TooLarge(head) => Reply::TooLarge(dated(head)),
            Reply::Broken(broken) => Reply::Broken(broken),
        }
    }

    fn store(&mut self, step: &Step) {
        self.checkpoint = Some(self.engine.checkpoint().unwrap());
        match step {
            Step::Batches(batches) => {
                for batch in batches {
                    self.store_batch(&batch.resource, &batch.records, &batch.effect);
                }
            }
            Step::Ended { resource, ending: Ending::Failed(_) } => {
                self.staged.remove(resource);
            }
            _ => {}
        }
    }

    fn store_batch(&mut self, resource: &str, records: &Records, effect: &Effect) {
        let stored = self.stored.entry(resource.to_owned()).or_default();
        let staged = self.staged.entry(resource.to_owned()).or_default();
        let mut stage = |generation: u64| {
            assert!(generation >= staged.0, "generations grow");
            if staged.0 != generation {
                *staged = (generation, Ids::new());
            }
            staged.1.extend(ids(records));
            staged.1.clone()
        };
        match effect {
            Effect::Stage(generation) => drop(stage(*generation)),
            Effect::Publish(publication) => {
                *stored = stage(publication.generation);
                staged.1.clear();
            }
            _ => match records {
                Records::Removals(gone) => stored.retain(|id| !gone.contains(id)),
                _ => stored.extend(ids(records)),
            },
        }
    }

    /// Calls until the sync is over; the failure that ended it, if one did.
    pub(super) fn sync(&mut self) -> Option<Failure> {
        for _ in 0..100_000 {
            match self.call() {
                Ok(Step::Done) => return None,
                Ok(_) => {}
                Err(failure) => return Some(failure),
            }
        }
        panic!("a sync without end: {:?}", &self.steps[self.steps.len() - 10..]);
    }

    /// How the last run of a resource ended.
    pub(super) fn ending(&self, name: &str) -> Option<&Ending> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Ended { resource, ending } if resource == name => Some(ending),
            _ => None,
        })
    }

    pub(super) fn stored(&self, name: &str) -> usize {
        self.stored.get(name).map_or(0, BTreeSet::len)
    }

    /// Whether what is stored is what the shop has.
    pub(super) fn is_whole(&self) -> bool {
        let text = |numbers: &mut dyn Iterator<Item = &u32>| numbers.map(u32::to_string).collect();
        let of = |name: &str| self.stored.get(name).cloned().unwrap_or_default();
        let goods: Ids = text(&mut self.stock.goods.iter());
        let feed: Ids = text(&mut self.stock.feed.iter());
        let counts: Ids = text(&mut self.stock.counts.iter());
        (goods, feed, counts) == (of("goods"), of("feed"), of("counts"))
    }
}

fn ids(records: &Records) -> Vec<String> {
    match records {
        Records::Entities(rows) => rows.iter().map(|row| row.id.clone()).collect(),
        Records::Events(rows) => rows.iter().map(|row| row.id.clone()).collect(),
        _ => Vec::new(),
    }
}
