//! Calls before `configure`, and in any order.

use fastrand::Rng;

use super::findings::Findings;
use super::mutation;
use super::rule::Rule;
use super::subject::{Opened, Source, Subject, everything};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{About, Condition, Mode, Request, Want};
use rawdash_host::error::HostError;

/// The number of instances that are called in random order, and of calls of each.
const INSTANCES: u64 = 8;
const CALLS: usize = 60;

/// Tests what needs no configuration.
pub(super) async fn check_unconfigured(
    subject: &Subject<'_>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let mut opened = subject.open(Source::Nowhere, clock).await?;
    findings.try_rule(Rule::NotConfigured);
    let kinds = [
        ("sync", opened.instance.sync(&everything()).await?.err()),
        ("checkpoint", opened.instance.checkpoint().await?.err()),
    ];
    for (call, failure) in kinds {
        let kind = failure.map_or_else(|| "no failure".to_owned(), |failure| failure.kind);
        if kind != "not-configured" {
            findings.wrong(Rule::NotConfigured, format!("`{call}` returns {kind}"));
        }
    }
    let checked = opened.instance.check().await?;
    let names = checked.iter().map(|(name, _)| name);
    if !names.eq(subject.about.resources.iter().map(|resource| &resource.name)) {
        let what = "`check` does not return one entry for each resource, in the manifest's order";
        findings.wrong(Rule::NotConfigured, what);
    }
    for (name, result) in &checked {
        if result.as_ref().err().is_none_or(|failure| failure.kind != "not-configured") {
            findings.wrong(Rule::NotConfigured, format!("`check` returns another for {name}"));
        }
    }
    check_description(subject.about, &mut opened, findings).await
}

async fn check_description(
    about: &About,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Result<(), HostError> {
    // Requests of the calls before do not count here.
    let _ = opened.was_silent();
    findings.try_rule(Rule::Description);
    for _ in 0..2 {
        if opened.instance.describe().await? != *about {
            findings.wrong(Rule::Description, "`describe` returns something else a second time");
        }
    }
    if !opened.was_silent() {
        findings.wrong(Rule::Description, "`describe` sends a request");
    }
    Ok(())
}

/// Calls in an order that a seed determines. A finding is a call that did not return,
/// with the calls before it.
pub(super) async fn check_any_order(
    subject: &Subject<'_>,
    source: Source<'_>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<(), HostError> {
    findings.try_rule(Rule::Returns);
    for seed in 0..INSTANCES {
        let mut opened = subject.open(source, clock).await?;
        let mut random = Rng::with_seed(seed);
        let mut called = Vec::new();
        for _ in 0..CALLS {
            let call = Call::choose(&mut random);
            called.push(call.name());
            match call.make(subject, &mut opened, &mut random).await {
                Ok(()) => {}
                Err(error @ HostError::Machine(_)) => return Err(error),
                Err(error) => {
                    let last: Vec<&str> = called.iter().rev().take(5).rev().copied().collect();
                    let what = format!("{error} (the last calls: {})", last.join(", "));
                    findings.wrong(Rule::Returns, what);
                    break;
                }
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Call {
    Describe,
    Configure,
    Sync,
    Checkpoint,
    Check,
}

impl Call {
    fn choose(random: &mut Rng) -> Call {
        match random.u8(0..10) {
            0 => Call::Describe,
            1 => Call::Check,
            2 | 3 => Call::Checkpoint,
            4 | 5 => Call::Configure,
            _ => Call::Sync,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Call::Describe => "describe",
            Call::Configure => "configure",
            Call::Sync => "sync",
            Call::Checkpoint => "checkpoint",
            Call::Check => "check",
        }
    }

    async fn make(
        self,
        subject: &Subject<'_>,
        opened: &mut Opened,
        random: &mut Rng,
    ) -> Result<(), HostError> {
        match self {
            Call::Describe => opened.instance.describe().await.map(|_| ()),
            Call::Sync => {
                let request = odd_request(subject.about, random);
                opened.instance.sync(&request).await.map(|_| ())
            }
            Call::Checkpoint => opened.instance.checkpoint().await.map(|_| ()),
            Call::Check => opened.instance.check().await.map(|_| ()),
            Call::Configure => {
                let right = random.bool();
                let malformed = mutation::malformed();
                let text = match random.choice(&malformed) {
                    Some(text) if !right => text,
                    _ => &subject.settings.configuration,
                };
                let checkpoint = ["", "{}", "0", "\u{0}", "altered"];
                let checkpoint = random.choice(checkpoint).filter(|_| random.u8(0..4) == 0);
                let secrets = &subject.settings.secrets;
                opened.instance.configure(text, secrets, checkpoint).await.map(|_| ())
            }
        }
    }
}

fn odd_request(about: &About, random: &mut Rng) -> Request {
    let sinces = [None, Some(0), Some(-1), Some(i64::MIN), Some(i64::MAX), Some(1 << 53)];
    let mut names: Vec<String> =
        about.resources.iter().map(|resource| resource.name.clone()).collect();
    names.extend(["".to_owned(), "no such resource".to_owned()]);
    let count = random.usize(0..3);
    let want = |random: &mut Rng| Want {
        resource: random.choice(&names).cloned().unwrap_or_default(),
        mode: random.choice([Mode::Auto, Mode::Full, Mode::Latest]).unwrap_or(Mode::Auto),
        since: random.choice(sinces).flatten(),
        conditions: (0..random.usize(0..2)).map(|_| odd_condition()).collect(),
    };
    let wants = (0..count).map(|_| want(random)).collect();
    Request { wants, patience: random.choice([None, Some(0), Some(1000)]).flatten() }
}

fn odd_condition() -> Condition {
    let values = vec![String::new(), "\u{0}".to_owned()];
    Condition { field: "no such field".to_owned(), op: "no such op".to_owned(), values }
}
