//! Whether a batch satisfies the contract: the manifest, the effects of its
//! shape, its numbers and its JSON. Pure and cheap: it builds no JSON tree.

use std::fmt;

use crate::contract::{
    Batch, Distribution, Edge, Effect, Entity, Event, Node, Publication, Records, ResourceInfo,
    Sample, Shape, Spread, Window,
};

mod configured;

pub use configured::{ConfiguredProblem, check_configured};

/// The latest timestamp: the greatest integer that rawdash's JavaScript holds.
pub const MAX_TIMESTAMP: i64 = (1 << 53) - 1;

/// The most bytes of one record's attributes.
pub const MAX_ATTRIBUTES: usize = 1 << 20;

/// The most bytes of one id or node type.
pub const MAX_ID: usize = 4096;

/// The first thing in a batch that breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The batch's resource, as the component named it.
    pub resource: String,
    /// The row, counted from 0; `None` if it is the batch itself.
    pub row: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a batch or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The configuration allows no such resource.
    UnknownResource,
    /// The resource has this shape, and the records have another.
    Shape(Shape),
    /// The shape does not allow the effect.
    Effect {
        /// The batch's effect.
        effect: &'static str,
        /// The effects that its records allow.
        allowed: &'static str,
    },
    /// The window ends before it starts, or an end of it is not a timestamp.
    Window,
    /// A timestamp lies outside 0 to 2^53 - 1.
    Timestamp(i64),
    /// A record lies outside its batch's window.
    OutsideWindow(i64),
    /// An edge starts at a node whose edges the batch does not replace.
    OutsideNodes,
    /// A number is infinite, no number, or outside its range.
    Number(&'static str),
    /// An id is empty or too long.
    Id(&'static str),
    /// The attributes are not a JSON object, or too long.
    Attributes(&'static str),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the component broke the contract: {}", self.resource.escape_debug())?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        f.write_str(": ")?;
        match &self.problem {
            Problem::UnknownResource => f.write_str("its configuration has no such resource"),
            Problem::Shape(shape) => {
                write!(
                    f,
                    "its manifest calls it {}, but the records have another shape",
                    name(*shape)
                )
            }
            Problem::Effect { effect, allowed } => {
                write!(f, "its records cannot {effect}; they can only {allowed}")
            }
            Problem::Window => f.write_str("its window is not a span between 0 and 2^53 - 1"),
            Problem::Timestamp(at) => write!(f, "the timestamp {at} is not between 0 and 2^53 - 1"),
            Problem::OutsideWindow(at) => write!(f, "the timestamp {at} is outside the window"),
            Problem::OutsideNodes => {
                f.write_str("the edge starts at a node whose edges the batch does not replace")
            }
            Problem::Number(what) => write!(f, "{what}"),
            Problem::Id(which) => write!(f, "{which} is empty or longer than {MAX_ID} bytes"),
            Problem::Attributes(problem) => write!(f, "the attributes {problem}"),
        }
    }
}

impl std::error::Error for Violation {}

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Event => "an event",
        Shape::Entity => "an entity",
        Shape::Metric => "a metric",
        Shape::Edge => "an edge",
        Shape::Distribution => "a distribution",
    }
}

/// Checks every batch of a step by the resources that the configuration allows.
pub fn check(resources: &[ResourceInfo], batches: &[Batch]) -> Result<(), Violation> {
    batches.iter().try_for_each(|batch| check_batch(resources, batch))
}

fn check_batch(resources: &[ResourceInfo], batch: &Batch) -> Result<(), Violation> {
    let wrong = |row, problem| Violation { resource: batch.resource.clone(), row, problem };
    let resource = resources.iter().find(|resource| resource.name == batch.resource);
    let resource = resource.ok_or_else(|| wrong(None, Problem::UnknownResource))?;
    check_shape(resource.shape, &batch.records).map_err(|problem| wrong(None, problem))?;
    check_effect(resource.shape, batch).map_err(|problem| wrong(None, problem))?;
    let bounds = bounds(&batch.effect);
    check_rows(&batch.records, bounds).map_err(|(row, problem)| wrong(Some(row), problem))
}

