//! A connector that keeps every rule of the contract but the one that is
//! written into it: `FAULT` is 40 bytes that a test replaces in the finished
//! component, so that all faults are one build.
#![cfg(target_family = "wasm")]

mod batches;
mod manifest;
mod plan;
mod source;

use bare_contract::contract::*;
use bare_contract::{checkpoint, configuration::Members, http::Exchange, slot::Slot};
use plan::{Kept, Plan};
use source::{Labels, Page, Thing};

struct OneFault;
bare_contract::export!(OneFault);

/// The fault's name, padded with blanks.
static FAULT: &str = "fault=none                              ";

/// Whether this is the fault.
pub(crate) fn fault(name: &str) -> bool {
    // Looked up at run time: a compiler that knew it would leave it out.
    std::hint::black_box(FAULT).trim_end().strip_prefix("fault=") == Some(name)
}

/// Thing, what happened to it, how many there are, whose it is: four resources
/// that are read page by page together. Labels have an endpoint of their own.
pub(crate) const NAMES: [&str; 5] = ["thing", "thing_event", "thing_count", "thing_owner", LABEL];
pub(crate) const LABEL: &str = "thing_label";

struct State {
    host: String,
    key: String,
    kept: Kept,
    plan: Option<Plan>,
    exchange: Option<Exchange>,
}

static STATE: Slot<State> = Slot::empty();

