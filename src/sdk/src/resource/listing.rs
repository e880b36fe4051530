//! The simplest kind of resource: a list that is read page by page.

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::contract::batch::{Effect, Publication, Window};
use crate::contract::manifest::{ResourceInfo, Shape};
use crate::contract::records::Records;
use crate::contract::step::RunMode;
use crate::http::reply::Answer;
use crate::http::request::Request;
use crate::resource::{
    Begin, Context, Given, Lane, Listed, PageOutcome, Received, Resource, View, listed,
};
use crate::time::timestamp::Timestamp;

/// A resource that every run reads from the first page to the last.
///
/// Entities and edges are staged, and published with the last page: readers see
/// the old until the new is complete. Events are added, each in the place of the
/// one with its id. Samples and distributions replace those of the page's window.
pub trait Listing: 'static {
    /// The connector that it belongs to.
    type Connector: Connector;

    /// The manifest's entry.
    fn info(&self) -> ResourceInfo;

    /// Path and query of the first page.
    fn first(&self, connector: &Self::Connector, begin: &Begin) -> String;

    /// Reads a page; `None` where it cannot be read, which counts as a failed
    /// attempt.
    fn read(&self, connector: &Self::Connector, answer: &Answer) -> Option<Page>;
}

/// A page that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    records: Records,
    next: Option<String>,
    window: Option<Window>,
    expected: Option<u64>,
    empty_is_true: bool,
}

impl Page {
    /// The last page, with these records.
    pub fn of(records: Records) -> Page {
        Page { records, next: None, window: None, expected: None, empty_is_true: false }
    }

    /// A page that the one at this path and query follows, where there is one.
    #[must_use]
    pub fn followed_by(self, next: Option<String>) -> Page {
        Page { next, ..self }
    }

    /// A page of samples or distributions that replaces what is stored within
    /// the window, if there is one.
    #[must_use]
    pub fn within(self, window: Option<Window>) -> Page {
        Page { window, ..self }
    }

    /// How many records the source says there are.
    #[must_use]
    pub fn expecting(self, count: u64) -> Page {
        Page { expected: Some(count), ..self }
    }

    /// The source itself says that there is nothing, if there is nothing: what is
    /// stored is then removed.
    #[must_use]
    pub fn even_if_empty(self) -> Page {
        Page { empty_is_true: true, ..self }
    }
}

/// Lists a resource that is read page by page.
pub fn listing<L: Listing>(listing: L) -> Listed<L::Connector> {
    listed(Paged(listing))
}

struct Paged<L>(L);

/// The path and query of the next page.
#[derive(Serialize, Deserialize)]
struct Walk(Option<String>);

impl<L: Listing> Resource for Paged<L> {
    type Connector = L::Connector;
    type State = ();
    type Run = Walk;

    fn info(&self) -> ResourceInfo {
        self.0.info()
    }

    fn probe(&self, connector: &L::Connector, date: Timestamp) -> Request {
        let (mode, conditions) = (RunMode::Latest, Vec::new());
        let begin = Begin { mode, since: None, conditions, date, generation: 0 };
        Request::get(self.0.first(connector, &begin))
    }

    fn begin(
        &self,
        connector: &L::Connector,
        (): &mut (),
        _: &mut <L::Connector as Connector>::Shared,
        begin: &Begin,
    ) -> Walk {
        Walk(Some(self.0.first(connector, begin)))
    }

    fn requests(&self, view: View<'_, Self>) -> Vec<(Lane, Request)> {
        view.run.0.iter().map(|path| (0, Request::get(path.as_str()))).collect()
    }

    fn receive(
        &self,
        context: Context<'_, Self>,
        _: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        let Some(answer) = given.granted() else { return given.otherwise() };
        let Some(page) = self.0.read(context.connector, answer) else { return given.otherwise() };
        let generation = *context.generation;
        let effect = match (self.0.info().shape, page.window) {
            (Shape::Entity | Shape::Edge, _) if page.next.is_some() => Effect::Stage(generation),
            (Shape::Entity | Shape::Edge, _) => Effect::Publish(Publication {
                generation,
                scope: None,
                empty_is_true: page.empty_is_true,
            }),
            (_, Some(window)) => Effect::ReplaceWindow(window),
            (_, None) => Effect::Merge,
        };
        context.run.0 = page.next;
        let outcome = PageOutcome::of(page.records, effect);
        Received::Page(PageOutcome { expected: page.expected, ..outcome })
    }
}