fn check_shape(shape: Shape, records: &Records) -> Result<(), Problem> {
    let fits = match records {
        Records::Events(_) => shape == Shape::Event,
        Records::Entities(_) => shape == Shape::Entity,
        Records::Samples(_) => shape == Shape::Metric,
        Records::Edges(_) | Records::EdgeRemovals(_) => shape == Shape::Edge,
        Records::Distributions(_) => shape == Shape::Distribution,
        Records::Removals(_) => matches!(shape, Shape::Event | Shape::Entity),
    };
    if fits { Ok(()) } else { Err(Problem::Shape(shape)) }
}

fn check_effect(shape: Shape, batch: &Batch) -> Result<(), Problem> {
    let refused = |effect, allowed| Err(Problem::Effect { effect, allowed });
    // Entities and edges have no place in time.
    let has_time = !matches!(shape, Shape::Entity | Shape::Edge);
    match &batch.effect {
        Effect::Merge => Ok(()),
        effect if batch.records.are_removals() => refused(name_of(effect), "merge"),
        Effect::Stage(_) | Effect::Publish(Publication { scope: None, .. }) => Ok(()),
        Effect::ReplaceFrom(_) if shape == Shape::Edge => Ok(()),
        Effect::ReplaceWindow(window)
        | Effect::Publish(Publication { scope: Some(window), .. })
            if has_time =>
        {
            check_window(window)
        }
        effect => refused(name_of(effect), allowed(shape)),
    }?;
    if let Effect::ReplaceFrom(nodes) = &batch.effect {
        nodes.iter().try_for_each(|node| {
            check_node("the type or id of a node that it replaces from", node)
        })?;
    }
    Ok(())
}

fn name_of(effect: &Effect) -> &'static str {
    match effect {
        Effect::Merge => "merge",
        Effect::ReplaceWindow(_) => "replace a window",
        Effect::ReplaceFrom(_) => "replace from nodes",
        Effect::Stage(_) => "stage",
        Effect::Publish(Publication { scope: None, .. }) => "publish",
        Effect::Publish(_) => "publish a window",
    }
}

fn allowed(shape: Shape) -> &'static str {
    match shape {
        Shape::Entity => "merge, stage or publish all",
        Shape::Edge => "merge, replace from nodes, stage or publish all",
        Shape::Event | Shape::Metric | Shape::Distribution => {
            "merge, replace a window, stage or publish"
        }
    }
}

fn check_window(window: &Window) -> Result<(), Problem> {
    let span = 0..=MAX_TIMESTAMP;
    let fits = span.contains(&window.start) && span.contains(&window.end);
    if fits && window.start <= window.end { Ok(()) } else { Err(Problem::Window) }
}

/// What every record of a batch must lie within.
#[derive(Clone, Copy)]
enum Bounds<'a> {
    None,
    Window(Window),
    Nodes(&'a [Node]),
}

fn bounds(effect: &Effect) -> Bounds<'_> {
    match effect {
        Effect::ReplaceWindow(window) => Bounds::Window(*window),
        Effect::Publish(Publication { scope: Some(window), .. }) => Bounds::Window(*window),
        Effect::ReplaceFrom(nodes) => Bounds::Nodes(nodes),
        Effect::Merge | Effect::Stage(_) | Effect::Publish(_) => Bounds::None,
    }
}

type RowProblem = (usize, Problem);

fn check_rows(records: &Records, bounds: Bounds<'_>) -> Result<(), RowProblem> {
    match records {
        Records::Events(rows) => each(rows, |row| check_event(row, bounds)),
        Records::Entities(rows) => each(rows, check_entity),
        Records::Removals(rows) => each(rows, |id| check_id("the id", id)),
        Records::Samples(rows) => each(rows, |row| check_sample(row, bounds)),
        Records::Edges(rows) => each(rows, |row| check_edge(row, bounds)),
        Records::Distributions(rows) => each(rows, |row| check_distribution(row, bounds)),
        Records::EdgeRemovals(rows) => each(rows, |(from, to)| check_ends(from, to)),
    }
}

