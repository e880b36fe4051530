//! Tests whether a component satisfies the contract: a verdict for every rule, and
//! a fix for every broken one.
//!
//! In reading order: [`Rule`], the rules; [`Findings`], the verdicts. Without a
//! configuration only the component itself is tested: its `manifest` and `schema`,
//! and `calls` before `configure`. With a configuration: `configuration` tests what
//! `configure` accepts and refuses (`mutation` makes the errors), `runs` takes
//! complete runs step by step (`walk`), judges each step (`watch`) and keeps it
//! (`snapshots`, compared by `rows`), `changes` has the source change (`alteration`,
//! `altered_endpoint`), `checkpoints` tests altered checkpoints, and `trouble` a source
//! that refuses or cannot be reached (`stand_in`). `subject` creates the instances for
//! all of them.

#![forbid(unsafe_code)]

mod alteration;
mod altered_endpoint;
mod calls;
mod changes;
mod checkpoints;
mod clock;
mod configuration;
mod endpoint;
mod findings;
mod manifest;
mod mutation;
mod rows;
mod rule;
mod runs;
mod schema;
mod snapshots;
mod stand_in;
mod subject;
mod trouble;
mod walk;
mod watch;

use std::sync::Arc;

use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::Connector;
use rawdash_host::contract::About;
use rawdash_host::error::HostError;
use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host::run::Settings;

pub use findings::{Findings, Problem, Verdict};
pub use rule::Rule;

use runs::Hindrance;
use schema::Schema;
use stand_in::{Nobody, Refusing, Silent};
use subject::{Source, Subject};

/// Why a rule that needs a configuration was not tested.
const NEEDS_CONFIGURATION: &str = "give a configuration with --config";

/// The verification of one component.
pub struct Verification {
    findings: Findings,
    loaded: Option<Loaded>,
    configured: bool,
}

struct Loaded {
    connector: Connector,
    about: About,
    schema: Option<Schema>,
}

impl Verification {
    /// Tests what needs no configuration. A component that cannot be loaded breaks a
    /// rule.
    ///
    /// # Errors
    /// When the machine cannot run a component.
    pub async fn begin(
        component: Result<Connector, HostError>,
    ) -> Result<Verification, FailureReport> {
        let mut findings = Findings::default();
        let loaded = match load(component, &mut findings).await {
            Ok(loaded) => Some(loaded),
            Err(error) => {
                let rule = rule_of(&error).ok_or_else(|| FailureReport::from(&error))?;
                findings.wrong(rule, error);
                None
            }
        };
        Ok(Verification { findings, loaded, configured: false })
    }

    /// The manifest, if the component can be loaded.
    pub fn about(&self) -> Option<&About> {
        self.loaded.as_ref().map(|loaded| &loaded.about)
    }

    /// Tests the rest under a configuration; the findings use its name. It reads
    /// everything from the source once for every step of a run, so a small source
    /// that does not change is best.
    ///
    /// # Errors
    /// What prevented the test and is not the component's fault: the configuration,
    /// the credentials, the source, the machine.
    pub async fn under(&mut self, name: &str, settings: &Settings) -> Result<(), FailureReport> {
        let Some(Loaded { connector, about, schema }) = &self.loaded else { return Ok(()) };
        let findings = &mut self.findings;
        findings.under(name, &settings.secrets);
        let subject = Subject::new(connector, about, settings);
        self.configured = true;
        let (why, outcome) = match under(&subject, schema.as_ref(), findings).await {
            Ok(()) => return Ok(()),
            Err(Hindrance::Broke(error)) => {
                findings.try_rule(Rule::Returns);
                findings.wrong(Rule::Returns, error);
                ("a call did not return".to_owned(), Ok(()))
            }
            Err(Hindrance::Outside(failure)) => {
                let failure = failure.redacted(findings.redaction());
                (failure.message.clone(), Err(failure))
            }
        };
        let why = format!("the test did not complete: {why}");
        for rule in Rule::ALL {
            let of_runs = (Rule::Run..=Rule::ForeignCheckpoint).contains(&rule);
            if of_runs || rule == Rule::Secrecy {
                findings.hindered(rule, &why);
            } else {
                findings.untried(rule, &why);
            }
        }
        outcome
    }

    /// The findings.
    pub fn findings(mut self) -> Findings {
        if self.loaded.is_some() && !self.configured {
            for rule in Rule::ALL.into_iter().filter(|rule| *rule >= Rule::Configuration) {
                self.findings.untried(rule, NEEDS_CONFIGURATION);
            }
        }
        self.findings
    }
}

/// The rule that a component with this error breaks; `None` if the machine is at fault.
fn rule_of(error: &HostError) -> Option<Rule> {
    match error {
        HostError::OtherContract { .. } => Some(Rule::Contract),
        HostError::DeniedImports { .. } => Some(Rule::Imports),
        HostError::Unreadable { .. } | HostError::NoComponent { .. } => Some(Rule::Component),
        HostError::Limit(_) | HostError::Trap { .. } | HostError::Gone => Some(Rule::Returns),
        HostError::Machine(_) => None,
    }
}

async fn load(
    component: Result<Connector, HostError>,
    findings: &mut Findings,
) -> Result<Loaded, HostError> {
    findings.try_rule(Rule::Component);
    let connector = component?;
    findings.try_rule(Rule::Contract);
    findings.try_rule(Rule::Imports);
    let about = connector.describe().await?;
    manifest::check(&about, findings);
    let schema = schema::read(&about, findings);
    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = Settings { configuration: "{}".to_owned(), ..Settings::default() };
    let subject = Subject::new(&connector, &about, &settings);
    calls::check_unconfigured(&subject, &clock, findings).await?;
    calls::check_any_order(&subject, Source::Nowhere, &clock, findings).await?;
    Ok(Loaded { connector, about, schema })
}

async fn under(
    subject: &Subject<'_>,
    schema: Option<&Schema>,
    findings: &mut Findings,
) -> Result<(), Hindrance> {
    let clock: SharedClock = Arc::new(SystemClock::new());
    let accepted = configuration::check(subject, schema, &clock, findings).await?;
    if let Err(refusal) = accepted {
        return Err(Hindrance::Outside(FailureReport::new(HostKind::Configuration, refusal)));
    }
    if let Some(error) = subject.unreachable(&clock) {
        return Err(Hindrance::Outside(FailureReport::new(HostKind::Configuration, error)));
    }
    let (refusing, nobody) = (Refusing::start().await?, Nobody::bind()?);
    let silent = Silent::start().await?;
    calls::check_any_order(subject, Source::StandIn(&nobody.url), &clock, findings).await?;
    trouble::check_request(subject, &clock, findings).await?;
    trouble::check_refused(subject, &refusing.url, findings).await?;
    trouble::check_unreachable(subject, &nobody.url, findings).await?;
    trouble::check_patience(subject, &silent.url, findings).await?;
    trouble::check_entries(subject, &clock, findings).await?;
    let checkpoints = runs::check(subject, &clock, findings).await?;
    checkpoints::check(subject, &checkpoints, &clock, findings).await?;
    Ok(())
}
