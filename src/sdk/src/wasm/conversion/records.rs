//! Records.

use super::super::bindings::rawdash::connector::shapes;
use crate::contract::records::{Distribution, Edge, Entity, Event, Node, Records, Sample, Spread};
use crate::time::timestamp::Timestamp;

/// The records of a batch.
pub(super) fn records(records: Records) -> shapes::Records {
    match records {
        Records::Events(rows) => shapes::Records::Events(rows.into_iter().map(event).collect()),
        Records::Entities(rows) => {
            shapes::Records::Entities(rows.into_iter().map(entity).collect())
        }
        Records::Samples(rows) => shapes::Records::Samples(rows.into_iter().map(sample).collect()),
        Records::Edges(rows) => shapes::Records::Edges(rows.into_iter().map(edge).collect()),
        Records::Distributions(rows) => {
            shapes::Records::Distributions(rows.into_iter().map(distribution).collect())
        }
        Records::Removals(ids) => shapes::Records::Removals(ids),
        Records::EdgeRemovals(edges) => {
            let ends = edges.into_iter().map(|(from, to)| (node(from), node(to)));
            shapes::Records::EdgeRemovals(ends.collect())
        }
    }
}

/// An end of an edge.
pub(super) fn node(node: Node) -> shapes::Node {
    shapes::Node { type_: node.kind, id: node.id }
}

fn event(event: Event) -> shapes::Event {
    shapes::Event {
        id: event.id,
        start: event.start.millis(),
        end: event.end.map(Timestamp::millis),
        attributes: event.attributes,
    }
}

fn entity(entity: Entity) -> shapes::Entity {
    shapes::Entity {
        id: entity.id,
        updated_at: entity.updated_at.millis(),
        attributes: entity.attributes,
    }
}

fn sample(sample: Sample) -> shapes::Sample {
    shapes::Sample { at: sample.at.millis(), value: sample.value, attributes: sample.attributes }
}

fn edge(edge: Edge) -> shapes::Edge {
    shapes::Edge {
        from: node(edge.from),
        to: node(edge.to),
        updated_at: edge.updated_at.millis(),
        attributes: edge.attributes,
    }
}

fn distribution(distribution: Distribution) -> shapes::Distribution {
    let spread = match distribution.spread {
        Spread::Histogram(buckets) => {
            let bucket = |(le, count)| shapes::Bucket { le, count };
            shapes::Spread::Histogram(buckets.into_iter().map(bucket).collect())
        }
        Spread::Summary(quantiles) => {
            let quantile = |(q, value)| shapes::Quantile { q, value };
            shapes::Spread::Summary(quantiles.into_iter().map(quantile).collect())
        }
    };
    shapes::Distribution {
        at: distribution.at.millis(),
        spread,
        count: distribution.count,
        sum: distribution.sum,
        attributes: distribution.attributes,
    }
}
