//! The simplest kind of resource: a list that is read page by page.

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::contract::batch::{Effect, Window};
use crate::contract::manifest::{ResourceInfo, Shape};
use crate::contract::records::Records;
use crate::http::reply::Answer;
use crate::http::request::Request;
use crate::resource::span::{Next, ReadUntil, Span, Walk};
use crate::resource::{
    Begin, Context, Given, Lane, Listed, PageOutcome, Received, Resource, View, listed,
};
use crate::time::timestamp::{Milliseconds, Timestamp};

/// A resource that is one list.
///
/// Entities and edges of a run that reads everything are staged, and published
/// with the last page: readers see the old until the new is complete. Those of
/// other runs, and events, are added, each in the place of the one with its
/// identity. Samples and distributions replace those of the page's window.
pub trait Listing: Send + 'static {
    /// The connector that it belongs to.
    type Connector: Connector;

    /// Where the source can list what changed: by how much a latest run goes
    /// further back than the last run began, for changes that are listed late.
    /// Without it, every run reads everything.
    const OVERLAP: Option<Milliseconds> = None;

    /// The manifest's entry.
    fn info(&self) -> ResourceInfo;

    /// Path and query of the first page.
    fn first(&self, connector: &Self::Connector, span: &Span) -> String;

    /// Reads a page; `None` where it cannot be read, which counts as a failed
    /// attempt.
    fn read(&self, connector: &Self::Connector, span: &Span, answer: &Answer) -> Option<Page>;
}

/// A page that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    records: Records,
    next: Next,
    window: Option<Window>,
    open: Option<Timestamp>,
    expected: Option<u64>,
    empty_is_true: bool,
}

impl Page {
    /// The last page, with these records.
    pub fn of(records: Records) -> Page {
        let (next, window, open) = (Next::End, None, None);
        Page { records, next, window, open, expected: None, empty_is_true: false }
    }

    /// A page that another one follows.
    #[must_use]
    pub fn followed_by(self, next: impl Into<Next>) -> Page {
        Page { next: next.into(), ..self }
    }

    /// A page of samples or distributions that replaces what is stored within
    /// the window, if there is one.
    #[must_use]
    pub fn within(self, window: Option<Window>) -> Page {
        Page { window, ..self }
    }

    /// The oldest row of the page that is still to change: the next run reads it
    /// again.
    #[must_use]
    pub fn open_since(self, open: Option<Timestamp>) -> Page {
        Page { open, ..self }
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

#[derive(Serialize, Deserialize)]
struct Run {
    span: Span,
    pages: Walk,
    open: Option<Timestamp>,
}

impl<L: Listing> Resource for Paged<L> {
    type Connector = L::Connector;
    type State = ReadUntil;
    type Run = Run;

    fn info(&self) -> ResourceInfo {
        self.0.info()
    }

    fn probe(&self, connector: &L::Connector, date: Timestamp) -> Request {
        Request::get(self.0.first(connector, &Span { since: Some(date), until: date }))
    }

    fn begin(
        &self,
        connector: &L::Connector,
        state: &mut ReadUntil,
        _: &mut <L::Connector as Connector>::Shared,
        begin: &Begin,
    ) -> Run {
        let span = Span::begin(begin, *state, L::OVERLAP);
        Run { span, pages: Walk::from(self.0.first(connector, &span)), open: None }
    }

    fn requests(&self, view: View<'_, Self>) -> Vec<(Lane, Request)> {
        view.run.pages.next().map(|path| (0, Request::get(path))).into_iter().collect()
    }

    fn receive(
        &self,
        context: Context<'_, Self>,
        _: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        let (connector, run) = (context.connector, context.run);
        let Some(answer) = given.granted() else { return given.otherwise() };
        let Some(page) = self.0.read(connector, &run.span, answer) else {
            return given.otherwise();
        };
        if let Err(failure) = run.pages.turn(page.next, &answer.head, connector.host()) {
            return Received::Fail(failure);
        }
        run.open = [run.open, page.open].into_iter().flatten().min();
        let is_last = run.pages.next().is_none();
        let effect = match (self.0.info().shape, page.window) {
            (Shape::Entity | Shape::Edge, _) => {
                run.span.effect(is_last, *context.generation, page.empty_is_true)
            }
            (_, Some(window)) => Effect::ReplaceWindow(window),
            (_, None) => Effect::Merge,
        };
        let outcome = PageOutcome::of(page.records, effect);
        Received::Page(PageOutcome { expected: page.expected, ..outcome })
    }

    fn end(&self, context: Context<'_, Self>) {
        *context.state = context.run.span.end(context.run.open);
    }
}
