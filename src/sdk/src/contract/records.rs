//! The records that a connector returns, in the shapes of rawdash's storage.

use crate::contract::manifest::Shape;
use crate::time::timestamp::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The source's own identity: a later event with the same id replaces it.
    pub id: String,
    /// When it happened or began.
    pub start: Timestamp,
    /// When it ended, where it lasts.
    pub end: Option<Timestamp>,
    /// A JSON object.
    pub attributes: String,
}

/// A thing with state.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Its identity.
    pub id: String,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// A JSON object.
    pub attributes: String,
}

/// One number measured at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// The number; finite.
    pub value: f64,
    /// A JSON object.
    pub attributes: String,
}

/// An end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The entity type.
    pub kind: String,
    /// The entity's id.
    pub id: String,
}

/// A relation from one entity to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where it starts.
    pub from: Node,
    /// Where it ends.
    pub to: Node,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// A JSON object.
    pub attributes: String,
}

/// How numbers are spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// Counts of the numbers up to a bound: bound and count.
    Histogram(Vec<(f64, u64)>),
    /// Numbers at a quantile: quantile and number.
    Summary(Vec<(f64, f64)>),
}

/// Many numbers measured at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// When.
    pub at: Timestamp,
    /// How they are spread.
    pub spread: Spread,
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// A JSON object.
    pub attributes: String,
}

impl Entity {
    /// An entity whose attributes are a JSON object.
    pub fn new(id: impl Into<String>, updated_at: Timestamp, attributes: impl ToString) -> Entity {
        Entity { id: id.into(), updated_at, attributes: attributes.to_string() }
    }
}

impl Node {
    /// The entity of this type and id.
    pub fn new(kind: &str, id: impl Into<String>) -> Node {
        Node { kind: kind.to_owned(), id: id.into() }
    }
}

impl Edge {
    /// An edge whose attributes are a JSON object.
    pub fn new(from: Node, to: Node, updated_at: Timestamp, attributes: impl ToString) -> Edge {
        Edge { from, to, updated_at, attributes: attributes.to_string() }
    }
}

impl Distribution {
    /// Numbers measured at one time, summarised by their quartiles.
    pub fn of(at: Timestamp, mut measured: Vec<f64>, attributes: impl ToString) -> Distribution {
        measured.sort_by(f64::total_cmp);
        let quantile = |q: f64| {
            let place = (measured.len().saturating_sub(1) as f64 * q).round() as usize;
            measured.get(place).map(|value| (q, *value))
        };
        let spread = Spread::Summary([0.25, 0.5, 0.75].into_iter().filter_map(quantile).collect());
        let (count, sum) = (measured.len() as u64, measured.iter().sum());
        let attributes = attributes.to_string();
        Distribution { at, spread, count, sum, attributes }
    }
}

/// The records of one batch, all of the shape of its resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Records {
    /// Events.
    Events(Vec<Event>),
    /// Entities.
    Entities(Vec<Entity>),
    /// Samples of a metric.
    Samples(Vec<Sample>),
    /// Edges.
    Edges(Vec<Edge>),
    /// Distributions.
    Distributions(Vec<Distribution>),
    /// Ids of events or entities that no longer exist at the source.
    Removals(Vec<String>),
    /// Edges that no longer exist at the source: where they start and end.
    EdgeRemovals(Vec<(Node, Node)>),
}

impl Records {
    /// No records of a shape.
    pub fn none(shape: Shape) -> Records {
        match shape {
            Shape::Event => Records::Events(Vec::new()),
            Shape::Entity => Records::Entities(Vec::new()),
            Shape::Metric => Records::Samples(Vec::new()),
            Shape::Edge => Records::Edges(Vec::new()),
            Shape::Distribution => Records::Distributions(Vec::new()),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Records::Events(rows) => rows.len(),
            Records::Entities(rows) => rows.len(),
            Records::Samples(rows) => rows.len(),
            Records::Edges(rows) => rows.len(),
            Records::Distributions(rows) => rows.len(),
            Records::Removals(ids) => ids.len(),
            Records::EdgeRemovals(edges) => edges.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether these are removals, which do not count as records read.
    pub fn are_removals(&self) -> bool {
        matches!(self, Records::Removals(_) | Records::EdgeRemovals(_))
    }
}
