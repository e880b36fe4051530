//! The findings: a verdict on each rule.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Rule;
use rawdash_host::contract::Secret;
use rawdash_host::redaction::Redaction;

/// The most problems that are kept for one rule. The first few say what is wrong.
const KEPT: usize = 5;

/// One way in which a component breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the configuration under which it does.
    pub configuration: Option<String>,
    /// One sentence.
    pub what: String,
}

/// The result of testing a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was tested and holds.
    Ok,
    /// The component breaks it in these ways.
    Wrong(Vec<Problem>),
    /// It was not tested; why, and what to do about it.
    NotTried(String),
}

/// The findings so far.
#[derive(Default)]
pub struct Findings {
    configuration: Option<String>,
    redaction: Redaction,
    tried: BTreeSet<Rule>,
    problems: BTreeMap<Rule, Vec<Problem>>,
    hindered: BTreeMap<Rule, String>,
    untried: BTreeMap<Rule, String>,
}

impl Findings {
    /// The verdict on a rule.
    pub fn verdict(&self, rule: Rule) -> Verdict {
        if let Some(problems) = self.problems.get(&rule) {
            return Verdict::Wrong(problems.clone());
        }
        if let Some(why) = self.hindered.get(&rule) {
            return Verdict::NotTried(why.clone());
        }
        if self.tried.contains(&rule) {
            return Verdict::Ok;
        }
        let why = self.untried.get(&rule).map(String::as_str);
        Verdict::NotTried(why.unwrap_or("it depends on a test that did not complete").to_owned())
    }

    /// The number of broken rules.
    pub fn broken(&self) -> usize {
        self.problems.len()
    }

    /// The following findings belong to this configuration.
    pub(super) fn under(&mut self, configuration: &str, secrets: &[Secret]) {
        self.configuration = Some(configuration.to_owned());
        self.redaction = Redaction::new(secrets);
    }

    /// The component sent this credential, so no text may contain it either.
    pub(super) fn learn(&mut self, credential: &str) {
        self.redaction.learn(credential);
    }

    /// What keeps secrets out of texts.
    pub(super) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// Checks a message, a checkpoint or attributes for secrets.
    pub(super) fn text(&mut self, which: &str, text: &str) {
        if let Some(name) = self.redaction.finds(text) {
            let what = format!("{which} holds the secret {name}");
            self.wrong(Rule::Secrecy, what);
        }
    }

    /// A rule is being tested: it holds unless a problem is found.
    pub(super) fn try_rule(&mut self, rule: Rule) {
        self.tried.insert(rule);
    }

    /// A rule is broken.
    pub(super) fn wrong(&mut self, rule: Rule, what: impl ToString) {
        let what = self.redaction.apply(&what.to_string());
        let problem = Problem { configuration: self.configuration.clone(), what };
        let problems = self.problems.entry(rule).or_default();
        if problems.len() < KEPT && !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// The test of a rule may not have completed.
    pub(super) fn hindered(&mut self, rule: Rule, why: &str) {
        let why = self.redaction.apply(why);
        self.hindered.entry(rule).or_insert(why);
    }

    /// A rule cannot be tested, but perhaps under another configuration.
    pub(super) fn untried(&mut self, rule: Rule, why: &str) {
        let why = self.redaction.apply(why);
        self.untried.entry(rule).or_insert(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_rule_stays_broken_whatever_another_configuration_shows() {
        let mut findings = Findings::default();
        findings.untried(Rule::Run, "no source");
        findings.try_rule(Rule::Resume);
        findings.untried(Rule::Resume, "no source");
        findings.wrong(Rule::Check, "one entry is missing");
        findings.try_rule(Rule::Check);
        assert_eq!(findings.verdict(Rule::Run), Verdict::NotTried("no source".to_owned()));
        findings.try_rule(Rule::Run);
        assert_eq!(findings.verdict(Rule::Run), Verdict::Ok, "in whichever order");
        findings.hindered(Rule::Run, "the source is gone");
        assert!(matches!(findings.verdict(Rule::Run), Verdict::NotTried(_)));
        assert_eq!(findings.verdict(Rule::Resume), Verdict::Ok);
        assert!(matches!(findings.verdict(Rule::Check), Verdict::Wrong(_)));
        assert_eq!(findings.broken(), 1);
    }

    #[test]
    fn no_finding_holds_a_secret() {
        let mut findings = Findings::default();
        let secret = Secret { name: "KEY".to_owned(), value: "hunter2hunter2".to_owned() };
        findings.under("a.json", &[secret]);
        findings.wrong(Rule::Secrecy, "a message says hunter2hunter2");
        let Verdict::Wrong(problems) = findings.verdict(Rule::Secrecy) else { unreachable!() };
        assert_eq!(problems[0].what, "a message says [KEY]");
    }

    #[test]
    fn a_token_in_a_message_is_found_though_no_configuration_names_it() {
        let mut findings = Findings::default();
        findings.try_rule(Rule::Secrecy);
        findings.text("a message", "Bearer eyJhbGciOi was refused");
        assert_eq!(findings.verdict(Rule::Secrecy), Verdict::Ok);
        findings.learn("eyJhbGciOi");
        findings.text("a message", "Bearer eyJhbGciOi was refused");
        assert!(matches!(findings.verdict(Rule::Secrecy), Verdict::Wrong(_)));
        assert!(!findings.redaction().apply("eyJhbGciOi").contains("eyJ"));
    }
}
