//! Full runs against a source that has changed: an event is another, a list is
//! empty, an edge is gone. The changes are made in the source's answers, so that
//! any source will do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::alteration::{Alteration, MARK};
use super::clock::SkippingClock;
use super::endpoint::path_of;
use super::findings::Findings;
use super::rows;
use super::rule::Rule;
use super::runs::Hindrance;
use super::snapshots::{NAME, Snapshot, copy};
use super::subject::{Source, Subject};
use super::walk::{self, End, Waiting, Walked};
use super::watch::{Seen, Watch};
use rawdash_host::clock::SharedClock;
use rawdash_host::contract::{Mode, ResourceInfo, Shape};
use rawdash_host::report::ResourceState;
use rawdash_host::run::Selection;
use rawdash_host::storage::StorageError;
use rawdash_sqlite::Database;

/// The most changes that are tried for one resource until one shows.
const TRIES: usize = 8;

/// Tests changes of the source after a complete run, whose end this is.
pub(super) async fn check(
    subject: &Subject<'_>,
    resources: &[ResourceInfo],
    end: &Snapshot,
    directory: &Path,
    findings: &mut Findings,
) -> Result<(), Hindrance> {
    let wanted = rows::read(&end.database)?;
    let mut changes = Changes { subject, end, wanted, directory, findings, syncs: 0 };
    for rule in [Rule::ChangedEvents, Rule::EmptyLists, Rule::RemovedEdges] {
        changes.findings.untried(rule, why_untried(rule, resources));
    }
    for resource in resources {
        let Some(path) = path_of(resource) else { continue };
        let place = Place { resource, path };
        if rows::only(&changes.wanted, &resource.name).is_empty() {
            continue;
        }
        match resource.shape {
            Shape::Event => changes.events(&place).await?,
            Shape::Edge => changes.edges(&place).await?,
            Shape::Entity | Shape::Metric | Shape::Distribution => {}
        }
        changes.lists(&place).await?;
    }
    Ok(())
}

fn why_untried(rule: Rule, resources: &[ResourceInfo]) -> &'static str {
    let has = |shape| resources.iter().any(|resource| resource.shape == shape);
    match rule {
        Rule::ChangedEvents if !has(Shape::Event) => "does not apply: no resource is of events",
        Rule::ChangedEvents => "no event has a text in its attributes that could change",
        Rule::RemovedEdges if !has(Shape::Edge) => "does not apply: no resource is of edges",
        Rule::RemovedEdges => "the source's rows do not name the nodes of an edge",
        _ => "no resource has rows, or an endpoint with a path in the manifest",
    }
}

/// A resource, and the path of its endpoint.
struct Place<'a> {
    resource: &'a ResourceInfo,
    path: String,
}

impl Place<'_> {
    fn name(&self) -> &str {
        &self.resource.name
    }
}

/// The database that a run is stored in.
#[derive(Clone, Copy)]
enum Target {
    /// One that holds nothing.
    Empty,
    /// A copy of that of the complete run.
    Copy,
}

/// What a run led to.
struct Outcome {
    /// The resource's rows.
    rows: Vec<String>,
    complete: bool,
}

struct Changes<'a> {
    subject: &'a Subject<'a>,
    end: &'a Snapshot,
    /// The rows of the complete run.
    wanted: Vec<String>,
    directory: &'a Path,
    findings: &'a mut Findings,
    /// The syncs so far.
    syncs: usize,
}

