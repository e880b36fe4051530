//! Judges what a run returns from step to step. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::findings::Findings;
use super::rule::Rule;
use rawdash_host::contract::{
    Batch, Effect, Field, Progress, Publication, Records, ResourceInfo, Run, Shape, record_count,
};
use rawdash_host::validation::{Problem, Violation};

/// What was seen of each resource until a checkpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    generations: BTreeMap<String, u64>,
    /// Of runs that have not ended.
    progress: BTreeMap<String, Progress>,
}

impl Seen {
    /// Batches were stored.
    pub(super) fn batches(&mut self, batches: &[Batch]) {
        for batch in batches {
            self.progress.insert(batch.resource.clone(), batch.progress);
            if let Some(generation) = generation(&batch.effect) {
                self.generations.insert(batch.resource.clone(), generation);
            }
        }
    }

    /// Whether rows of the resource were staged or published.
    pub(super) fn is_published(&self, resource: &str) -> bool {
        self.generations.contains_key(resource)
    }

    /// A run ended: another one counts anew.
    pub(super) fn ended(&mut self, resource: &str) {
        self.progress.remove(resource);
    }
}

fn generation(effect: &Effect) -> Option<u64> {
    match effect {
        Effect::Stage(generation) => Some(*generation),
        Effect::Publish(publication) => Some(publication.generation),
        Effect::Merge | Effect::ReplaceWindow(_) | Effect::ReplaceFrom(_) => None,
    }
}

/// The generations seen so far, by resource.
#[derive(Clone, Debug, Default)]
struct Generations {
    /// The least that the run under way may begin with.
    least: BTreeMap<String, u64>,
    current: BTreeMap<String, u64>,
}

impl Generations {
    /// A run begins; one that resumes keeps its generation, or begins its reading
    /// anew under a greater one.
    fn begin(&mut self, run: &Run) {
        if let Some(current) = self.current.remove(&run.resource) {
            let least = if run.resumed { current } else { current.saturating_add(1) };
            self.least.insert(run.resource.clone(), least);
        }
    }

    fn note(&mut self, resource: &str, generation: u64) -> Result<(), String> {
        let least = self.least.get(resource).copied().unwrap_or(0);
        let current = self.current.insert(resource.to_owned(), generation);
        match current {
            Some(current) if current != generation => {
                Err(format!("{resource} has the generations {current} and {generation} in one run"))
            }
            _ if generation < least => {
                Err(format!("{resource}'s generation {generation} is less than {least}"))
            }
            _ => Ok(()),
        }
    }
}