impl Connector for OneFault {
    fn configure(
        text: String,
        secrets: Vec<Secret>,
        stored: Option<String>,
    ) -> Result<Configured, ConfigureError> {
        if fault("configure-sends") {
            let _ = source::page("things.example", "", 0);
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
        accept(members)?;
        let state = |kept| {
            let (host, key) = (host.clone(), key.clone());
            State { host, key, kept, plan: None, exchange: None }
        };
        if fault("configure-replaces") {
            STATE.set(state(Kept::default()));
        }
        let kept = match stored {
            None => Kept::default(),
            Some(text) if fault("takes-altered") => {
                checkpoint::read(&text, 1, &host).unwrap_or_default()
            }
            Some(text) if fault("takes-foreign") => checkpoint::read(&text, 1, "everywhere")?,
            Some(text) => checkpoint::read(&text, 1, &host)?,
        };
        STATE.set(state(kept.after_a_resume()));
        Ok(configured(&host))
    }

    fn sync(request: Request) -> Result<Step, Failure> {
        if fault("traps-at-once") {
            std::process::abort();
        }
        if fault("syncs-unconfigured") && STATE.with(|_| Ok(())).is_err() {
            return Ok(Step::Done);
        }
        STATE.with(|state| state.step(&request))
    }

    fn checkpoint() -> Result<String, Failure> {
        STATE.with(|state| {
            let source = if fault("takes-foreign") { "everywhere" } else { &state.host };
            Ok(match () {
                () if fault("secret-in-checkpoint") => {
                    checkpoint::write(1, source, &(&state.kept, &state.key))
                }
                () if fault("host-in-checkpoint") => {
                    let mut kept = state.kept.clone();
                    kept.note.clone_from(&state.host);
                    checkpoint::write(1, source, &kept)
                }
                () if fault("large-checkpoint") => {
                    checkpoint::write(1, source, &(&state.kept, "x".repeat(1 << 20)))
                }
                () => checkpoint::write(1, source, &state.kept),
            })
        })
    }
}

fn accept(members: Members<'_>) -> Result<(), ConfigureError> {
    if fault("refuses-all") {
        let (path, message) = (String::new(), "nothing is good enough".to_owned());
        return Err(ConfigureError::Configuration(vec![Issue { path, message }]));
    }
    match members.end() {
        Err(_) if fault("takes-anything") => Ok(()),
        Err(ConfigureError::Configuration(mut issues)) if fault("one-issue") => {
            issues.truncate(1);
            Err(ConfigureError::Configuration(issues))
        }
        ended => ended,
    }
}

fn configured(host: &str) -> Configured {
    let mut configured = Configured::all(manifest::about(), host);
    if fault("configured-more") {
        let more = ResourceInfo::new("more", "more", Shape::Entity, "GET /more", "More.");
        configured.resources.push(more);
    }
    if fault("origin-beyond") {
        configured.origins.push("https://evil.example".to_owned());
    }
    configured
}

impl Check for OneFault {
    fn check() -> Vec<(String, Result<(), Failure>)> {
        let reached = STATE.with(|state| {
            source::page(&state.host, &state.key, 0)?.json::<Page>()?;
            source::labels(&state.host, &state.key)?.json::<Labels>().map(|_| ())
        });
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
    fn step(&mut self, request: &Request) -> Result<Step, Failure> {
        if !fault("any-request") {
            request.only(&NAMES)?;
        }
        if self.plan.is_none() && fault("no-beginning") {
            return Ok(Step::Done);
        }
        let mut plan = match self.plan.take() {
            Some(plan) => plan,
            None => Plan::new(request, &self.kept),
        };
        let step = self.next(&mut plan, request.patience);
        // An error ends the sync, as `done` does: the next call begins another.
        if !matches!(step, Err(_) | Ok(Step::Done)) {
            self.plan = Some(plan);
        }
        step
    }

    fn next(&mut self, plan: &mut Plan, patience: Option<u32>) -> Result<Step, Failure> {
        if let Some(step) = plan.begin(&mut self.kept) {
            return Ok(step);
        }
        if let Some(step) = plan.end(&mut self.kept) {
            if matches!(step, Step::Done)
                && let Some(step) = self.never_done()
            {
                return Ok(step);
            }
            return Ok(step);
        }
        let labels = plan.runs(LABEL);
        let exchange = match self.exchange.take() {
            Some(exchange) => exchange,
            None if labels => source::labels(&self.host, &self.key)?,
            None => source::page(&self.host, &self.key, self.kept.next)?,
        };
        let late = |patience| !exchange.begins_within(patience);
        if patience.filter(|_| !fault("impatient")).is_some_and(late) {
            self.exchange = Some(exchange);
            return Ok(Step::pause(0, None));
        }
        let read = if labels {
            source::read_labels(exchange).map(|labels| self.labels(plan, &labels))
        } else {
            exchange.json().map(|page| self.page(plan, &page))
        };
        read.or_else(|failure| self.failed(plan, labels, failure))
    }

    /// One endpoint's trouble is that of its own resources. What concerns them all
    /// ends the sync.
    fn failed(&self, plan: &mut Plan, labels: bool, failure: Failure) -> Result<Step, Failure> {
        let failure = self.reported(failure);
        match (failure.kind.as_str(), failure.status) {
            ("transient", None) if fault("done-where-nobody-is") => {
                plan.give_up(labels, &failure, |_| Ending::Complete);
                Ok(Step::Batches(Vec::new()))
            }
            ("transient", Some(_)) if !fault("one-for-all") => {
                plan.give_up(labels, &failure, Ending::Postponed);
                Ok(Step::Batches(Vec::new()))
            }
            _ => Err(failure),
        }
    }

    fn reported(&self, mut failure: Failure) -> Failure {
        if failure.kind == "authentication" && fault("refusal-is-upstream") {
            failure.kind = "upstream".to_owned();
        }
        if fault("secret-in-failure") {
            failure.message = format!("{} with the key {}", failure.message, self.key);
        }
        failure
    }

    fn labels(&mut self, plan: &mut Plan, labels: &Labels) -> Step {
        plan.labels_read();
        Step::Batches(vec![batches::of_labels(labels, &self.kept)])
    }

    fn page(&mut self, plan: &mut Plan, page: &Page) -> Step {
        let last = page.next.is_none();
        self.kept.count(page.things.len());
        let mut batches = batches::of_things(&page.things, last, &self.kept, &self.key, plan);
        batches.retain(|batch| plan.runs(&batch.resource));
        if let Some(next) = page.next {
            self.kept.next = next;
        } else {
            self.kept.read = true;
        }
        Step::Batches(batches)
    }

    /// What faults return in place of `done`.
    fn never_done(&mut self) -> Option<Step> {
        let things: Vec<Thing> = (0..1000).map(Thing::numbered).collect();
        match () {
            () if fault("never-done") => Some(Step::Batches(Vec::new())),
            () if fault("empty-for-ever") => {
                Some(Step::Warned(Notice { resource: None, warnings: Vec::new() }))
            }
            () if fault("batch-after-end") => {
                self.kept.count(things.len());
                let batch = batches::staged(&things, &self.kept);
                Some(Step::Batches(vec![batch]))
            }
            () => None,
        }
    }
}
