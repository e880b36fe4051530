//! A parsed search, and what it matches.

/// What a search is matched against.
pub(crate) trait Document {
    /// The instant of a date field, where there is one.
    fn instant(&self, field: &str) -> Option<i64>;
    /// The texts of any other field, each as a whole: nothing is tokenised.
    fn texts(&self, field: &str) -> Vec<String>;
}

/// A parsed search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Search {
    And(Box<Search>, Box<Search>),
    Or(Box<Search>, Box<Search>),
    Not(Box<Search>),
    Exists(String),
    /// A date field between two instants, both included.
    Dates {
        field: String,
        from: i64,
        to: i64,
    },
    Texts {
        field: String,
        lower: Bound,
        upper: Bound,
    },
    Equals {
        field: String,
        value: String,
    },
    StartsWith {
        field: String,
        prefix: String,
    },
}

/// One end of a range of texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Open,
    Included(String),
    Excluded(String),
}

const DATES: [&str; 4] = ["created_at", "updated_at", "last_login", "date"];
const CASELESS: [&str; 5] = ["email", "name", "given_name", "family_name", "nickname"];

impl Search {
    pub(crate) fn matches(&self, document: &impl Document) -> bool {
        match self {
            Self::And(left, right) => left.matches(document) && right.matches(document),
            Self::Or(left, right) => left.matches(document) || right.matches(document),
            Self::Not(inner) => !inner.matches(document),
            Self::Exists(field) if is_date(field) => document.instant(field).is_some(),
            Self::Exists(field) => !document.texts(field).is_empty(),
            Self::Dates { field, from, to } => {
                document.instant(field).is_some_and(|at| (*from..=*to).contains(&at))
            }
            Self::Texts { field, lower, upper } => document
                .texts(field)
                .iter()
                .any(|text| lower.is_below(text) && upper.is_above(text)),
            Self::Equals { field, value } => {
                document.texts(field).iter().any(|text| folded(field, text) == *value)
            }
            Self::StartsWith { field, prefix } => {
                document.texts(field).iter().any(|text| folded(field, text).starts_with(prefix))
            }
        }
    }

    /// The first and last instant that a match of this search can have, if the
    /// search bounds the date at all.
    pub(crate) fn bounds(&self, date: &str) -> Option<(i64, i64)> {
        match self {
            Self::Dates { field, from, to } if field == date => Some((*from, *to)),
            Self::And(left, right) => match (left.bounds(date), right.bounds(date)) {
                (Some(left), Some(right)) => Some((left.0.max(right.0), left.1.min(right.1))),
                (one, other) => one.or(other),
            },
            _ => None,
        }
    }
}

impl Bound {
    fn is_below(&self, text: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Included(bound) => compare(bound, text).is_le(),
            Self::Excluded(bound) => compare(bound, text).is_lt(),
        }
    }

    fn is_above(&self, text: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Included(bound) => compare(bound, text).is_ge(),
            Self::Excluded(bound) => compare(bound, text).is_gt(),
        }
    }
}

/// Numbers by value, everything else as text.
fn compare(left: &str, right: &str) -> std::cmp::Ordering {
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

pub(super) fn is_date(field: &str) -> bool {
    DATES.contains(&field)
}

pub(super) fn folded(field: &str, text: &str) -> String {
    if CASELESS.contains(&field) { text.to_lowercase() } else { text.to_owned() }
}
