//! A source that refuses the credentials, and one that cannot be reached.

use std::time::Duration;

use super::clock::SkippingClock;
use super::findings::Findings;
use super::mutation;
use super::rule::Rule;
use super::subject::{Opened, Source, Subject, everything};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Failure, Mode, Request, Step, record_count};
use rawdash_host::error::HostError;

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
    let request =
        Request { resources: vec!["no such resource".to_owned()], ..everything(Mode::Auto) };
    let kind = match opened.instance.sync(&request).await? {
        Ok(_) => "a step".to_owned(),
        Err(failure) => failure.kind,
    };
    if kind != "request" {
        let what = format!("a request for \"no such resource\" returns {kind}");
        findings.wrong(Rule::Request, what);
    }
    Ok(())
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
    let wanted = subject.configuration.get("resources").and_then(|value| value.as_array());
    let resources = subject.about.resources.iter().filter(|resource| {
        wanted.is_none_or(|settings| settings.iter().any(|setting| *setting == resource.setting))
    });
    let wanted: Vec<&str> = resources.map(|resource| resource.name.as_str()).collect();
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
    for _ in 0..STEPS {
        match opened.instance.sync(&everything(Mode::Auto)).await? {
            Err(failure) => return Ok(Ok(failure)),
            Ok(Step::Done) => return Ok(Err("the run returns `done`".to_owned())),
            Ok(Step::ResourceFailed(failure)) => {
                let what = format!("a resource is given up for good: {}", failure.message);
                return Ok(Err(what));
            }
            Ok(Step::Batches(batches))
                if batches.iter().any(|batch| record_count(&batch.records) > 0) =>
            {
                return Ok(Err("the run returns records".to_owned()));
            }
            Ok(Step::Wait(pause)) => clock.skip(Duration::from_millis(pause.into())),
            Ok(Step::Began(_) | Step::Batches(_)) => {}
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