fn each<T>(rows: &[T], check: impl Fn(&T) -> Result<(), Problem>) -> Result<(), RowProblem> {
    let mut numbered = rows.iter().enumerate();
    numbered.try_for_each(|(number, row)| check(row).map_err(|problem| (number, problem)))
}

fn check_event(event: &Event, bounds: Bounds<'_>) -> Result<(), Problem> {
    check_id("the id", &event.id)?;
    check_within(event.start, bounds)?;
    event.end.map_or(Ok(()), check_timestamp)?;
    check_attributes(&event.attributes)
}

fn check_entity(entity: &Entity) -> Result<(), Problem> {
    check_id("the id", &entity.id)?;
    check_timestamp(entity.updated_at)?;
    check_attributes(&entity.attributes)
}

fn check_sample(sample: &Sample, bounds: Bounds<'_>) -> Result<(), Problem> {
    check_within(sample.at, bounds)?;
    finite("the value is not finite", sample.value)?;
    check_attributes(&sample.attributes)
}

fn check_edge(edge: &Edge, bounds: Bounds<'_>) -> Result<(), Problem> {
    check_ends(&edge.from, &edge.to)?;
    if let Bounds::Nodes(nodes) = bounds
        && !nodes.contains(&edge.from)
    {
        return Err(Problem::OutsideNodes);
    }
    check_timestamp(edge.updated_at)?;
    check_attributes(&edge.attributes)
}

fn check_ends(from: &Node, to: &Node) -> Result<(), Problem> {
    check_node("the type or id of its `from` node", from)?;
    check_node("the type or id of its `to` node", to)
}

fn check_node(which: &'static str, node: &Node) -> Result<(), Problem> {
    check_id(which, &node.type_)?;
    check_id(which, &node.id)
}

fn check_distribution(distribution: &Distribution, bounds: Bounds<'_>) -> Result<(), Problem> {
    check_within(distribution.at, bounds)?;
    finite("the sum is not finite", distribution.sum)?;
    whole("the count is greater than 2^53 - 1", distribution.count)?;
    match &distribution.spread {
        Spread::Histogram(buckets) => buckets.iter().try_for_each(|bucket| {
            finite("a bucket's bound is not finite", bucket.le)?;
            whole("a bucket's count is greater than 2^53 - 1", bucket.count)
        })?,
        Spread::Summary(quantiles) => quantiles.iter().try_for_each(|quantile| {
            if !(0.0..=1.0).contains(&quantile.q) {
                return Err(Problem::Number("a quantile is not between 0 and 1"));
            }
            finite("a quantile's value is not finite", quantile.value)
        })?,
    }
    check_attributes(&distribution.attributes)
}

/// That JavaScript holds the number exactly.
fn whole(problem: &'static str, count: u64) -> Result<(), Problem> {
    if count <= MAX_TIMESTAMP.unsigned_abs() { Ok(()) } else { Err(Problem::Number(problem)) }
}

fn finite(problem: &'static str, value: f64) -> Result<(), Problem> {
    if value.is_finite() { Ok(()) } else { Err(Problem::Number(problem)) }
}

fn check_id(which: &'static str, id: &str) -> Result<(), Problem> {
    if (1..=MAX_ID).contains(&id.len()) { Ok(()) } else { Err(Problem::Id(which)) }
}

fn check_timestamp(at: i64) -> Result<(), Problem> {
    if (0..=MAX_TIMESTAMP).contains(&at) { Ok(()) } else { Err(Problem::Timestamp(at)) }
}

fn check_within(at: i64, bounds: Bounds<'_>) -> Result<(), Problem> {
    check_timestamp(at)?;
    match bounds {
        Bounds::Window(window) if !(window.start..=window.end).contains(&at) => {
            Err(Problem::OutsideWindow(at))
        }
        _ => Ok(()),
    }
}

fn check_attributes(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_ATTRIBUTES {
        return Err(Problem::Attributes("are longer than 1 MiB"));
    }
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Problem::Attributes("are not a JSON object"));
    }
    match json_rows::Raw::read(text) {
        Some(_) => Ok(()),
        None => Err(Problem::Attributes("are not valid JSON")),
    }
}

#[cfg(test)]
#[path = "validation/tests.rs"]
mod tests;
