//! The simplest kind of resource: a list that is read page by page.

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::contract::batch::{Effect, Publication, Window};
use crate::contract::manifest::{ResourceInfo, Shape};
use crate::contract::records::{Event, Records};
use crate::contract::step::RunMode;
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
/// identity; see [`REPLACES_EVENTS`](Listing::REPLACES_EVENTS). Samples and
/// distributions replace those of the page's window.
pub trait Listing: Send + 'static {
    /// The connector that it belongs to.
    type Connector: Connector;

    /// Where the source can list what changed: by how much a latest run goes
    /// further back than the last run began, for changes that are listed late.
    /// Without it, every run reads everything.
    const OVERLAP: Option<Milliseconds> = None;

    /// For events: whether those that the source no longer lists are to be removed. A
    /// full run then replaces what is stored since the oldest one that it lists; what
    /// is older stays.
    const REPLACES_EVENTS: bool = false;

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
    /// The events that replace the stored ones, if they do.
    replaced: Option<Replaced>,
}

/// When the events of a run began that are staged so far.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Replaced {
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Replaced {
    /// Takes a page, and says what storing it does. Events that are older than the
    /// span go: they are not wanted, and may not be all there are.
    fn take(
        &mut self,
        span: &Span,
        events: &mut Vec<Event>,
        is_last: bool,
        generation: u64,
    ) -> Effect {
        events.retain(|event| span.since.is_none_or(|since| event.start >= since));
        for event in events {
            self.oldest = self.oldest.into_iter().chain([event.start]).min();
            self.newest = self.newest.max(Some(event.start));
        }
        match (self.oldest, self.newest) {
            (Some(start), Some(newest)) if is_last => {
                let scope = Some(Window { start, end: newest.max(span.until) });
                Effect::Publish(Publication { generation, scope, empty_is_true: false })
            }
            (Some(_), _) => Effect::Stage(generation),
            (None, _) => Effect::Merge,
        }
    }
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
        let replaces = L::REPLACES_EVENTS && begin.mode == RunMode::Full;
        let pages = Walk::from(self.0.first(connector, &span));
        Run { span, pages, open: None, replaced: replaces.then(Replaced::default) }
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
        let Some(mut page) = self.0.read(connector, &run.span, answer) else {
            return given.otherwise();
        };
        if let Err(failure) = run.pages.turn(page.next, &answer.head, connector.host()) {
            return Received::Fail(failure);
        }
        run.open = [run.open, page.open].into_iter().flatten().min();
        let is_last = run.pages.next().is_none();
        let generation = *context.generation;
        let effect = match (self.0.info().shape, &mut page.records, &mut run.replaced) {
            (Shape::Entity | Shape::Edge, ..) => {
                run.span.effect(is_last, generation, page.empty_is_true)
            }
            (Shape::Event, Records::Events(events), Some(replaced)) => {
                replaced.take(&run.span, events, is_last, generation)
            }
            _ => page.window.map_or(Effect::Merge, Effect::ReplaceWindow),
        };
        let outcome = PageOutcome::of(page.records, effect);
        Received::Page(PageOutcome { expected: page.expected, ..outcome })
    }

    fn end(&self, context: Context<'_, Self>) {
        *context.state = context.run.span.end(context.run.open);
    }
}
