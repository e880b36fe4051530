//! `verify`: whether a component satisfies the contract, one line for each rule.

use serde_json::{Value, json};

use crate::arguments::VerifyArguments;
use crate::early_end::EarlyEnd;
use crate::input::configuration::Configuration;
use crate::input::preparation;
use crate::output::terminal;
use crate::{ended_without_result, exit_after};
use rawdash_host::component::Connector;
use rawdash_host::error::HostError;
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_verify::{Findings, Problem, Rule, Verdict, Verification};

/// The findings, and what prevented the test of a configuration, if anything did.
pub(crate) type Verified = (Findings, Option<FailureReport>);

/// Runs the command.
pub(crate) async fn run(arguments: &VerifyArguments) -> Exit {
    end(verify(arguments).await, arguments.json)
}

/// Reports how the command ended.
pub(crate) fn end(verified: Result<Verified, EarlyEnd>, as_json: bool) -> Exit {
    match verified {
        Ok((findings, failure)) => {
            let text = text(&findings);
            if as_json {
                terminal::tell(&text);
            }
            if let Some(failure) = &failure {
                terminal::tell(&failure.message);
            }
            let result = if as_json {
                json(Some(&findings), failure.as_ref()).to_string()
            } else {
                terminal::printable(&text)
            };
            exit_after(terminal::show(&result), exit(&findings, failure.as_ref()))
        }
        Err(stop) => ended_without_result(&stop, as_json, |failure| json(None, Some(failure))),
    }
}

async fn verify(arguments: &VerifyArguments) -> Result<Verified, EarlyEnd> {
    // Read before anything is tested, so that errors in them are reported first.
    let mut configurations = Vec::new();
    for path in &arguments.configs {
        configurations.push((path.display().to_string(), Configuration::read(path)?));
    }
    let component = match Connector::load_file(&arguments.component) {
        Err(error @ HostError::Unreadable { .. }) => return Err(error.into()),
        loaded => loaded,
    };
    let mut verification = Verification::begin(component).await?;
    let Some(about) = verification.about().cloned() else {
        return Ok((verification.findings(), None));
    };
    let mut settled = Vec::new();
    for (name, configuration) in configurations {
        let (settings, hints) = preparation::settings(&about, configuration, &arguments.network)?;
        settled.push((name, settings, hints));
    }
    let mut failure = None;
    for (name, settings, hints) in &settled {
        let mut prevented = verification.under(name, settings).await.err();
        prevented.iter_mut().for_each(|failure| hints.explain(failure));
        failure = prevented.or(failure);
    }
    Ok((verification.findings(), failure))
}

/// A broken rule is more severe than anything that prevented a test.
fn exit(findings: &Findings, failure: Option<&FailureReport>) -> Exit {
    if findings.broken() > 0 {
        return Exit::Component;
    }
    failure.map_or(Exit::Done, FailureReport::exit)
}

fn text(findings: &Findings) -> String {
    let mut lines = Vec::new();
    for rule in Rule::ALL {
        let name = rule.name();
        let line = match findings.verdict(rule) {
            Verdict::Ok => format!("ok        {name:18} {}", rule.demand()),
            Verdict::NotTried(why) => format!("not tried {name:18} {why}"),
            Verdict::Wrong(problems) => {
                let each = problems.iter().map(|problem| match &problem.configuration {
                    Some(configuration) => format!("{configuration}: {}", problem.what),
                    None => problem.what.clone(),
                });
                let what = each.collect::<Vec<_>>().join("; ");
                format!("wrong     {name:18} {what}. Fix: {}", rule.fix())
            }
        };
        // Text from a component must not look like another rule's line.
        lines.push(line.replace('\n', " "));
    }
    lines.join("\n")
}

fn json(findings: Option<&Findings>, failure: Option<&FailureReport>) -> Value {
    let rules = findings.map(|findings| {
        let rule = |rule: Rule| entry(rule, findings.verdict(rule));
        Rule::ALL.map(rule).to_vec()
    });
    json!({
        "broken": findings.map(Findings::broken),
        "rules": rules.unwrap_or_default(),
        "failure": failure,
    })
}

fn entry(rule: Rule, verdict: Verdict) -> Value {
    let (word, why, problems) = match verdict {
        Verdict::Ok => ("ok", None, Vec::new()),
        Verdict::NotTried(why) => ("not tried", Some(why), Vec::new()),
        Verdict::Wrong(problems) => ("wrong", None, problems),
    };
    let problem =
        |problem: &Problem| json!({ "config": problem.configuration, "what": problem.what });
    json!({
        "rule": rule.name(),
        "demand": rule.demand(),
        "verdict": word,
        "why": why,
        "problems": problems.iter().map(problem).collect::<Vec<_>>(),
        "fix": rule.fix(),
    })
}
