//! A host in memory.

use std::collections::BTreeMap;

use data_encoding::BASE64;

use super::{Source, Store};
use crate::config::{Issue, Secret};
use crate::connector::Connector;
use crate::contract::batch::Warning;
use crate::contract::configuration::ConfigureError;
use crate::contract::failure::Failure;
use crate::contract::request::SyncRequest;
use crate::contract::step::{Ending, Step};
use crate::engine::Engine;
use crate::engine::outgoing::{Outgoing, Turn};
use crate::http::reply::{Answer, Head, Reply};
use crate::time::instant::Instant;
use crate::time::moment::Moment;
use crate::time::timestamp::Timestamp;

/// The time at which every script begins: 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600_000;
/// Milliseconds that each request takes.
const LATENCY: u64 = 10;
/// Steps after which a sync is one without end.
const MOST_STEPS: usize = 100_000;

/// A host: it configures a connector, syncs it with a source, stores what it
/// returns, and keeps its checkpoint.
pub struct Host<C: Connector, S> {
    /// The source; a test may change it between two syncs.
    pub source: S,
    /// What is stored.
    pub store: Store,
    /// The path of every request so far.
    pub requested: Vec<String>,
    configuration: String,
    secrets: Vec<(String, String)>,
    engine: Engine<C>,
    checkpoint: Option<String>,
    now: u64,
    under_way: Vec<(u64, Outgoing)>,
}

/// What a sync came to.
#[derive(Debug, Default)]
pub struct Synced {
    /// How the last run of each resource ended.
    pub endings: BTreeMap<String, Ending>,
    /// Every warning.
    pub warnings: Vec<Warning>,
    /// The failure that ended the sync, if one did.
    pub failure: Option<Failure>,
    /// Milliseconds that it took.
    pub took: u64,
}

impl Synced {
    /// Whether every resource was read to its end, without a warning.
    pub fn is_clean(&self) -> bool {
        self.failure.is_none()
            && self.warnings.is_empty()
            && self.endings.values().all(|ending| *ending == Ending::Complete)
    }
}

impl<C: Connector, S: Source> Host<C, S> {
    /// Configures the connector; fails with the issues of the configuration.
    pub fn new(
        configuration: impl ToString,
        secrets: &[(&str, &str)],
        source: S,
    ) -> Result<Host<C, S>, Vec<Issue>> {
        let configuration = configuration.to_string();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let secrets: Vec<_> = secrets.iter().map(owned).collect();
        let engine =
            configure::<C>(&configuration, &secrets, None).map_err(|error| match error {
                ConfigureError::Configuration(issues) => issues,
                ConfigureError::Checkpoint(message) => vec![Issue { path: String::new(), message }],
            })?;
        Ok(Host {
            source,
            store: Store::default(),
            requested: Vec::new(),
            configuration,
            secrets,
            engine,
            checkpoint: None,
            now: 0,
            under_way: Vec::new(),
        })
    }

    /// The source's time.
    pub fn time(&self) -> Timestamp {
        let passed = i64::try_from(self.now).unwrap_or(i64::MAX);
        Timestamp::from_millis(BEGIN.saturating_add(passed)).unwrap_or(Timestamp::EPOCH)
    }