/// Judges what an instance returns.
pub(super) struct Watch<'a> {
    pub(super) findings: &'a mut Findings,
    generations: Generations,
    resources: &'a [ResourceInfo],
    progress: BTreeMap<String, Progress>,
    /// By resource, time and identity of the rows of the run under way.
    placed: BTreeMap<String, BTreeSet<(i64, String)>>,
    /// The same of the rows that it has staged.
    staged: BTreeMap<String, BTreeSet<(i64, String)>>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        resources: &'a [ResourceInfo],
        seen: Seen,
        findings: &'a mut Findings,
    ) -> Watch<'a> {
        let Seen { generations, progress } = seen;
        let generations = Generations { least: BTreeMap::new(), current: generations };
        let (placed, staged) = Default::default();
        Watch { findings, generations, resources, progress, placed, staged }
    }

    /// A run began in this instance.
    pub(super) fn began(&mut self, run: &Run) {
        self.generations.begin(run);
        self.placed.remove(&run.resource);
        if !run.resumed {
            self.progress.remove(&run.resource);
            self.staged.remove(&run.resource);
        }
    }

    /// A batch broke its shape's rules.
    pub(super) fn violation(&mut self, violation: &Violation) {
        let rule = match violation.problem {
            Problem::UnknownResource
            | Problem::Shape(_)
            | Problem::Effect { .. }
            | Problem::OutsideNodes => Rule::Effects,
            Problem::Window | Problem::Timestamp(_) | Problem::OutsideWindow(_) => Rule::Timestamps,
            Problem::Number(_) | Problem::Id(_) | Problem::Attributes(_) => Rule::Records,
        };
        self.findings.wrong(rule, violation);
    }

    /// A step's batches, each of them legal by itself.
    pub(super) fn batches(&mut self, batches: &[Batch]) {
        for batch in batches {
            if let Some(generation) = generation(&batch.effect)
                && let Err(what) = self.generations.note(&batch.resource, generation)
            {
                self.findings.wrong(Rule::Generations, what);
            }
            self.grows(batch);
            self.windows(batch);
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
            Records::Removals(_) | Records::EdgeRemovals(_) => 0,
            records => record_count(records),
        };
        if now.records < returned {
            let what = format!("{resource} counts {} records and returns {returned}", now.records);
            self.findings.wrong(Rule::Progress, what);
        }
    }

    /// A window that has rows of an earlier page of its run removes them.
    fn windows(&mut self, batch: &Batch) {
        let resource = self.resource(batch);
        let rows = rows(&batch.records);
        let key = |row: &Row<'_>| Some((row.at?, identity(resource, row)));
        let keys: BTreeSet<(i64, String)> = rows.iter().filter_map(key).collect();
        let placed = self.placed.entry(batch.resource.clone()).or_default();
        let staged = self.staged.entry(batch.resource.clone()).or_default();
        // What readers see from now on, and what it takes the place of.
        let (new, window) = match &batch.effect {
            Effect::Stage(_) => {
                staged.extend(keys);
                return;
            }
            Effect::Publish(Publication { scope, .. }) => {
                staged.extend(keys);
                (std::mem::take(staged), scope.as_ref())
            }
            Effect::ReplaceWindow(window) => (keys, Some(window)),
            Effect::Merge | Effect::ReplaceFrom(_) => (keys, None),
        };
        if let Some(window) = window {
            self.findings.try_rule(Rule::Windows);
            let within = |at: i64| (window.start..=window.end).contains(&at);
            if placed.iter().any(|key| within(key.0) && !new.contains(key)) {
                let what = format!(
                    "{}'s window from {} to {} has rows of an earlier page and removes them",
                    batch.resource, window.start, window.end
                );
                self.findings.wrong(Rule::Windows, what);
            }
        }
        placed.extend(new);
    }

    fn resource(&self, batch: &Batch) -> Option<&'a ResourceInfo> {
        self.resources.iter().find(|known| known.name == batch.resource)
    }

    fn attributes(&mut self, batch: &Batch) {
        let Some(resource) = self.resource(batch) else { return };
        let by_time = matches!(resource.shape, Shape::Metric | Shape::Distribution);
        let mut apart = BTreeSet::new();
        for row in rows(&batch.records) {
            self.findings.text("a record", row.id);
            self.findings.text("a record", row.attributes);
            if let Err(what) = declared(resource, row.attributes) {
                self.findings.wrong(Rule::Attributes, what);
            }
            let key = row.at.filter(|_| by_time).map(|at| (at, identity(Some(resource), &row)));
            if key.is_some_and(|key| !apart.insert(key)) {
                let what =
                    format!("two {} at the same time have the same dimensions", resource.name);
                self.findings.wrong(Rule::Attributes, what);
            }
        }
    }
}

/// What a row is judged by.
struct Row<'a> {
    /// When it is, if it has a place in time.
    at: Option<i64>,
    id: &'a str,
    attributes: &'a str,
}

/// What tells a row apart from others at the same time.
fn identity(resource: Option<&ResourceInfo>, row: &Row<'_>) -> String {
    let timed = resource.filter(|known| matches!(known.shape, Shape::Metric | Shape::Distribution));
    let Some(resource) = timed else { return row.id.to_owned() };
    let members: Map<String, Value> = serde_json::from_str(row.attributes).unwrap_or_default();
    let value = |field: &Field| members.get(&field.name).cloned().unwrap_or_default();
    Value::Array(resource.dimensions.iter().map(value).collect()).to_string()
}

