//! A source that refuses the credentials, and one that cannot be reached.

use std::convert::Infallible;
use std::time::Duration;

use futures::future::{Either, select};
use time::OffsetDateTime;

use super::clock::SkippingClock;
use super::findings::Findings;
use super::mutation;
use super::rule::Rule;
use super::subject::{Opened, Source, Subject, everything};
use rawdash_host::clock::{Clock, DrivenClock, SharedClock};
use rawdash_host::contract::{Ended, Ending, Failure, Mode, Request, Step, Want, record_count};
use rawdash_host::error::HostError;

/// Milliseconds that a call may take, and how much longer it may: rounding and
/// pacing.
const PATIENCE: u32 = 200;
const SLACK: Duration = Duration::from_secs(1);
const PATIENT_CALLS: usize = 30;
/// Real time after which a call is given up that waits for something later.
const STUCK: Duration = Duration::from_secs(20);

/// The most steps before a run must have reported the problem.
const STEPS: usize = 1000;

/// Tests a request for a resource that does not exist, without a source.
pub(super) async fn check_request(
    subject: &Subject<'_>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let Ok(mut opened) = subject.configured(Source::Nowhere, clock, None).await? else {
        return Ok(());
    };
    findings.try_rule(Rule::Request);
    let want = |name: &str| Want {
        resource: name.to_owned(),
        mode: Mode::Auto,
        since: None,
        conditions: Vec::new(),
    };
    let mut tried = vec![("for \"no such resource\"", vec![want("no such resource")])];
    if let Some(resource) = opened.resources.first() {
        tried.push(("for one resource twice", vec![want(&resource.name), want(&resource.name)]));
    }
    for (what, wants) in tried {
        let kind = match opened.instance.sync(&Request { wants, patience: None }).await? {
            Ok(_) => "a step".to_owned(),
            Err(failure) => failure.kind,
        };
        if kind != "request" {
            findings.wrong(Rule::Request, format!("a request {what} returns {kind}"));
        }
    }
    Ok(())
}

