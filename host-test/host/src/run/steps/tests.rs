use std::collections::VecDeque;
use std::sync::Arc;

use futures::FutureExt;
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::clock::DrivenClock;

/// Returns these steps; the checkpoint is how many of them.
struct Script {
    left: VecDeque<Step>,
    returned: usize,
}

#[async_trait]
impl StepSource for Script {
    async fn step(&mut self, _: &Request) -> Result<Result<Step, Failure>, HostError> {
        self.returned += 1;
        Ok(Ok(self.left.pop_front().unwrap()))
    }

    async fn checkpoint(&mut self) -> Result<Result<String, Failure>, HostError> {
        Ok(Ok(self.returned.to_string()))
    }
}

/// The checkpoint stored last.
#[derive(Default)]
struct Stored(Option<String>);

#[async_trait]
impl Storage for Stored {
    async fn checkpoint(&mut self) -> Result<Option<String>, StorageError> {
        Ok(self.0.clone())
    }

    async fn commit(&mut self, _: &[Batch], checkpoint: &str) -> Result<Committed, StorageError> {
        self.0 = Some(checkpoint.to_owned());
        Ok(Committed::default())
    }

    async fn abandon(&mut self, _: &str, checkpoint: &str) -> Result<(), StorageError> {
        self.0 = Some(checkpoint.to_owned());
        Ok(())
    }

    async fn complete(
        &mut self,
        _: Mode,
        _: OffsetDateTime,
        checkpoint: &str,
    ) -> Result<(), StorageError> {
        self.0 = Some(checkpoint.to_owned());
        Ok(())
    }
}

/// Raises the signal at one moment of the loop.
struct Raising {
    stop: StopSignal,
    at: Moment,
}

#[derive(PartialEq)]
enum Moment {
    Wait,
    Step,
    Never,
}

impl StepWatcher for Raising {
    fn called(&mut self) -> u64 {
        if self.at == Moment::Step {
            self.stop.raise();
        }
        0
    }

    fn waiting(&mut self, _: Duration) {
        if self.at == Moment::Wait {
            self.stop.raise();
        }
    }
}

/// How the loop ends that takes the steps, and the checkpoint stored last. Its
/// clock stands still: a wait ends only by the signal.
async fn taken(steps: Vec<Step>, at: Moment) -> (Result<(), StepsEnd>, Option<String>) {
    let about = About {
        id: String::new(),
        name: String::new(),
        version: String::new(),
        description: String::new(),
        origins: Vec::new(),
        configuration_schema: String::new(),
        resources: Vec::new(),
    };
    let clock: SharedClock = Arc::new(DrivenClock::new(datetime!(2026-01-01 0:00 UTC)));
    let stop = StopSignal::new();
    let plan = StepPlan {
        about: &about,
        request: &Request { mode: Mode::Auto, since: None, resources: Vec::new() },
        max_wait: Duration::from_secs(60),
        records: 10,
        idle_steps: 3,
        clock: &clock,
        stop: &stop,
    };
    let mut source = Script { left: steps.into(), returned: 0 };
    let mut storage = Stored::default();
    let mut watcher = Raising { stop: stop.clone(), at };
    let ended = take_steps(&plan, &mut source, &mut storage, &mut watcher).await;
    (ended, storage.0)
}

fn began(mode: Mode) -> Step {
    Step::Began(Run { mode, resumed: false, deferred: false })
}

#[tokio::test]
async fn a_wait_does_not_outlast_the_stop_signal() {
    let steps = vec![began(Mode::Full), Step::Wait(60_000), Step::Done];
    // Polled once: the clock stands still, so a loop that waits on would never end.
    let taken = taken(steps, Moment::Wait).now_or_never();
    let (ended, stored) = taken.expect("the loop waits on");
    assert!(matches!(ended, Err(StepsEnd::Stopped)), "{ended:?}");
    assert_eq!(stored.as_deref(), Some("2"), "the step that asked for the wait");
}

#[tokio::test]
async fn a_step_that_is_under_way_at_the_stop_signal_is_stored() {
    let (ended, stored) = taken(vec![began(Mode::Full), Step::Done], Moment::Step).await;
    assert!(matches!(ended, Err(StepsEnd::Stopped)), "{ended:?}");
    assert_eq!(stored.as_deref(), Some("1"));
}

#[tokio::test]
async fn steps_in_an_order_that_the_contract_does_not_have_are_refused_and_not_stored() {
    for (steps, breach, stored) in [
        (vec![Step::Done], Breach::NotBegun, None),
        (vec![began(Mode::Auto)], Breach::ModeAuto, None),
        (vec![began(Mode::Full), began(Mode::Full)], Breach::RunWithinRun, Some("1")),
    ] {
        let (ended, found) = taken(steps, Moment::Never).await;
        assert!(matches!(ended, Err(StepsEnd::Breach(found)) if found == breach), "{breach:?}");
        assert_eq!(found.as_deref(), stored, "{breach:?}");
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_ends_the_loop_with_its_step_stored() {
    let steps = vec![began(Mode::Full), Step::Wait(60_001)];
    let (ended, stored) = taken(steps, Moment::Never).await;
    assert!(matches!(ended, Err(StepsEnd::TooLongAWait(_))), "{ended:?}");
    assert_eq!(stored.as_deref(), Some("2"));
}

#[tokio::test]
async fn steps_that_return_nothing_for_ever_are_ended() {
    let steps = std::iter::once(began(Mode::Full));
    let steps = steps.chain((0..9).map(|_| Step::Batches(Vec::new()))).collect();
    let (ended, _) = taken(steps, Moment::Never).await;
    let idle = StepsEnd::Broke(HostError::Limit(Limit::IdleSteps(3)));
    assert_eq!(format!("{ended:?}"), format!("{:?}", Err::<(), _>(idle)));
}

#[test]
fn many_syncs_can_share_the_threads_of_a_process() {
    fn spawnable<T: Send + 'static>(_: T) {}
    spawnable(taken(Vec::new(), Moment::Never));
    spawnable(async {
        let sync: Option<crate::run::Sync<'_>> = None;
        if let Some(sync) = sync {
            sync.run(&mut Stored::default(), &mut ()).await;
        }
    });
}