fn rows(records: &Records) -> Vec<Row<'_>> {
    let row = |at, id, attributes| Row { at, id, attributes };
    match records {
        Records::Events(rows) => {
            rows.iter().map(|event| row(Some(event.start), &event.id, &event.attributes)).collect()
        }
        Records::Entities(rows) => {
            rows.iter().map(|entity| row(None, &entity.id, &entity.attributes)).collect()
        }
        Records::Edges(rows) => {
            rows.iter().map(|edge| row(None, &edge.to.id, &edge.attributes)).collect()
        }
        Records::Samples(rows) => {
            rows.iter().map(|sample| row(Some(sample.at), "", &sample.attributes)).collect()
        }
        Records::Distributions(rows) => {
            rows.iter().map(|each| row(Some(each.at), "", &each.attributes)).collect()
        }
        Records::Removals(_) | Records::EdgeRemovals(_) => Vec::new(),
    }
}

/// Whether the attributes are the declared ones. Those of an open resource may be
/// others. Samples and distributions must have all declared dimensions, because
/// only together do they identify one.
fn declared(resource: &ResourceInfo, attributes: &str) -> Result<(), String> {
    if resource.open {
        return Ok(());
    }
    let members: Map<String, Value> = serde_json::from_str(attributes).unwrap_or_default();
    let (fields, needed): (&[Field], &[Field]) = match resource.shape {
        Shape::Event | Shape::Entity | Shape::Edge => (&resource.fields, &[]),
        Shape::Metric | Shape::Distribution => (&resource.measures, &resource.dimensions),
    };
    let is_declared = |name: &String| fields.iter().chain(needed).any(|field| field.name == *name);
    if let Some(name) = members.keys().find(|name| !is_declared(name)) {
        return Err(format!("{} has {name:?}, which is not declared", resource.name));
    }
    match needed.iter().find(|field| !members.contains_key(&field.name)) {
        Some(field) => Err(format!("{} lacks the dimension {:?}", resource.name, field.name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::contract::{Event, Mode, Window};

    use crate::findings::Verdict;

    fn batch(starts: &[i64], effect: Effect) -> Batch {
        let event = |start: &i64| Event {
            id: start.to_string(),
            start: *start,
            end: None,
            attributes: "{}".to_owned(),
        };
        Batch {
            resource: "a".to_owned(),
            records: Records::Events(starts.iter().map(event).collect()),
            effect,
            progress: Progress { pages: 1, records: 100, expected: None },
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_window_is_published_without_the_rows_that_its_run_added_before() {
        let resources = [ResourceInfo::named("a", Shape::Event)];
        let scope = Some(Window { start: 0, end: 10 });
        let publish =
            || Effect::Publish(Publication { generation: 1, scope, empty_is_true: false });
        for (first, is_wrong) in [(Effect::Stage(1), false), (Effect::Merge, true)] {
            let mut findings = Findings::default();
            let mut watch = Watch::new(&resources, Seen::default(), &mut findings);
            watch.began(&run("a", false));
            watch.batches(&[batch(&[5], first), batch(&[7], publish())]);
            let verdict = findings.verdict(Rule::Windows);
            assert_eq!(matches!(verdict, Verdict::Wrong(_)), is_wrong, "{verdict:?}");
            assert_eq!(verdict == Verdict::Ok, !is_wrong);
        }
    }

    fn run(resource: &str, resumed: bool) -> Run {
        Run { resource: resource.to_owned(), mode: Mode::Full, resumed }
    }

    #[test]
    fn a_generation_is_one_for_a_run_and_grows_from_run_to_run_and_never_shrinks() {
        let mut generations = Generations::default();
        generations.begin(&run("a", false));
        assert!(generations.note("a", 5).is_ok() && generations.note("a", 5).is_ok());
        assert!(generations.clone().note("a", 6).is_err());
        let mut resumed = generations.clone();
        resumed.begin(&run("a", true));
        assert!(resumed.clone().note("a", 5).is_ok());
        assert!(resumed.clone().note("a", 4).is_err());
        assert!(resumed.note("a", 6).is_ok() && resumed.note("a", 7).is_err());
        let mut other = generations.clone();
        other.begin(&run("b", false));
        assert!(other.note("b", 1).is_ok() && other.note("a", 5).is_ok());
        generations.begin(&run("a", false));
        assert!(generations.clone().note("a", 5).is_err());
        assert!(generations.note("a", 6).is_ok());
    }
}
