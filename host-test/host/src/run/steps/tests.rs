//! The loop on steps that a script returns: no component, no socket, a clock
//! that is driven.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::FutureExt;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::clock::DrivenClock;
use crate::contract::{Effect, Event, Progress, Records, Shape, Want, Warning};
use crate::storage::{Changed, Committed};

/// Returns a script's steps, each with a checkpoint that is its number.
#[derive(Default)]
struct Script {
    steps: VecDeque<Result<Step, Failure>>,
    returned: usize,
    checkpoint: Option<Result<String, Failure>>,
    /// What was requested in each step: names of resources.
    requested: Vec<Vec<String>>,
    rewound: Vec<Option<String>>,
    refuses_checkpoint: bool,
}

#[async_trait]
impl StepSource for Script {
    async fn step(&mut self, request: &Request) -> Result<Result<Step, Failure>, HostError> {
        self.returned += 1;
        let names = request.wants.iter().map(|want| want.resource.clone());
        self.requested.push(names.collect());
        self.steps.pop_front().ok_or(HostError::Gone)
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        Ok(self.checkpoint.clone().unwrap_or_else(|| Ok(self.returned.to_string())))
    }

    async fn rewind(
        &mut self,
        checkpoint: Option<&str>,
    ) -> Result<Result<(), ConfigureError>, HostError> {
        self.rewound.push(checkpoint.map(str::to_owned));
        if self.refuses_checkpoint {
            return Ok(Err(ConfigureError::Checkpoint("of another version".to_owned())));
        }
        Ok(Ok(()))
    }
}

/// What was stored, in order.
#[derive(Clone, Debug, PartialEq)]
enum Stored {
    Batches(usize, String),
    Ended(String, RunEnd, String),
    Complete(Mode, String),
}

#[derive(Default)]
struct Notes {
    prepared: usize,
    stored: Vec<Stored>,
    /// The checkpoint stored last.
    checkpoint: Option<String>,
    /// Replacements of this resource are refused.
    refused: Option<&'static str>,
}

#[async_trait]
impl Storage for Notes {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(self.checkpoint.clone())
    }

    async fn prepare(&mut self, resources: &[ResourceInfo]) -> Result<(), StorageError> {
        self.prepared = resources.len();
        Ok(())
    }

    async fn commit(
        &mut self,
        batches: &[Batch],
        checkpoint: &str,
    ) -> Result<Committed, StorageError> {
        let refused = batches.iter().find(|batch| Some(&*batch.resource) == self.refused);
        if let Some(batch) = refused {
            let resource = batch.resource.clone();
            return Err(StorageError::EmptyReplacement { resource, stored: 7 });
        }
        self.checkpoint = Some(checkpoint.to_owned());
        self.stored.push(Stored::Batches(batches.len(), checkpoint.to_owned()));
        Ok(Committed { batches: vec![Changed::default(); batches.len()] })
    }

    async fn end_run(
        &mut self,
        resource: &str,
        end: RunEnd,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.checkpoint = Some(checkpoint.to_owned());
        self.stored.push(Stored::Ended(resource.to_owned(), end, checkpoint.to_owned()));
        Ok(())
    }

    async fn complete(
        &mut self,
        mode: Mode,
        _: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.stored.push(Stored::Complete(mode, checkpoint.to_owned()));
        Ok(())
    }
}

/// Notes the waits, and lets their time pass.
struct Waits {
    clock: DrivenClock,
    causes: Vec<Option<String>>,
    warned: Vec<Option<String>>,
    refused: Vec<String>,
    /// Raised in the first wait.
    stop: Option<StopSignal>,
}

impl StepWatcher for Waits {
    fn waiting(&mut self, span: Duration, cause: Option<&Failure>) {
        self.causes.push(cause.map(|cause| cause.kind.clone()));
        match self.stop.take() {
            Some(stop) => stop.raise(),
            None => self.clock.advance(span),
        }
    }

    fn refused(&mut self, run: &Run, error: &StorageError) {
        self.refused.push(format!("{}: {error}", run.resource));
    }

    fn warned(&mut self, notice: &Notice) {
        self.warned.push(notice.resource.clone());
    }
}

struct Outcome {
    end: Result<(), StepsEnd>,
    stored: Vec<Stored>,
    waits: Waits,
    returned: usize,
    requested: Vec<Vec<String>>,
    rewound: Vec<Option<String>>,
}

impl Outcome {
    fn breach(&self) -> &Breach {
        match &self.end {
            Err(StepsEnd::Breach(breach)) => breach,
            end => panic!("{end:?}"),
        }
    }
}