/// Tests that no call waits longer for a source that never answers than the request
/// allows. Only waits take time on the clock.
pub(super) async fn check_patience(
    subject: &Subject<'_>,
    url: &str,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let mut settings = subject.settings.clone();
    (settings.limits.call, settings.limits.http.exchange) = (Duration::MAX, Duration::MAX);
    let subject = subject.without_deadlines(&settings);
    let driven = DrivenClock::new(OffsetDateTime::now_utc());
    let clock: SharedClock = std::sync::Arc::new(driven.clone());
    let source = Source::StandIn(url);
    let Ok(mut opened) = subject.configured(source, &clock, None).await? else { return Ok(()) };
    findings.try_rule(Rule::Patience);
    let request = Request { patience: Some(PATIENCE), ..everything() };
    for _ in 0..PATIENT_CALLS {
        let until = driven.monotonic() + Duration::from_millis(u64::from(PATIENCE)) + SLACK;
        let step = {
            let call = std::pin::pin!(opened.instance.sync(&request));
            let time = std::pin::pin!(pass_time(&driven, until));
            match tokio::time::timeout(STUCK, select(call, time)).await {
                Ok(Either::Left((step, _))) => step?,
                Ok(Either::Right((never, _))) => match never {},
                Err(_) => {
                    let what = format!("a call with a patience of {PATIENCE} ms does not return");
                    findings.wrong(Rule::Patience, what);
                    break;
                }
            }
        };
        match step {
            Ok(Step::Wait(pause)) => {
                driven.advance(Duration::from_millis(pause.milliseconds.into()));
            }
            Ok(Step::Done) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Lets the time of each wait pass that ends until then. Later ones are deadlines of
/// requests: the component may not have begun to wait yet.
async fn pass_time(clock: &DrivenClock, until: Duration) -> Infallible {
    loop {
        match clock.next_wait().filter(|next| *next <= until) {
            Some(next) => {
                clock.advance(next.saturating_sub(clock.monotonic()));
                tokio::task::yield_now().await;
            }
            None => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

/// Tests the entries of `check` with the configured source.
pub(super) async fn check_entries(
    subject: &Subject<'_>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let Ok(mut opened) = subject.configured(Source::Own, clock, None).await? else {
        return Ok(());
    };
    findings.try_rule(Rule::Check);
    let checked = opened.instance.check().await?;
    let wanted: Vec<&str> =
        opened.resources.iter().map(|resource| resource.name.as_str()).collect();
    let reported: Vec<&str> = checked.iter().map(|(name, _)| name.as_str()).collect();
    if reported != wanted {
        findings.wrong(Rule::Check, format!("`check` has {reported:?} instead of {wanted:?}"));
    }
    Ok(())
}

/// Tests a source that responds 401 to everything.
pub(super) async fn check_refused(
    subject: &Subject<'_>,
    url: &str,
    findings: &mut Findings,
) -> Result<(), HostError> {
    if mutation::secrets(&subject.configuration).is_empty() {
        findings.untried(Rule::Authentication, "the configuration names no secret");
        return Ok(());
    }
    let rule = Rule::Authentication;
    check_trouble(subject, url, rule, &["authentication"], findings).await
}

/// Tests a source that cannot be reached.
pub(super) async fn check_unreachable(
    subject: &Subject<'_>,
    url: &str,
    findings: &mut Findings,
) -> Result<(), HostError> {
    check_trouble(subject, url, Rule::Unreachable, &["transient"], findings).await
}

async fn check_trouble(
    subject: &Subject<'_>,
    url: &str,
    rule: Rule,
    kinds: &[&str],
    findings: &mut Findings,
) -> Result<(), HostError> {
    let skipping = SkippingClock::default();
    let clock: SharedClock = std::sync::Arc::new(skipping.clone());
    let Ok(mut opened) = subject.configured(Source::StandIn(url), &clock, None).await? else {
        return Ok(());
    };
    findings.try_rule(rule);
    let ended = outcome(&mut opened, &skipping, rule).await?;
    let checked = opened.instance.check().await?;
    for credential in opened.transport.take_credentials() {
        findings.learn(&credential);
    }
    let mut reported = Vec::new();
    match ended {
        Ok(failure) => reported.push(("sync".to_owned(), failure)),
        Err(what) => findings.wrong(rule, what),
    }
    for (name, result) in checked {
        match result {
            Ok(()) => findings.wrong(rule, format!("`check` says that {name} can be read")),
            Err(failure) => reported.push((format!("check of {name}"), failure)),
        }
    }
    for (call, Failure { kind, message, .. }) in reported {
        if !kinds.contains(&kind.as_str()) {
            findings.wrong(rule, format!("`{call}` fails as {kind}: {message}"));
        }
        findings.text("a failure's message", &message);
    }
    Ok(())
}

/// The failure that such a run ends with, or what it does instead.
async fn outcome(
    opened: &mut Opened,
    clock: &SkippingClock,
    rule: Rule,
) -> Result<Result<Failure, String>, HostError> {
    let mut postponed = None;
    for _ in 0..STEPS {
        match opened.instance.sync(&everything()).await? {
            Err(failure) => return Ok(Ok(failure)),
            Ok(Step::Done) => return Ok(postponed.ok_or_else(|| "the sync returns `done`".into())),
            Ok(Step::Ended(Ended { ending, resource })) => match ending {
                Ending::Complete => return Ok(Err(format!("{resource} ends complete"))),
                Ending::Failed(failure) => {
                    let what = format!("{resource} is given up for good: {}", failure.message);
                    return Ok(Err(what));
                }
                Ending::Postponed(failure) => postponed = Some(failure),
            },
            Ok(Step::Batches(batches))
                if batches.iter().any(|batch| record_count(&batch.records) > 0) =>
            {
                return Ok(Err("the sync returns records".to_owned()));
            }
            Ok(Step::Wait(pause)) => clock.skip(Duration::from_millis(pause.milliseconds.into())),
            Ok(Step::Began(_) | Step::Batches(_) | Step::Warned(_)) => {}
        }
    }
    match rule {
        // Waiting for the source counts as failing.
        Rule::Unreachable => Ok(Ok(Failure {
            kind: "transient".to_owned(),
            message: String::new(),
            resource: None,
            status: None,
            retry_after: None,
        })),
        _ => Ok(Err(format!("after {STEPS} steps the run has not failed"))),
    }
}
