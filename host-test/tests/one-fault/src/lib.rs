//! A connector that keeps every rule of the contract but the one that is
//! written into it: `FAULT` is 40 bytes that a test replaces in the finished
//! component, so that all faults are one build.
#![cfg(target_family = "wasm")]

mod manifest;
mod source;

use connector_kit::contract::*;
use connector_kit::{checkpoint, configuration::Members, http::Exchange, slot::Slot};
use serde::{Deserialize, Serialize};
use source::{Page, Thing};

struct OneFault;
connector_kit::export!(OneFault);

/// The fault's name, filled up with blanks.
static FAULT: &str = "fault=none                              ";

/// Whether this is the fault.
pub(crate) fn fault(name: &str) -> bool {
    // Looked up at run time: a compiler that knew it would leave it out.
    std::hint::black_box(FAULT).trim_end().strip_prefix("fault=") == Some(name)
}

/// Thing, what happened to it, how many there are.
pub(crate) const NAMES: [&str; 3] = ["thing", "thing_event", "thing_count"];

struct State {
    host: String,
    key: String,
    kept: Kept,
    /// Pages and things, from the begin of the run or of the instance.
    counted: (u64, u64),
    exchange: Option<Exchange>,
    began: bool,
}

/// What the checkpoint keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Kept {
    generation: u64,
    /// The page to read next in the run under way.
    next: Option<u64>,
    ended: bool,
    /// Resources that were asked for.
    resources: Vec<String>,
}

static STATE: Slot<State> = Slot::empty();

impl Connector for OneFault {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        stored: Option<String>,
    ) -> Result<(), ConfigureError> {
        if fault("configure-sends") {
            let _ = source::ask("things.example", "", 0);
        }
        if fault("configure-forgets") {
            STATE.clear();
        }
        let mut members = Members::read(&text, &secrets).map_err(|error| match error {
            ConfigureError::Configuration(mut issues) if fault("issue-elsewhere") => {
                issues.iter_mut().for_each(|issue| issue.path = "/elsewhere".to_owned());
                ConfigureError::Configuration(issues)
            }
            error => error,
        })?;
        let (host, key) = (members.text("host"), members.secret("key"));
        if fault("takes-anything") {
            let _ = members.end();
        } else if fault("refuses-all") {
            let message = "nothing is good enough".to_owned();
            return Err(ConfigureError::Configuration(vec![Issue {
                path: String::new(),
                message,
            }]));
        } else {
            members.end().map_err(|error| match error {
                ConfigureError::Configuration(mut issues) if fault("one-issue") => {
                    issues.truncate(1);
                    ConfigureError::Configuration(issues)
                }
                error => error,
            })?;
        }
        if fault("configure-replaces") {
            let (host, key, kept) = (host.clone(), key.clone(), Kept::default());
            let (counted, exchange, began) = ((0, 0), None, false);
            STATE.set(State { host, key, kept, counted, exchange, began });
        }
        let kept = match stored {
            None => Kept::default(),
            Some(text) if fault("takes-altered") => {
                checkpoint::read(&text, 1, &host).unwrap_or_default()
            }
            Some(text) if fault("takes-foreign") => checkpoint::read(&text, 1, "everywhere")?,
            Some(text) => checkpoint::read(&text, 1, &host)?,
        };
        let next = kept.next.map(|page| if fault("forgets") { 1 } else { page });
        let kept = Kept { next, ..kept };
        let (counted, exchange, began) = ((0, 0), None, false);
        STATE.set(State { host, key, kept, counted, exchange, began });
        Ok(())
    }

    fn sync(request: Request) -> Result<Step, Failure> {
        if fault("traps-at-once") {
            std::process::abort();
        }
        if fault("syncs-unconfigured") && STATE.with(|_| Ok(())).is_err() {
            return Ok(Step::Done);
        }
        STATE.with(|state| state.step(request))
    }

    fn checkpoint() -> Result<String, Failure> {
        STATE.with(|state| {
            if fault("secret-in-checkpoint") {
                return Ok(checkpoint::write(1, &state.host, &(&state.kept, &state.key)));
            }
            let source = if fault("takes-foreign") { "everywhere" } else { &state.host };
            Ok(checkpoint::write(1, source, &state.kept))
        })
    }
}

impl Check for OneFault {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        let reached =
            STATE.with(|state| source::ask(&state.host, &state.key, 0)?.json::<Page>().map(|_| ()));
        let mut entries: Vec<_> =
            NAMES.map(|name| (name.to_owned(), reached.clone())).into_iter().collect();
        let configured = !matches!(&reached, Err(failure) if failure.kind == "not-configured");
        if fault("check-leaves-out") && configured {
            entries.pop();
        }
        entries
    }
}