fn everything() -> Request {
    Request { wants: Vec::new(), patience: None }
}

fn only(name: &str) -> Request {
    let want =
        Want { resource: name.to_owned(), mode: Mode::Full, since: None, conditions: Vec::new() };
    Request { wants: vec![want], patience: None }
}

fn failure(kind: &str) -> Failure {
    Failure {
        kind: kind.to_owned(),
        message: String::new(),
        resource: None,
        status: None,
        retry_after: None,
    }
}

fn began(resource: &str, mode: Mode, resumed: bool) -> Step {
    Step::Began(Run { resource: resource.to_owned(), mode, resumed })
}

fn begins(resource: &str) -> Step {
    began(resource, Mode::Latest, false)
}

fn ended(resource: &str, ending: Ending) -> Step {
    Step::Ended(Ended { resource: resource.to_owned(), ending })
}

fn batch(resource: &str) -> Batch {
    let event = Event { id: "e".to_owned(), start: 1, end: None, attributes: "{}".to_owned() };
    Batch {
        resource: resource.to_owned(),
        records: Records::Events(vec![event]),
        effect: Effect::Merge,
        progress: Progress { pages: 1, records: 1, expected: None },
        warnings: Vec::new(),
    }
}

fn wait(milliseconds: u32, cause: Option<Failure>) -> Step {
    Step::Wait(Pause { milliseconds, cause })
}

fn whole(resource: &str) -> [Step; 3] {
    let batches = Step::Batches(vec![batch(resource)]);
    [begins(resource), batches, ended(resource, Ending::Complete)]
}

struct Trial {
    request: Request,
    checkpoint: Option<Result<String, Failure>>,
    limits: StepLimits,
    /// From the beginning.
    budget: Option<Duration>,
    stops_in_wait: bool,
    refused: Option<&'static str>,
    refuses_checkpoint: bool,
}

impl Default for Trial {
    fn default() -> Trial {
        let limits = StepLimits { records: 100, idle_steps: 100 };
        Trial {
            request: everything(),
            checkpoint: None,
            limits,
            budget: None,
            stops_in_wait: false,
            refused: None,
            refuses_checkpoint: false,
        }
    }
}

impl Trial {
    async fn run(self, steps: impl IntoIterator<Item = Result<Step, Failure>>) -> Outcome {
        let driven = DrivenClock::new(datetime!(2026-03-01 12:00 UTC));
        let clock: SharedClock = Arc::new(driven.clone());
        let steps = steps.into_iter().collect();
        let (checkpoint, refuses_checkpoint) = (self.checkpoint, self.refuses_checkpoint);
        let mut script = Script { steps, checkpoint, refuses_checkpoint, ..Script::default() };
        let mut notes = Notes { refused: self.refused, ..Notes::default() };
        let stop = StopSignal::new();
        let raised = self.stops_in_wait.then(|| stop.clone());
        let (causes, warned, refused) = Default::default();
        let mut waits = Waits { clock: driven, causes, warned, refused, stop: raised };
        let resources = ["event", "entity"].map(|name| ResourceInfo::named(name, Shape::Event));
        let plan = StepPlan {
            resources: &resources,
            request: &self.request,
            max_wait: Duration::from_secs(300),
            budget_end: self.budget.map(|budget| clock.monotonic() + budget),
            limits: self.limits,
            clock: &clock,
            stop: &stop,
        };
        let end = take_steps(&plan, &mut script, &mut notes, &mut waits).await;
        assert_eq!(notes.prepared, 2);
        let Script { returned, requested, rewound, .. } = script;
        Outcome { end, stored: notes.stored, waits, returned, requested, rewound }
    }

    async fn steps(self, steps: impl IntoIterator<Item = Step>) -> Outcome {
        self.run(steps.into_iter().map(Ok)).await
    }
}

async fn steps(steps: impl IntoIterator<Item = Step>) -> Outcome {
    Trial::default().steps(steps).await
}

fn stored_end(resource: &str, end: RunEnd, checkpoint: &str) -> Stored {
    Stored::Ended(resource.to_owned(), end, checkpoint.to_owned())
}

