//! What a run reads of a list.

use serde::{Deserialize, Serialize};

use crate::contract::batch::{Effect, Publication};
use crate::contract::failure::Failure;
use crate::contract::step::RunMode;
use crate::http::reply::Head;
use crate::paging::LinkPages;
use crate::resource::Begin;
use crate::time::timestamp::{Milliseconds, Timestamp};

/// The time that a run reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Nothing that changed last before this is read; `None` for everything.
    pub since: Option<Timestamp>,
    /// The source's time when the run began.
    pub until: Timestamp,
}

/// Up to where a list was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadUntil {
    until: Option<Timestamp>,
    /// The oldest row that was still to change then.
    open: Option<Timestamp>,
}

impl Span {
    /// A run that reads changes goes back to where the last one began, or to what
    /// was still to change, and further by the overlap.
    pub(super) fn begin(begin: &Begin, read: ReadUntil, overlap: Option<Milliseconds>) -> Span {
        let changed = match (begin.mode, read.until, overlap) {
            (RunMode::Latest, Some(until), Some(overlap)) => {
                Some(read.open.unwrap_or(until).min(until).earlier_by(overlap))
            }
            _ => None,
        };
        Span { since: changed.max(begin.since), until: begin.date }
    }

    /// Where the next run begins.
    pub(super) fn end(&self, open: Option<Timestamp>) -> ReadUntil {
        ReadUntil { until: Some(self.until), open }
    }

    /// What storing entities or edges of the span does: a run that reads
    /// everything replaces everything, as one.
    pub(super) fn effect(&self, is_last: bool, generation: u64, empty_is_true: bool) -> Effect {
        match (self.since, is_last) {
            (Some(_), _) => Effect::Merge,
            (None, false) => Effect::Stage(generation),
            (None, true) => Effect::Publish(Publication { generation, scope: None, empty_is_true }),
        }
    }
}

/// Where the next page is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// Nowhere.
    #[default]
    End,
    /// At this path and query.
    At(String),
    /// Where the `Link` header says, if there is one.
    Link,
}

impl From<Option<String>> for Next {
    fn from(path: Option<String>) -> Next {
        path.map_or(Next::End, Next::At)
    }
}

/// Where a walk over pages is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walk {
    pages: LinkPages,
    /// The path that was chosen last, not by a link.
    chosen: String,
}

impl Walk {
    /// From the page at this path and query.
    pub(super) fn from(path: String) -> Walk {
        Walk { pages: LinkPages::from(path.as_str()), chosen: path }
    }

    /// The path and query of the page to request; `None` at the end.
    pub(super) fn next(&self) -> Option<&str> {
        self.pages.next()
    }

    /// Moves on.
    pub(super) fn turn(&mut self, next: Next, head: &Head, host: &str) -> Result<(), Failure> {
        match next {
            Next::End => self.pages = LinkPages::End,
            Next::At(path) => self.choose(path),
            Next::Link => self.pages.follow(head, host)?,
        }
        Ok(())
    }

    /// A path that is chosen twice in a row would be read for ever.
    fn choose(&mut self, path: String) {
        self.pages = match path == self.chosen {
            true => LinkPages::End,
            false => LinkPages::from(path.as_str()),
        };
        self.chosen = path;
    }
}
