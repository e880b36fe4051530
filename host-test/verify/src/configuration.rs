//! Whether `configure` accepts valid input and refuses invalid input.

use serde_json::Value;

use super::findings::Findings;
use super::mutation::{self, Mutation};
use super::rule::Rule;
use super::schema::Schema;
use super::subject::{Opened, Source, Subject, refusal};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{ConfigureError, Configured, Issue, Secret};
use rawdash_host::error::HostError;
use rawdash_host::origins::{Egress, OriginError, OriginPolicy};
use rawdash_host::validation;

/// Tests the rules of `configure`. The error says why the configuration itself
/// cannot be used.
pub(super) async fn check(
    subject: &Subject<'_>,
    schema: Option<&Schema>,
    clock: &SharedClock,
    findings: &mut Findings,
) -> Result<Result<(), String>, HostError> {
    let right = &subject.configuration;
    let mut opened = subject.open(Source::Nowhere, clock).await?;
    let accepted = configure(subject, &mut opened, &subject.settings.configuration).await?;
    let objection = schema.and_then(|schema| schema.objection(right));
    if schema.is_some() {
        findings.try_rule(Rule::Configuration);
    }
    if let Ok(configured) = &accepted {
        check_configured(subject, configured, findings);
    }
    match (accepted, objection) {
        (Ok(_), None) => {}
        (Ok(_), Some(objection)) => {
            let what = format!("`configure` accepts what the schema refuses: {objection}");
            findings.wrong(Rule::Configuration, what);
        }
        (Err(error), None) if schema.is_some() => {
            let what = format!("`configure` refuses what the schema accepts: {}", refusal(&error));
            findings.wrong(Rule::Configuration, what);
            return Ok(Err(refusal(&error)));
        }
        (Err(error), _) => return Ok(Err(refusal(&error))),
    }
    if let Some(schema) = schema {
        check_mistakes(subject, schema, &mut opened, findings).await?;
    }
    check_texts(subject, &mut opened, findings).await?;
    check_secrets(subject, &mut opened, findings).await?;
    check_kept(subject, &mut opened, findings).await?;
    findings.try_rule(Rule::ConfigureOffline);
    if !opened.was_silent() {
        findings.wrong(Rule::ConfigureOffline, "`configure` sends a request");
    }
    Ok(Ok(()))
}

/// What `configure` returned lies within the manifest.
fn check_configured(subject: &Subject<'_>, configured: &Configured, findings: &mut Findings) {
    findings.try_rule(Rule::Configured);
    if let Err(problem) = validation::check_configured(subject.about, &configured.resources) {
        findings.wrong(Rule::Configured, problem);
    }
    let policy = OriginPolicy::new(&subject.about.origins, &subject.configuration);
    let egress = policy.and_then(|policy| Egress::new(&policy, &configured.origins, &[]));
    if let Err(error @ OriginError::Beyond { .. }) = egress {
        findings.wrong(Rule::Configured, error);
    }
}

async fn configure(
    subject: &Subject<'_>,
    opened: &mut Opened,
    text: &str,
) -> Result<Result<Configured, ConfigureError>, HostError> {
    opened.instance.configure(text, &subject.settings.secrets, None).await
}