impl Changes<'_> {
    /// Events of which one attribute is another keep their identity.
    async fn events(&mut self, place: &Place<'_>) -> Result<(), Hindrance> {
        let events = rows::events(&self.end.database, place.name())?;
        let before = rows::only(&self.wanted, place.name());
        for (attribute, texts) in changeable(&events).into_iter().take(TRIES) {
            let changed = self.sync(place, &Alteration::Changed(texts), Target::Copy).await?;
            if !changed.complete || !changed.rows.iter().any(|row| row.contains(MARK)) {
                continue;
            }
            self.findings.try_rule(Rule::ChangedEvents);
            let (before, after) = (rows::identities(&before), rows::identities(&changed.rows));
            if let Some(what) = rows::difference(&before, &after) {
                let what = format!("after {attribute} of its events changed, {what}");
                self.findings.wrong(Rule::ChangedEvents, what);
            }
            return Ok(());
        }
        Ok(())
    }

    /// The edges of a source that has some less are those that a first run finds.
    async fn edges(&mut self, place: &Place<'_>) -> Result<(), Hindrance> {
        let before = rows::only(&self.wanted, place.name());
        let ends = rows::ends(&self.end.database, place.name())?;
        for text in rarest_first(&ends).into_iter().take(TRIES) {
            let without = Alteration::Without(text.clone());
            let first = self.sync(place, &without, Target::Empty).await?;
            let shows = !first.rows.is_empty() && first.rows.len() < before.len();
            if !first.complete || !shows {
                continue;
            }
            self.findings.try_rule(Rule::RemovedEdges);
            let again = self.sync(place, &without, Target::Copy).await?;
            if let Some(what) = rows::difference(&first.rows, &again.rows) {
                let what = format!("after the source's rows with {text:?} are gone, {what}");
                self.findings.wrong(Rule::RemovedEdges, what);
            }
            return Ok(());
        }
        Ok(())
    }

    /// Nothing is removed because of an answer that is no list, nor because of an
    /// empty one while the run is not complete. Where a complete run replaces
    /// everything, nothing stays.
    async fn lists(&mut self, place: &Place<'_>) -> Result<(), Hindrance> {
        let (name, before) = (place.name(), rows::only(&self.wanted, place.name()));
        self.findings.try_rule(Rule::EmptyLists);
        let page = self.sync(place, &Alteration::Page, Target::Copy).await?;
        if let Some(what) = rows::difference(&before, &page.rows) {
            let what = format!("after a page that is no list, {what}");
            self.findings.wrong(Rule::EmptyLists, what);
        }
        let is_whole = matches!(place.resource.shape, Shape::Entity | Shape::Edge);
        if !is_whole || !self.end.seen.is_published(name) {
            return Ok(());
        }
        let empty = self.sync(place, &Alteration::Empty, Target::Copy).await?;
        let what = match empty.rows.first() {
            Some(row) if empty.complete => Some(format!("{} is still stored", rows::what(row))),
            None if empty.complete => None,
            _ => rows::difference(&before, &empty.rows),
        };
        if let Some(what) = what {
            let state = if empty.complete { "complete" } else { "not complete" };
            let what = format!("{name} is {state} after an empty list, and {what}");
            self.findings.wrong(Rule::EmptyLists, what);
        }
        Ok(())
    }

    /// A full run of the resource, from the beginning, against the altered source.
    async fn sync(
        &mut self,
        place: &Place<'_>,
        alteration: &Alteration,
        target: Target,
    ) -> Result<Outcome, Hindrance> {
        let file = self.file(target)?;
        let mut database = Database::open(&file, NAME)?;
        let clock = SkippingClock::default();
        let shared: SharedClock = std::sync::Arc::new(clock.clone());
        let source = Source::Altered(&place.path, alteration);
        let mut complete = false;
        if let Ok(mut opened) = self.subject.configured(source, &shared, None).await? {
            let resources = vec![place.name().to_owned()];
            let selection = Selection { resources, ..Selection::all(Mode::Full) };
            let (known, request) = (opened.resources.clone(), selection.request(&opened.resources));
            // Other rules are judged where the source is as it is.
            let mut unheard = Findings::default();
            let mut watch = Watch::new(&known, Seen::default(), &mut unheard);
            let waiting = Waiting::Skipped(&clock);
            let walked =
                walk::to_the_end(&mut opened, &request, waiting, None, &mut database, &mut watch);
            let Walked { end, states, .. } = walked.await;
            complete = match end {
                End::Done => states.get(place.name()) == Some(&ResourceState::Complete),
                End::Broke(error) => return Err(error.into()),
                End::Stored(error @ StorageError::Unavailable { .. }) => return Err(error.into()),
                End::Failed(_) | End::Wrong | End::Stored(_) => false,
            };
        }
        Ok(Outcome { rows: rows::only(&rows::read(&file)?, place.name()), complete })
    }

    fn file(&mut self, target: Target) -> Result<PathBuf, Hindrance> {
        self.syncs += 1;
        let file = self.directory.join(format!("changed-{}", self.syncs));
        if let Target::Copy = target {
            copy(&self.end.database, &file)?;
        }
        Ok(file)
    }
}

/// By attribute, the texts that no event is identified by.
fn changeable(events: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let ids: Vec<String> = events.iter().map(|(id, _)| id.to_lowercase()).collect();
    let identifies = |text: &str| ids.iter().any(|id| id.contains(&text.to_lowercase()));
    let mut changeable = BTreeMap::<String, BTreeSet<String>>::new();
    for (_, attributes) in events {
        let members: serde_json::Map<_, _> = serde_json::from_str(attributes).unwrap_or_default();
        for (name, value) in &members {
            if let Some(text) = value.as_str().filter(|text| !identifies(text)) {
                changeable.entry(name.clone()).or_default().insert(text.to_owned());
            }
        }
    }
    changeable
}

/// The ids of nodes: first those that the fewest edges lead to, then those that
/// edges start at.
fn rarest_first(ends: &[(String, String)]) -> Vec<String> {
    let mut counts = BTreeMap::<(u8, &str), usize>::new();
    for (from, to) in ends {
        *counts.entry((0, to)).or_default() += 1;
        *counts.entry((1, from)).or_default() += 1;
    }
    let mut rarest: Vec<_> =
        counts.into_iter().map(|((end, id), count)| (end, count, id)).collect();
    rarest.sort_unstable();
    rarest.into_iter().map(|(_, _, id)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(texts: &[(&str, &str)]) -> Vec<(String, String)> {
        texts.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn no_text_is_changed_that_an_event_is_identified_by() {
        let events = pairs(&[
            ("push:1", r#"{"kind": "Push", "state": "queued", "number": 1}"#),
            ("pull:2", r#"{"kind": "Pull", "state": "done", "number": 2}"#),
        ]);
        let states = BTreeSet::from(["queued".to_owned(), "done".to_owned()]);
        assert_eq!(changeable(&events), BTreeMap::from([("state".to_owned(), states)]));
    }

    #[test]
    fn the_row_that_takes_the_fewest_edges_with_it_is_left_out_first() {
        let ends = pairs(&[("5", "ada"), ("6", "ada"), ("5", "bob")]);
        assert_eq!(rarest_first(&ends), ["bob", "ada", "6", "5"]);
    }
}
