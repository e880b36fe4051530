//! The JSON of Hrana 3 over HTTP, as far as it is used here.

use rawdash_schema::cell::Cell;
use serde::{Deserialize, Serialize};

/// Where requests are posted.
pub(crate) const PATH: &str = "/v3/pipeline";

/// A parameter or a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Value {
    Null,
    Integer { value: String },
    Float { value: f64 },
    Text { value: String },
    Blob { base64: String },
}

impl Value {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text { value } => Some(value),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer { value } => value.parse().ok(),
            _ => None,
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Value::Text { value } => value.len() + 32,
            _ => 48,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text { value: text.to_owned() }
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text { value }
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        text.as_str().into()
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Integer { value: number.to_string() }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Value {
        match cell {
            Cell::Null => Value::Null,
            Cell::Integer(number) => number.into(),
            Cell::Real(value) => Value::Float { value },
            Cell::Text(text) => text.into_owned().into(),
        }
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, T::into)
    }
}

/// The cells as parameters.
pub(crate) fn values<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> Vec<Value> {
    cells.into_iter().map(Value::from).collect()
}

/// A statement with its parameters.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Statement {
    sql: String,
    args: Vec<Value>,
    want_rows: bool,
}

impl Statement {
    pub(crate) fn new(sql: impl Into<String>, args: Vec<Value>) -> Statement {
        Statement { sql: sql.into(), args, want_rows: true }
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.sql.len() + self.args.iter().map(Value::size).sum::<usize>()
    }
}

/// When a step of a batch is executed.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Condition {
    /// An earlier step succeeded.
    Ok { step: usize },
    /// Otherwise.
    Not { cond: Box<Condition> },
    /// No transaction is open.
    IsAutocommit,
}

impl Condition {
    pub(crate) fn not(cond: Condition) -> Condition {
        Condition::Not { cond: Box::new(cond) }
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) condition: Option<Condition>,
    pub(crate) stmt: Statement,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Request {
    Batch { batch: Steps },
    Close,
}

/// The body of a request. Without a baton it opens a stream.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pipeline<'a> {
    pub(crate) baton: Option<&'a str>,
    pub(crate) requests: Vec<Request>,
}

/// The body of an answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// Names the stream in the next request.
    pub(crate) baton: Option<String>,
    pub(crate) results: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Outcome {
    Ok { response: Response },
    Error { error: Failure },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Response {
    Batch { result: BatchResult },
    Close,
}

/// By step, a result, an error, or neither where it was not executed.
#[derive(Debug, Deserialize)]
pub(crate) struct BatchResult {
    pub(crate) step_results: Vec<Option<Rows>>,
    pub(crate) step_errors: Vec<Option<Failure>>,
}

/// The result of a statement.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Rows {
    #[serde(default)]
    pub(crate) rows: Vec<Vec<Value>>,
    #[serde(default)]
    pub(crate) affected_row_count: u64,
}

impl Rows {
    /// The first column of the first row.
    pub(crate) fn first(&self) -> Option<&Value> {
        self.rows.first()?.first()
    }

    /// The first column as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(|row| row.first()?.text())
    }
}

/// An error of the server.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Failure {
    #[serde(default, alias = "error")]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) code: Option<String>,
}