#[tokio::test]
async fn every_step_is_stored_with_the_checkpoint_after_it() {
    let all = whole("event").into_iter().chain(whole("entity")).chain([Step::Done]);
    let outcome = steps(all).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    let batches = |count, checkpoint: &str| Stored::Batches(count, checkpoint.to_owned());
    let expected = [
        batches(0, "1"),
        batches(1, "2"),
        stored_end("event", RunEnd::Complete, "3"),
        batches(0, "4"),
        batches(1, "5"),
        stored_end("entity", RunEnd::Complete, "6"),
        Stored::Complete(Mode::Latest, "7".to_owned()),
    ];
    assert_eq!(outcome.stored, expected);
}

#[tokio::test]
async fn one_resource_that_is_postponed_or_fails_keeps_no_other_from_being_stored() {
    for (ending, end) in [
        (Ending::Postponed(failure("transient")), RunEnd::Postponed),
        (Ending::Failed(failure("permission")), RunEnd::Failed),
    ] {
        let first = [begins("event"), begins("entity"), ended("event", ending)];
        let rest =
            [Step::Batches(vec![batch("entity")]), ended("entity", Ending::Complete), Step::Done];
        let outcome = steps(first.into_iter().chain(rest)).await;
        assert!(outcome.end.is_ok(), "{:?}", outcome.end);
        assert_eq!(outcome.stored[2], stored_end("event", end, "3"));
        assert_eq!(outcome.stored[3], Stored::Batches(1, "4".to_owned()));
        // `last_sync_at` would say that everything is there.
        let complete = |stored: &Stored| matches!(stored, Stored::Complete(..));
        assert!(!outcome.stored.iter().any(complete), "{end:?}");
        assert_eq!(outcome.stored.last(), Some(&Stored::Batches(0, "6".to_owned())));
    }
}

#[tokio::test]
async fn a_full_run_of_one_resource_makes_the_sync_a_full_one() {
    let full = [began("event", Mode::Full, false), ended("event", Ending::Complete)];
    let all = full.into_iter().chain(whole("entity")).chain([Step::Done]);
    let outcome = steps(all).await;
    assert_eq!(outcome.stored.last(), Some(&Stored::Complete(Mode::Full, "6".to_owned())));
}

#[tokio::test]
async fn a_resumed_run_is_followed_by_the_requested_one() {
    let trial = || Trial { request: only("event"), ..Trial::default() };
    let resumed = || [began("event", Mode::Full, true), ended("event", Ending::Complete)];
    let early = trial().steps(resumed().into_iter().chain([Step::Done])).await;
    assert_eq!(*early.breach(), Breach::NotFollowed("event".to_owned()));
    let followed = resumed().into_iter().chain(whole("event")).chain([Step::Done]);
    let outcome = trial().steps(followed).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    // What cannot be carried on now is not begun again.
    let postponed = ended("event", Ending::Postponed(failure("transient")));
    let outcome = trial().steps([began("event", Mode::Full, true), postponed, Step::Done]).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
}

#[tokio::test]
async fn a_replacement_by_nothing_that_is_refused_costs_its_resource_and_no_other() {
    let trial = || Trial { refused: Some("event"), ..Trial::default() };
    let refused = Step::Batches(vec![batch("entity"), batch("event")]);
    let before = [begins("event"), begins("entity"), refused];
    let resumed = [
        began("entity", Mode::Latest, true),
        Step::Batches(vec![batch("entity")]),
        ended("entity", Ending::Complete),
    ];
    let after = resumed.into_iter().chain(whole("entity")).chain([Step::Done]);
    let outcome = trial().steps(before.into_iter().chain(after)).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    // From the checkpoint before the step: the next sync reads the end of it again.
    assert_eq!(outcome.rewound, [Some("2".to_owned())]);
    let [refusal] = &outcome.waits.refused[..] else { panic!("{:?}", outcome.waits.refused) };
    assert!(refusal.starts_with("event: ") && refusal.contains("7 are stored"), "{refusal}");
    assert_eq!(outcome.requested[2], [""; 0]);
    assert!(outcome.requested[3..].iter().all(|names| names == &["entity"]));
    // `last_sync_at` would say that everything is there.
    assert_eq!(outcome.stored.last(), Some(&Stored::Batches(0, "10".to_owned())));
    let batches = outcome.stored.iter().filter(|stored| matches!(stored, Stored::Batches(1, _)));
    assert_eq!(batches.count(), 2);
}