async fn check_mistakes(
    subject: &Subject<'_>,
    schema: &Schema,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Result<(), HostError> {
    findings.try_rule(Rule::Issues);
    for mutation in mutation::single(schema, &subject.configuration) {
        let text = mutation.configuration.to_string();
        match configure(subject, opened, &text).await? {
            Ok(_) => {
                let what =
                    format!("`configure` accepts what the schema refuses: {}", mutation.what);
                findings.wrong(Rule::Configuration, what);
            }
            Err(error) => {
                if let Err(what) = judge(&error, &mutation, Places::AtOne) {
                    findings.wrong(Rule::Issues, what);
                }
            }
        }
    }
    let all = mutation::all_at_once(schema, &subject.configuration);
    if all.pointers.len() < 2 {
        findings
            .untried(Rule::AllIssues, "the schema has fewer than two members that can be invalid");
        return Ok(());
    }
    findings.try_rule(Rule::AllIssues);
    if let Err(error) = configure(subject, opened, &all.configuration.to_string()).await?
        && let Err(what) = judge(&error, &all, Places::AtAll)
    {
        findings.wrong(Rule::AllIssues, what);
    }
    Ok(())
}

async fn check_texts(
    subject: &Subject<'_>,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Result<(), HostError> {
    findings.try_rule(Rule::Issues);
    for text in mutation::malformed() {
        let shown: String = text.chars().take(20).collect();
        let mutation = Mutation {
            configuration: Value::Null,
            pointers: vec![String::new()],
            what: format!("the text is {shown:?}"),
        };
        let judged = match configure(subject, opened, &text).await? {
            Ok(_) => Err(format!("`configure` accepts a text that is not an object, {shown:?}")),
            Err(error) => judge(&error, &mutation, Places::AtOne),
        };
        if let Err(what) = judged {
            findings.wrong(Rule::Issues, what);
        }
    }
    Ok(())
}

async fn check_secrets(
    subject: &Subject<'_>,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let pointers = mutation::secrets(&subject.configuration);
    if pointers.is_empty() {
        return Ok(());
    }
    let none: [Secret; 0] = [];
    let configured =
        opened.instance.configure(&subject.settings.configuration, &none, None).await?;
    let what = "the secrets have no value".to_owned();
    let mutation = Mutation { configuration: Value::Null, pointers, what };
    let judged = match configured {
        Ok(_) => Err("`configure` accepts a configuration whose secrets have no value".to_owned()),
        Err(error) => judge(&error, &mutation, Places::AtAll),
    };
    if let Err(what) = judged {
        findings.wrong(Rule::Issues, what);
    }
    Ok(())
}

/// How many of the pointers must have an issue.
#[derive(Clone, Copy)]
enum Places {
    AtOne,
    AtAll,
}

/// Whether the issues point to the errors.
fn judge(error: &ConfigureError, mutation: &Mutation, places: Places) -> Result<(), String> {
    let Mutation { pointers, what, .. } = mutation;
    let ConfigureError::Configuration(issues) = error else {
        return Err(format!("if {what}, `configure` blames the checkpoint"));
    };
    // Every pointer is below the whole, so only "" itself counts for the whole.
    let below = |path: &str, pointer: &str| {
        let rest = path.strip_prefix(pointer);
        !pointer.is_empty() && rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let stands_at =
        |issue: &Issue, pointer: &str| issue.path == pointer || below(&issue.path, pointer);
    let has_issue = |pointer: &String| issues.iter().any(|issue| stands_at(issue, pointer));
    let suffices = match places {
        Places::AtOne => pointers.iter().any(has_issue),
        Places::AtAll => pointers.iter().all(has_issue),
    };
    if !suffices {
        let said: Vec<&str> = issues.iter().map(|issue| issue.path.as_str()).collect();
        return Err(format!("if {what}, `configure` reports {said:?} instead of {pointers:?}"));
    }
    if let Some(issue) = issues.iter().find(|issue| issue.message.trim().is_empty()) {
        return Err(format!("if {what}, the issue at {:?} has no message", issue.path));
    }
    Ok(())
}

/// Whether a refused call leaves the earlier configuration in effect.
async fn check_kept(
    subject: &Subject<'_>,
    opened: &mut Opened,
    findings: &mut Findings,
) -> Result<(), HostError> {
    let before = match configure(subject, opened, &subject.settings.configuration).await? {
        Ok(_) => opened.instance.checkpoint().await?,
        Err(_) => return Ok(()),
    };
    findings.try_rule(Rule::ConfigureKeeps);
    // Of another source if there is one, because a checkpoint names its source.
    let other = mutation::of_another_source(&subject.configuration, &subject.about.origins);
    let other = other.as_ref().unwrap_or(&subject.configuration).to_string();
    for (text, checkpoint) in [("{", None), (&*other, Some("altered"))] {
        let secrets = &subject.settings.secrets;
        let refused = opened.instance.configure(text, secrets, checkpoint).await?;
        let after = opened.instance.checkpoint().await?;
        if refused.is_err() && after != before {
            let refused = if checkpoint.is_some() { "a checkpoint" } else { "a configuration" };
            let what = format!("after {refused} was refused, the earlier configuration is gone");
            findings.wrong(Rule::ConfigureKeeps, what);
        }
    }
    Ok(())
}