    /// Lets time pass between two syncs.
    pub fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.saturating_add(milliseconds);
    }

    /// Drops the instance, with all that is under way: the next call goes on with
    /// a new one, from the checkpoint stored last.
    ///
    /// # Panics
    ///
    /// Where the connector refuses its own checkpoint.
    pub fn interrupt(&mut self) {
        let checkpoint = self.checkpoint.as_deref();
        match configure::<C>(&self.configuration, &self.secrets, checkpoint) {
            Ok(engine) => self.engine = engine,
            Err(error) => refuse(&format!("the connector refuses its own checkpoint: {error:?}")),
        }
        self.under_way.clear();
    }

    /// Checks the credentials, resource by resource.
    pub fn check(&mut self) -> Vec<(String, Result<(), Failure>)> {
        let mut now = self.now;
        let mut check = self.engine.check(moment(now));
        let outcomes = loop {
            check.keep_rotated(|secret| keep(&mut self.secrets, secret));
            let Some(outgoing) = check.request() else { break check.outcomes() };
            self.requested.push(outgoing.request.path.clone());
            now = now.saturating_add(LATENCY);
            check.receive(dated(self.source.reply(&outgoing.request), now));
        };
        self.now = now;
        outcomes
    }

    /// Syncs everything, to the end.
    pub fn sync(&mut self) -> Synced {
        self.sync_as(&SyncRequest::default())
    }

    /// Syncs what is requested, to the end.
    ///
    /// # Panics
    ///
    /// Where the connector breaks the contract, or the sync has no end.
    pub fn sync_as(&mut self, request: &SyncRequest) -> Synced {
        let begin = self.now;
        let mut synced = Synced::default();
        for _ in 0..MOST_STEPS {
            let over = match self.call(request) {
                Ok(Step::Done) => true,
                Ok(step) => {
                    self.take(step, &mut synced);
                    false
                }
                Err(failure) => {
                    synced.failure = Some(failure);
                    true
                }
            };
            if over {
                synced.took = self.now.saturating_sub(begin);
                return synced;
            }
        }
        refuse("a sync without end")
    }

    /// One call of `sync`, and the storing of what it returns.
    ///
    /// # Errors
    ///
    /// As `sync` of the contract.
    pub fn call(&mut self, request: &SyncRequest) -> Result<Step, Failure> {
        self.engine.enter(request, moment(self.now))?;
        let step = loop {
            self.deliver();
            let (outgoing, turn) = self.engine.turn(moment(self.now));
            for sent in outgoing {
                self.requested.push(sent.request.path.clone());
                self.under_way.push((self.now.saturating_add(LATENCY), sent));
            }
            match turn {
                Turn::Step(step) => break step,
                Turn::Failed(failure) => return Err(failure),
                Turn::Await(until) => self.wait(until),
            }
        };
        let checkpoint = self.engine.checkpoint()?;
        if checkpoint.len() > 1 << 20 {
            refuse("the checkpoint is longer than 1 MiB");
        }
        if self.secrets.iter().any(|(_, value)| holds(&checkpoint, value)) {
            refuse("the checkpoint holds a secret");
        }
        self.checkpoint = Some(checkpoint);
        match &step {
            Step::Batches(batches) => batches.iter().for_each(|batch| self.store.store(batch)),
            Step::Ended { resource, ending: Ending::Failed(_) } => self.store.drop_staged(resource),
            Step::Wait { milliseconds, .. } => {
                self.now = self.now.saturating_add(u64::from(*milliseconds));
            }
            _ => {}
        }
        Ok(step)
    }

    fn take(&mut self, step: Step, synced: &mut Synced) {
        match step {
            Step::Batches(batches) => {
                synced.warnings.extend(batches.into_iter().flat_map(|batch| batch.warnings));
            }
            Step::Ended { resource, ending } => {
                synced.endings.insert(resource, ending);
            }
            Step::Began { .. } | Step::Wait { .. } | Step::Done => {}
        }
    }

    fn wait(&mut self, until: Option<Instant>) {
        let replies = self.under_way.iter().map(|(at, _)| *at);
        match replies.chain(until.map(Instant::millis)).min() {
            Some(next) => self.now = self.now.max(next),
            None => refuse("the connector waits for nothing"),
        }
    }

    fn deliver(&mut self) {
        let now = self.now;
        let (due, later) =
            std::mem::take(&mut self.under_way).into_iter().partition(|(at, _)| *at <= now);
        self.under_way = later;
        let due: Vec<(u64, Outgoing)> = due;
        for (_, sent) in due {
            let reply = dated(self.source.reply(&sent.request), now);
            self.engine.receive(sent.ticket, reply, moment(now));
            let secrets = &mut self.secrets;
            self.engine.keep_rotated(|secret| keep(secrets, secret));
        }
    }
}

/// Stores a secret in the place of the one with its name.
fn keep(secrets: &mut Vec<(String, String)>, secret: &Secret) -> Result<(), Failure> {
    secrets.retain(|(name, _)| name != secret.name());
    secrets.push((secret.name().to_owned(), secret.reveal().to_owned()));
    Ok(())
}

fn configure<C: Connector>(
    configuration: &str,
    secrets: &[(String, String)],
    checkpoint: Option<&str>,
) -> Result<Engine<C>, ConfigureError> {
    let secret = |name: &str| {
        secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    Engine::configure(configuration, &secret, checkpoint).map(|(engine, _)| engine)
}

fn moment(now: u64) -> Moment {
    let wall = Timestamp::from_millis(BEGIN.saturating_add_unsigned(now));
    Moment { instant: Instant::from_millis(now), wall: wall.unwrap_or(Timestamp::EPOCH) }
}

/// An answer that states no time states the script's.
fn dated(reply: Reply, now: u64) -> Reply {
    let dated = |mut head: Head| {
        head.date = head.date.or(Some(moment(now).wall));
        head
    };
    match reply {
        Reply::Answer(answer) => Reply::Answer(Answer { head: dated(answer.head), ..answer }),
        Reply::TooLarge(head) => Reply::TooLarge(dated(head)),
        Reply::Broken(broken) => Reply::Broken(broken),
    }
}

/// Whether a text holds a secret, as it is or in base64. A short one stands in many
/// texts by chance.
fn holds(text: &str, secret: &str) -> bool {
    const SHORTEST: usize = 6;
    let is_encoded = |skipped: usize| {
        // Groups of three bytes are encoded alone: those that are the secret's only.
        let own = secret.as_bytes().get(skipped..).unwrap_or_default();
        let (own, _) = own.split_at(own.len() / 3 * 3);
        own.len() >= SHORTEST && text.contains(&BASE64.encode(own))
    };
    (secret.len() >= SHORTEST && text.contains(secret)) || (0..3).any(is_encoded)
}

#[allow(clippy::panic, reason = "a test that meets a broken contract fails")]
fn refuse(what: &str) -> ! {
    panic!("{what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands_in_what_is_encoded() {
        for before in ["", "a", "ab", "abc"] {
            let state = BASE64.encode(format!("{before}open sesame, and more").as_bytes());
            assert!(holds(&state, "open sesame"), "{state}");
            assert!(!holds(&state, "shut sesame"), "{state}");
        }
        assert!(holds("{\"state\":\"hunter2\"}", "hunter2") && !holds("xylophone", "x"));
    }
}
