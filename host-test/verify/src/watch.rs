//! Judges what a run returns from step to step. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::findings::Findings;
use super::rule::Rule;
use rawdash_host::contract::{
    About, Batch, Effect, Progress, Records, ResourceInfo, Run, Shape, record_count,
};
use rawdash_host::validation::{Problem, Violation};

/// The generations seen so far, by resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Generations {
    earlier: BTreeMap<String, u64>,
    current: BTreeMap<String, u64>,
}

impl Generations {
    /// Those of a run that was interrupted or has ended.
    pub(super) fn after(last: BTreeMap<String, u64>) -> Generations {
        Generations { earlier: BTreeMap::new(), current: last }
    }

    /// A run begins; one that resumes keeps its generation.
    fn begin(&mut self, resumed: bool) {
        if !resumed {
            self.earlier.append(&mut self.current);
        }
    }

    fn note(&mut self, resource: &str, generation: u64) -> Result<(), String> {
        let earlier = self.earlier.get(resource).copied();
        let current = self.current.insert(resource.to_owned(), generation);
        match (earlier, current) {
            (_, Some(current)) if current != generation => {
                Err(format!("{resource} has the generations {current} and {generation} in one run"))
            }
            (Some(earlier), _) if generation <= earlier => {
                Err(format!("{resource}'s generation {generation} follows {earlier}"))
            }
            _ => Ok(()),
        }
    }
}

/// Judges what an instance returns.
pub(super) struct Watch<'a> {
    pub(super) findings: &'a mut Findings,
    generations: Generations,
    about: &'a About,
    progress: BTreeMap<String, Progress>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        about: &'a About,
        generations: Generations,
        findings: &'a mut Findings,
    ) -> Watch<'a> {
        Watch { findings, generations, about, progress: BTreeMap::new() }
    }

    /// A run began in this instance.
    pub(super) fn began(&mut self, run: &Run) {
        self.generations.begin(run.resumed);
        self.progress.clear();
    }

    /// A batch broke its shape's rules.
    pub(super) fn violation(&mut self, violation: &Violation) {
        let rule = match violation.problem {
            Problem::UnknownResource | Problem::Shape(_) | Problem::Effect { .. } => Rule::Effects,
            Problem::Window | Problem::Timestamp(_) | Problem::OutsideWindow(_) => Rule::Timestamps,
            Problem::Number(_) | Problem::Id(_) | Problem::Attributes(_) => Rule::Records,
        };
        self.findings.wrong(rule, violation);
    }

    /// A step's batches, each of them legal by itself.
    pub(super) fn batches(&mut self, batches: &[Batch]) {
        for batch in batches {
            if let Effect::Stage(generation) | Effect::ReplaceAll(generation) = batch.effect
                && let Err(what) = self.generations.note(&batch.resource, generation)
            {
                self.findings.wrong(Rule::Generations, what);
            }
            self.grows(batch);
            for warning in &batch.warnings {
                self.findings.text("a warning", &warning.message);
            }
            self.attributes(batch);
        }
    }

    fn grows(&mut self, batch: &Batch) {
        let now = batch.progress;
        let before = self.progress.insert(batch.resource.clone(), now);
        let shrinks =
            before.is_some_and(|before| now.pages < before.pages || now.records < before.records);
        let resource = &batch.resource;
        if shrinks {
            let what = format!("{resource} has fewer pages or records than an earlier batch");
            self.findings.wrong(Rule::Progress, what);
        }
        let returned = match &batch.records {
            // They need not be counted.
            Records::Removals(_) => 0,
            records => record_count(records),
        };
        if now.records < returned {
            let what = format!("{resource} counts {} records and returns {returned}", now.records);
            self.findings.wrong(Rule::Progress, what);
        }
    }

    fn attributes(&mut self, batch: &Batch) {
        let known = self.about.resources.iter().find(|known| known.name == batch.resource);
        let Some(resource) = known else { return };
        let mut apart = BTreeSet::new();
        for (at, id, attributes) in rows(&batch.records) {
            self.findings.text("a record", id);
            self.findings.text("a record", attributes);
            if let Err(what) = declared(resource, attributes) {
                self.findings.wrong(Rule::Attributes, what);
            }
            if at.is_some_and(|at| !apart.insert((at, attributes))) {
                let what = format!("two {} of one time have equal dimensions", resource.name);
                self.findings.wrong(Rule::Attributes, what);
            }
        }
    }
}

/// Time (if the dimensions must be unique in it), id and attributes of each row.
fn rows(records: &Records) -> Vec<(Option<i64>, &str, &str)> {
    match records {
        Records::Events(rows) => {
            rows.iter().map(|row| (None, &*row.id, &*row.attributes)).collect()
        }
        Records::Entities(rows) => {
            rows.iter().map(|row| (None, &*row.id, &*row.attributes)).collect()
        }
        Records::Edges(rows) => {
            rows.iter().map(|row| (None, &*row.to.id, &*row.attributes)).collect()
        }
        Records::Samples(rows) => {
            rows.iter().map(|row| (Some(row.at), "", &*row.attributes)).collect()
        }
        Records::Distributions(rows) => {
            rows.iter().map(|row| (Some(row.at), "", &*row.attributes)).collect()
        }
        Records::Removals(_) => Vec::new(),
    }
}

/// Whether the attributes are declared. Samples and distributions must have all
/// declared dimensions, because only together do they identify one.
fn declared(resource: &ResourceInfo, attributes: &str) -> Result<(), String> {
    let members: Map<String, Value> = serde_json::from_str(attributes).unwrap_or_default();
    let declared = match resource.shape {
        Shape::Event | Shape::Entity | Shape::Edge => &resource.fields,
        Shape::Metric | Shape::Distribution => &resource.dimensions,
    };
    for name in members.keys() {
        if !declared.iter().any(|field| field.name == *name) {
            return Err(format!("{} has {name:?}, which is not declared", resource.name));
        }
    }
    let needed = matches!(resource.shape, Shape::Metric | Shape::Distribution);
    match declared.iter().find(|field| needed && !members.contains_key(&field.name)) {
        Some(field) => Err(format!("{} lacks the dimension {:?}", resource.name, field.name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_one_for_a_run_and_grows_from_run_to_run() {
        let mut generations = Generations::default();
        generations.begin(false);
        assert!(generations.note("a", 5).is_ok() && generations.note("a", 5).is_ok());
        assert!(generations.clone().note("a", 6).is_err());
        let mut resumed = generations.clone();
        resumed.begin(true);
        assert!(resumed.note("a", 5).is_ok());
        generations.begin(false);
        assert!(generations.clone().note("a", 5).is_err());
        assert!(generations.note("a", 6).is_ok());
    }
}