#[tokio::test]
async fn nothing_is_requested_any_more_once_the_last_resource_is_refused() {
    let refused = [begins("event"), Step::Batches(vec![batch("event")])];
    let script = || whole("entity").into_iter().chain(refused.clone());
    let trial = || Trial { refused: Some("event"), ..Trial::default() };
    let outcome = trial().steps(script()).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    assert_eq!((outcome.returned, outcome.rewound.len()), (5, 0));
    assert_eq!(outcome.stored.last(), Some(&Stored::Batches(0, "4".to_owned())));
    let refuses_checkpoint = Trial { refuses_checkpoint: true, ..trial() };
    let outcome = refuses_checkpoint.steps(refused).await;
    assert!(matches!(outcome.breach(), Breach::NotResumed(_)), "{:?}", outcome.end);
}

#[tokio::test]
async fn every_breach_ends_the_sync_and_nothing_of_its_step_is_stored() {
    let name = || "event".to_owned();
    let complete = || ended("event", Ending::Complete);
    let mut illegal = batch("event");
    illegal.effect = Effect::ReplaceFrom(Vec::new());
    let table: Vec<(Vec<Step>, Breach)> = vec![
        (vec![begins("other")], Breach::UnknownResource("other".to_owned())),
        (vec![begins("entity")], Breach::NotWanted("entity".to_owned())),
        (vec![begins("event"), begins("event")], Breach::RunWithinRun(name())),
        (vec![began("event", Mode::Auto, false)], Breach::ModeAuto(name())),
        (vec![Step::Batches(vec![batch("event")])], Breach::NotUnderWay(name())),
        (
            vec![begins("event"), Step::Batches(vec![batch("event"), batch("entity")])],
            Breach::NotUnderWay("entity".to_owned()),
        ),
        (vec![complete()], Breach::NotUnderWay(name())),
        (vec![begins("event"), complete(), complete()], Breach::NotUnderWay(name())),
        (
            vec![begins("event"), complete(), Step::Batches(vec![batch("event")])],
            Breach::NotUnderWay(name()),
        ),
        (vec![ended("other", Ending::Complete)], Breach::UnknownResource("other".to_owned())),
        (
            vec![Step::Warned(Notice { resource: Some("x".to_owned()), warnings: Vec::new() })],
            Breach::UnknownResource("x".to_owned()),
        ),
        (vec![Step::Done], Breach::NotEnded(name())),
        (vec![begins("event"), Step::Done], Breach::NotEnded(name())),
        (vec![begins("event"), complete(), begins("event"), Step::Done], Breach::NotEnded(name())),
    ];
    for (script, breach) in table {
        let last = script.len();
        let trial = Trial { request: only("event"), ..Trial::default() };
        let outcome = trial.steps(script).await;
        assert_eq!(*outcome.breach(), breach);
        assert_eq!((outcome.stored.len(), outcome.returned), (last - 1, last), "{breach:?}");
    }
    let outcome = steps([begins("event"), Step::Batches(vec![batch("event"), illegal])]).await;
    assert!(matches!(outcome.breach(), Breach::Batch(_)), "{:?}", outcome.end);
    assert_eq!(outcome.stored.len(), 1);
}

#[tokio::test]
async fn a_step_without_a_checkpoint_that_can_be_kept_is_not_stored() {
    let size = MAX_CHECKPOINT;
    for (checkpoint, breach) in [
        (Err(failure("not-configured")), Some(Breach::NoCheckpoint(failure("not-configured")))),
        (Ok("x".repeat(size + 1)), Some(Breach::CheckpointSize(size + 1))),
        (Ok("x".repeat(size)), None),
    ] {
        let trial = Trial { checkpoint: Some(checkpoint), ..Trial::default() };
        let outcome = trial.steps([begins("event")]).await;
        match breach {
            Some(breach) => {
                assert_eq!(*outcome.breach(), breach);
                assert!(outcome.stored.is_empty());
            }
            None => assert_eq!(outcome.stored.len(), 1),
        }
    }
}

#[tokio::test]
async fn warnings_without_a_batch_are_passed_on_whether_or_not_a_run_is_under_way() {
    let notice = |resource: Option<&str>| {
        let warning = Warning { code: "c".to_owned(), message: "m".to_owned(), count: 1 };
        let resource = resource.map(str::to_owned);
        Step::Warned(Notice { resource, warnings: vec![warning] })
    };
    let all = [notice(None), notice(Some("entity"))].into_iter().chain(whole("event"));
    let outcome = steps(all).await;
    assert_eq!(outcome.waits.warned, [None, Some("entity".to_owned())]);
}

