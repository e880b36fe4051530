//! Whether a batch satisfies the contract: the manifest, the effects of its
//! shape, its numbers and its JSON. Pure and cheap: it builds no JSON tree.

use std::fmt;

use serde::de::IgnoredAny;

use crate::contract::{
    About, Batch, Distribution, Edge, Effect, Entity, Event, Records, Sample, Shape, Spread, Window,
};

/// The latest timestamp: JavaScript's greatest safe integer.
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
    /// The manifest has no such resource.
    UnknownResource,
    /// The manifest gives the resource this shape; the records have another.
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
    /// A sample lies outside its batch's window.
    OutsideWindow(i64),
    /// A number is infinite, NaN, or outside its range.
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
            Problem::UnknownResource => f.write_str("its manifest has no such resource"),
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

/// Checks every batch of a step.
pub fn check(about: &About, batches: &[Batch]) -> Result<(), Violation> {
    batches.iter().try_for_each(|batch| check_batch(about, batch))
}

fn check_batch(about: &About, batch: &Batch) -> Result<(), Violation> {
    let wrong = |row, problem| Violation { resource: batch.resource.clone(), row, problem };
    let resource = about.resources.iter().find(|resource| resource.name == batch.resource);
    let resource = resource.ok_or_else(|| wrong(None, Problem::UnknownResource))?;
    check_shape(resource.shape, &batch.records).map_err(|problem| wrong(None, problem))?;
    let window =
        check_effect(&batch.records, &batch.effect).map_err(|problem| wrong(None, problem))?;
    check_rows(&batch.records, window).map_err(|(row, problem)| wrong(Some(row), problem))
}

fn check_shape(shape: Shape, records: &Records) -> Result<(), Problem> {
    let brought = match records {
        Records::Events(_) => Shape::Event,
        Records::Entities(_) | Records::Removals(_) => Shape::Entity,
        Records::Samples(_) => Shape::Metric,
        Records::Edges(_) => Shape::Edge,
        Records::Distributions(_) => Shape::Distribution,
    };
    if brought == shape { Ok(()) } else { Err(Problem::Shape(shape)) }
}

/// The window, if the effect has one.
fn check_effect(records: &Records, effect: &Effect) -> Result<Option<Window>, Problem> {
    let allowed = match (records, effect) {
        (Records::Events(_) | Records::Removals(_), Effect::Merge) => return Ok(None),
        (Records::Events(_), _) => "merge",
        (Records::Removals(_), _) => "merge",
        (Records::Entities(_) | Records::Edges(_), Effect::ReplaceWindow(_)) => {
            "merge, stage or replace all"
        }
        (Records::Entities(_) | Records::Edges(_), _) => return Ok(None),
        (Records::Samples(_) | Records::Distributions(_), Effect::ReplaceWindow(window)) => {
            let span = 0..=MAX_TIMESTAMP;
            let fits = span.contains(&window.start) && span.contains(&window.end);
            if !fits || window.start > window.end {
                return Err(Problem::Window);
            }
            return Ok(Some(*window));
        }
        (Records::Samples(_) | Records::Distributions(_), _) => "replace a window",
    };
    let effect = match effect {
        Effect::Merge => "merge",
        Effect::ReplaceWindow(_) => "replace a window",
        Effect::Stage(_) => "stage",
        Effect::ReplaceAll(_) => "replace all",
    };
    Err(Problem::Effect { effect, allowed })
}

type RowProblem = (usize, Problem);

fn check_rows(records: &Records, window: Option<Window>) -> Result<(), RowProblem> {
    match records {
        Records::Events(rows) => each(rows, check_event),
        Records::Entities(rows) => each(rows, check_entity),
        Records::Removals(rows) => each(rows, |id| check_id("the id", id)),
        Records::Samples(rows) => each(rows, |row| check_sample(row, window)),
        Records::Edges(rows) => each(rows, check_edge),
        Records::Distributions(rows) => each(rows, |row| check_distribution(row, window)),
    }
}

fn each<T>(rows: &[T], check: impl Fn(&T) -> Result<(), Problem>) -> Result<(), RowProblem> {
    let mut numbered = rows.iter().enumerate();
    numbered.try_for_each(|(number, row)| check(row).map_err(|problem| (number, problem)))
}

fn check_event(event: &Event) -> Result<(), Problem> {
    check_id("the id", &event.id)?;
    check_timestamp(event.start)?;
    event.end.map_or(Ok(()), check_timestamp)?;
    check_attributes(&event.attributes)
}

fn check_entity(entity: &Entity) -> Result<(), Problem> {
    check_id("the id", &entity.id)?;
    check_timestamp(entity.updated_at)?;
    check_attributes(&entity.attributes)
}

fn check_sample(sample: &Sample, window: Option<Window>) -> Result<(), Problem> {
    check_in_window(sample.at, window)?;
    finite("the value is not finite", sample.value)?;
    check_attributes(&sample.attributes)
}

fn check_edge(edge: &Edge) -> Result<(), Problem> {
    check_id("the type of its `from` node", &edge.from.type_)?;
    check_id("the id of its `from` node", &edge.from.id)?;
    check_id("the type of its `to` node", &edge.to.type_)?;
    check_id("the id of its `to` node", &edge.to.id)?;
    check_timestamp(edge.updated_at)?;
    check_attributes(&edge.attributes)
}

fn check_distribution(distribution: &Distribution, window: Option<Window>) -> Result<(), Problem> {
    check_in_window(distribution.at, window)?;
    finite("the sum is not finite", distribution.sum)?;
    match &distribution.spread {
        Spread::Histogram(buckets) => {
            buckets
                .iter()
                .try_for_each(|bucket| finite("a bucket's bound is not finite", bucket.le))?;
        }
        Spread::Summary(quantiles) => quantiles.iter().try_for_each(|quantile| {
            if !(0.0..=1.0).contains(&quantile.q) {
                return Err(Problem::Number("a quantile is not between 0 and 1"));
            }
            finite("a quantile's value is not finite", quantile.value)
        })?,
    }
    check_attributes(&distribution.attributes)
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

fn check_in_window(at: i64, window: Option<Window>) -> Result<(), Problem> {
    check_timestamp(at)?;
    match window {
        Some(window) if !(window.start..=window.end).contains(&at) => {
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
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::Attributes("are not valid JSON")),
    }
}

#[cfg(test)]
#[path = "validation/tests.rs"]
mod tests;
