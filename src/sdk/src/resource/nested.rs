//! Lists of parents, each with a list of its own.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::contract::batch::Effect;
use crate::contract::failure::Failure;
use crate::contract::manifest::ResourceInfo;
use crate::contract::records::{Edge, Node, Records};
use crate::http::reply::Answer;
use crate::http::request::Request;
use crate::paging::Children;
use crate::resource::span::{Next, ReadUntil, Span, Walk};
use crate::resource::{
    Begin, Context, Given, Lane, Listed, PageOutcome, Received, Resource, View, listed,
};
use crate::time::timestamp::{Milliseconds, Timestamp};

/// Children that are requested at once.
const AT_ONCE: usize = 4;
/// The lane of the parents; that of a child is its place and 1.
const PARENTS: Lane = 0;

/// A page of parents: for each, the path and query of its first page, and what is
/// known of it; and where the next page of parents is.
pub type Parents<Child> = (Vec<(String, Child)>, Next);

/// A resource of edges that start at the rows of a list, and are read with a list
/// for each of these.
///
/// A parent's edges replace those stored for it, once its list is complete: a
/// relation that the source no longer shows is taken back. A run that reads
/// everything stages and publishes them as one.
pub trait Nested: Send + 'static {
    /// The connector that it belongs to.
    type Connector: Connector;
    /// What is known of a parent's edges while its pages are read.
    type Child: Serialize + DeserializeOwned + Send;

    /// As [`Listing::OVERLAP`](crate::resource::Listing::OVERLAP), of the parents.
    const OVERLAP: Option<Milliseconds> = None;

    /// The manifest's entry.
    fn info(&self) -> ResourceInfo;

    /// Path and query of the first page of parents.
    fn first(&self, connector: &Self::Connector, span: &Span) -> String;

    /// Reads a page of parents; `None` where it cannot be read.
    fn parents(
        &self,
        connector: &Self::Connector,
        span: &Span,
        answer: &Answer,
    ) -> Option<Parents<Self::Child>>;

    /// Reads a page of a parent; `None` where it cannot be read.
    fn read(&self, child: &mut Self::Child, answer: &Answer) -> Option<Next>;

    /// The edges of a parent that was read.
    fn edges(&self, child: Self::Child) -> (Node, Vec<Edge>);
}

/// Lists a resource of edges that are read parent by parent.
pub fn nested<N: Nested>(nested: N) -> Listed<N::Connector> {
    listed(Family(nested))
}

struct Family<N>(N);

#[derive(Serialize, Deserialize)]
struct Run<Child> {
    span: Span,
    parents: Walk,
    children: Children<(Walk, Child)>,
}

impl<N: Nested> Family<N> {
    /// Takes the page of a lane; false where it cannot be read.
    fn take(
        &self,
        connector: &N::Connector,
        run: &mut Run<N::Child>,
        lane: Lane,
        answer: &Answer,
    ) -> Result<bool, Failure> {
        let host = connector.host();
        if lane == PARENTS {
            let Some((children, next)) = self.0.parents(connector, &run.span, answer) else {
                return Ok(false);
            };
            run.parents.turn(next, &answer.head, host)?;
            let children = children.into_iter();
            run.children.extend(children.map(|(path, child)| (Walk::from(path), child)));
        } else if let Some((pages, child)) = run.children.on(place(lane)) {
            let Some(next) = self.0.read(child, answer) else { return Ok(false) };
            pages.turn(next, &answer.head, host)?;
        }
        Ok(true)
    }
}

fn place(lane: Lane) -> usize {
    lane.wrapping_sub(1) as usize
}

impl<N: Nested> Resource for Family<N> {
    type Connector = N::Connector;
    type State = ReadUntil;
    type Run = Run<N::Child>;

    fn info(&self) -> ResourceInfo {
        self.0.info()
    }

    fn probe(&self, connector: &N::Connector, date: Timestamp) -> Request {
        Request::get(self.0.first(connector, &Span { since: Some(date), until: date }))
    }

    fn begin(
        &self,
        connector: &N::Connector,
        state: &mut ReadUntil,
        _: &mut <N::Connector as Connector>::Shared,
        begin: &Begin,
    ) -> Run<N::Child> {
        let span = Span::begin(begin, *state, N::OVERLAP);
        let parents = Walk::from(self.0.first(connector, &span));
        Run { span, parents, children: Children::at_once(AT_ONCE) }
    }

    fn requests(&self, view: View<'_, Self>) -> Vec<(Lane, Request)> {
        let Run { parents, children, .. } = view.run;
        let pages = children.under_way().filter_map(|(place, (pages, _))| {
            Some((Lane::try_from(place).ok()?.checked_add(1)?, pages.next()?))
        });
        let parents = parents.next().filter(|_| children.are_few()).map(|path| (PARENTS, path));
        pages.chain(parents).map(|(lane, path)| (lane, Request::get(path))).collect()
    }

    fn receive(
        &self,
        context: Context<'_, Self>,
        lane: Lane,
        _: &Request,
        given: Given<'_>,
    ) -> Received {
        let Some(answer) = given.granted() else { return given.otherwise() };
        let run = context.run;
        match self.take(context.connector, run, lane, answer) {
            Ok(true) => {}
            Ok(false) => return given.otherwise(),
            Err(failure) => return Received::Fail(failure),
        }
        let read = run.children.finish_if(place(lane), |(pages, _)| pages.next().is_none());
        let is_last = run.children.is_empty() && run.parents.next().is_none();
        let effect = run.span.effect(is_last, *context.generation, true);
        let (edges, effect) = match (read.map(|(_, child)| self.0.edges(child)), effect) {
            (Some((from, edges)), Effect::Merge) => (edges, Effect::ReplaceFrom(vec![from])),
            (Some((_, edges)), whole) => (edges, whole),
            (None, publish @ Effect::Publish(_)) => (Vec::new(), publish),
            (None, _) => return Received::Page(PageOutcome::default()),
        };
        Received::Page(PageOutcome::of(Records::Edges(edges), effect))
    }

    fn end(&self, context: Context<'_, Self>) {
        *context.state = context.run.span.end(None);
    }
}