#[tokio::test]
async fn a_wait_is_waited_with_its_cause_and_a_longer_one_than_allowed_says_it() {
    let cause = || Some(failure("transient"));
    let outcome = steps([wait(300_000, cause()), wait(300_001, cause())]).await;
    assert_eq!(outcome.waits.causes, [Some("transient".to_owned())]);
    match outcome.end {
        Err(StepsEnd::TooLongAWait { span, cause: Some(cause) }) => {
            assert_eq!((span.as_millis(), cause.kind.as_str()), (300_001, "transient"));
        }
        end => panic!("{end:?}"),
    }
    // The checkpoint after it is stored: the next sync begins there.
    assert_eq!(outcome.stored.last(), Some(&Stored::Batches(0, "2".to_owned())));
}

#[tokio::test]
async fn a_stop_signal_ends_a_wait_and_the_sync_between_two_steps() {
    let trial = Trial { stops_in_wait: true, ..Trial::default() };
    let outcome = trial.steps([wait(100_000, None), begins("event")]).now_or_never();
    let outcome = outcome.expect("the wait goes on after the signal");
    assert!(matches!(outcome.end, Err(StepsEnd::Stopped)), "{:?}", outcome.end);
    assert_eq!(outcome.returned, 1);
}

fn with_budget(milliseconds: u64) -> Trial {
    Trial { budget: Some(Duration::from_millis(milliseconds)), ..Trial::default() }
}

#[tokio::test]
async fn a_budget_that_is_spent_ends_the_sync_only_after_something_was_stored() {
    let outcome = with_budget(0).steps(whole("event").into_iter().chain(whole("entity"))).await;
    assert!(matches!(outcome.end, Err(StepsEnd::BudgetSpent { wait: None })), "{:?}", outcome.end);
    let stored = ["1", "2"].map(str::to_owned);
    let [first, second] = stored;
    assert_eq!(outcome.stored, [Stored::Batches(0, first), Stored::Batches(1, second)]);
}

#[tokio::test]
async fn a_wait_that_outlasts_the_budget_is_left_to_whoever_syncs_next() {
    let outcome = with_budget(1000).steps([wait(400, None), wait(600, None)]).await;
    match outcome.end {
        Err(StepsEnd::BudgetSpent { wait: Some(wait) }) => assert_eq!(wait.as_millis(), 600),
        end => panic!("{end:?}"),
    }
    assert_eq!(outcome.stored.last(), Some(&Stored::Batches(0, "2".to_owned())));
}

#[tokio::test]
async fn a_resumed_run_is_not_followed_by_another_once_the_budget_is_spent() {
    let resumed = [began("event", Mode::Full, true), ended("event", Ending::Complete)];
    let trial = Trial { request: only("event"), ..with_budget(0) };
    let outcome = trial.steps(resumed.into_iter().chain([begins("event")])).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
    assert_eq!(outcome.returned, 2);
    assert_eq!(outcome.stored.last(), Some(&Stored::Complete(Mode::Full, "2".to_owned())));
}

#[tokio::test]
async fn a_sync_within_its_budget_is_done() {
    let all = whole("event").into_iter().chain(whole("entity")).chain([Step::Done]);
    let outcome = with_budget(1).steps(all).await;
    assert!(outcome.end.is_ok(), "{:?}", outcome.end);
}

#[tokio::test]
async fn a_failure_of_all_resources_ends_the_sync_and_keeps_what_was_stored() {
    let script = [Ok(begins("event")), Err(failure("authentication")), Ok(begins("entity"))];
    let outcome = Trial::default().run(script).await;
    assert!(matches!(outcome.end, Err(StepsEnd::Failed(_))), "{:?}", outcome.end);
    assert_eq!((outcome.stored.len(), outcome.returned), (1, 2));
}

#[tokio::test]
async fn a_sync_that_would_never_end_meets_a_limit_whatever_it_returns() {
    let idle: [fn() -> Step; 3] = [
        || Step::Batches(Vec::new()),
        || wait(0, None),
        || Step::Warned(Notice { resource: None, warnings: Vec::new() }),
    ];
    for step in idle {
        let outcome = steps(std::iter::repeat_with(step).take(1000)).await;
        assert!(matches!(outcome.end, Err(StepsEnd::Broke(HostError::Limit(_)))));
        assert_eq!(outcome.returned, 101);
    }
    let batches = || Step::Batches(vec![batch("event")]);
    let many = std::iter::repeat_with(batches).take(1000);
    let outcome = steps([begins("event")].into_iter().chain(many)).await;
    assert!(matches!(outcome.end, Err(StepsEnd::Broke(HostError::Limit(_)))));
    assert_eq!(outcome.stored.len(), 101, "the limit of records");
}