impl State {
    fn step(&mut self, request: Request) -> Result<Step, Failure> {
        if !fault("any-request") {
            request.only(&NAMES)?;
        }
        if !self.began {
            if fault("no-beginning") {
                return Ok(Step::Done);
            }
            return self.begin(request);
        }
        if self.kept.ended && fault("never-done") {
            return Ok(Step::Batches(Vec::new()));
        }
        if self.kept.ended && fault("empty-for-ever") {
            return Ok(Step::Batches(self.batches(&[], false)));
        }
        if self.kept.ended && fault("stage-for-ever") {
            let things: Vec<Thing> = (0..1000).map(Thing::numbered).collect();
            self.counted.1 += 1000;
            return Ok(Step::Batches(self.batches(&things, false)));
        }
        if std::mem::take(&mut self.kept.ended) {
            self.began = false;
            return Ok(Step::Done);
        }
        let page = self.kept.next.unwrap_or(0);
        let exchange = match self.exchange.take() {
            Some(exchange) => exchange,
            None => source::ask(&self.host, &self.key, page)?,
        };
        let answer = exchange.json::<Page>().map_err(|failure| self.told(failure));
        let page = match answer {
            Err(Failure { kind, .. }) if kind == "transient" && fault("done-where-nobody-is") => {
                self.kept.ended = true;
                return Ok(Step::Batches(Vec::new()));
            }
            answer => answer?,
        };
        self.brought(&page)
    }

    fn told(&self, mut failure: Failure) -> Failure {
        if failure.kind == "authentication" && fault("refusal-is-upstream") {
            failure.kind = "upstream".to_owned();
        }
        if fault("secret-in-failure") {
            failure.message = format!("{} with the key {}", failure.message, self.key);
        }
        failure
    }

    fn begin(&mut self, request: Request) -> Result<Step, Failure> {
        self.began = true;
        let resumed = self.kept.next.is_some();
        if !resumed {
            self.kept.generation += u64::from(!fault("generation-stands-still"));
            self.kept.next = Some(0);
            self.kept.ended = false;
            self.kept.resources = request.resources;
        }
        self.counted = (0, 0);
        let page = self.kept.next.unwrap_or(0);
        self.exchange = Some(source::ask(&self.host, &self.key, page)?);
        let mode = if fault("auto-run") { Mode::Auto } else { Mode::Full };
        Ok(Step::Began(Run { mode, resumed, deferred: false }))
    }

    fn brought(&mut self, page: &Page) -> Result<Step, Failure> {
        let last = page.next.is_none();
        self.kept.next = page.next;
        self.kept.ended = last;
        self.counted.0 += 1;
        self.counted.1 += page.things.len() as u64;
        let batches = self.batches(&page.things, last);
        let asked = &self.kept.resources;
        let wanted = |batch: &Batch| asked.is_empty() || asked.contains(&batch.resource);
        Ok(Step::Batches(batches.into_iter().filter(wanted).collect()))
    }

    fn batches(&self, things: &[Thing], last: bool) -> Vec<Batch> {
        let generation = self.kept.generation;
        let (pages, things_so_far) = self.counted;
        let batch = |resource: &str, records, effect, of_each_thing: u64| {
            let so_far = things_so_far * of_each_thing;
            let count = if fault("progress-shrinks") { 100 - so_far } else { so_far };
            Batch {
                resource: resource.to_owned(),
                records,
                effect,
                progress: Progress { pages, records: count, expected: None },
                warnings: Vec::new(),
            }
        };
        let effect = match last {
            true => Effect::ReplaceAll(generation),
            false => Effect::Stage(generation),
        };
        let entities = things.iter().map(|thing| thing.entity(&self.key)).collect();
        let events = things.iter().map(|thing| thing.event(generation)).collect();
        let events_effect = if fault("effect") { Effect::Stage(generation) } else { Effect::Merge };
        let window = Effect::ReplaceWindow(Window::around(things.iter().map(|thing| thing.at)));
        let samples = things.iter().flat_map(Thing::samples).collect();
        vec![
            batch(NAMES[0], Records::Entities(entities), effect, 1),
            batch(NAMES[1], Records::Events(events), events_effect, 1),
            batch(NAMES[2], Records::Samples(samples), window, 2),
        ]
    }
}
