//! What each resource of a connector implements.

mod erased;
mod given;
mod listing;
mod nested;
mod page_outcome;
mod span;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connector::Connector;
use crate::contract::manifest::ResourceInfo;
use crate::contract::request::Condition;
use crate::contract::step::RunMode;
use crate::http::request::Request;
use crate::time::timestamp::Timestamp;

pub(crate) use erased::{AnyResource, Place};
pub use erased::{Listed, listed};
pub use given::{Cause, Given, Trouble};
pub use listing::{Listing, Page, listing};
pub use nested::{Nested, Parents, nested};
pub use page_outcome::{PageOutcome, Received};
pub use span::{Next, ReadUntil, Span};

/// A lane: one chain of requests, with at most one in flight. Its id is the
/// resource's own.
pub type Lane = u32;

/// The state that the checkpoint keeps of a resource between runs.
type StateOf<R> = <R as Resource>::State;
/// What the resources of its connector leave for each other.
type SharedOf<R> = <<R as Resource>::Connector as Connector>::Shared;

/// A resource.
///
/// A run is a value, and what it requests next is a function of it: so an
/// instance that is dropped loses nothing but answers, which the next one
/// requests again.
pub trait Resource: Send + 'static {
    /// The connector that it belongs to.
    type Connector: Connector;
    /// What the checkpoint keeps between runs. It is right also without the run:
    /// a run can be dropped at any time.
    type State: Default + Serialize + DeserializeOwned + Send;
    /// What the checkpoint keeps of the run under way.
    type Run: Serialize + DeserializeOwned + Send;

    /// The manifest's entry.
    fn info(&self) -> ResourceInfo;

    /// The smallest request that shows whether credentials and scopes suffice, at
    /// the source's time.
    fn probe(&self, connector: &Self::Connector, date: Timestamp) -> Request;

    /// Whether an automatic run has to be full, though the last full one is
    /// recent.
    fn needs_full(&self, _state: &StateOf<Self>, _shared: &SharedOf<Self>) -> bool {
        false
    }

    /// Whether another resource left work that one more run does.
    fn has_work(&self, _state: &StateOf<Self>, _shared: &SharedOf<Self>) -> bool {
        false
    }

    /// How many more requests of other resources go ahead of each of its own; with 0,
    /// resources alternate. A long log gives way to the lists that are soon complete.
    fn gives_way(&self) -> u64 {
        0
    }

    /// Whether a stored state can have been written by the connector. One that
    /// cannot is refused with the whole checkpoint.
    fn is_sound(&self, _state: &StateOf<Self>, _run: Option<&Self::Run>) -> bool {
        true
    }

    /// Begins a run.
    fn begin(
        &self,
        connector: &Self::Connector,
        state: &mut Self::State,
        shared: &mut SharedOf<Self>,
        begin: &Begin,
    ) -> Self::Run;

    /// What each lane requests next. When there is nothing left to request, the
    /// run is complete.
    fn requests(&self, view: View<'_, Self>) -> Vec<(Lane, Request)>;

    /// Takes what the request of a lane led to.
    fn receive(
        &self,
        context: Context<'_, Self>,
        lane: Lane,
        request: &Request,
        given: Given<'_>,
    ) -> Received;

    /// Ends a run that is complete.
    fn end(&self, _context: Context<'_, Self>) {}
}

/// What a run begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// How much is read.
    pub mode: RunMode,
    /// Nothing older is wanted.
    pub since: Option<Timestamp>,
    /// Which rows are wanted.
    pub conditions: Vec<Condition>,
    /// The source's time, to the end of its second.
    pub date: Timestamp,
    /// The generation under which the run stages rows.
    pub generation: u64,
}

/// A run under way, to read.
pub struct View<'a, R: Resource + ?Sized> {
    /// The connector, configured.
    pub connector: &'a R::Connector,
    /// What is known between runs.
    pub state: &'a R::State,
    /// The run.
    pub run: &'a R::Run,
    /// What the resources share.
    pub shared: &'a SharedOf<R>,
}

/// A run under way, to change.
pub struct Context<'a, R: Resource + ?Sized> {
    /// The connector, configured.
    pub connector: &'a R::Connector,
    /// What is known between runs.
    pub state: &'a mut R::State,
    /// The run.
    pub run: &'a mut R::Run,
    /// What the resources share.
    pub shared: &'a mut SharedOf<R>,
    /// How much the run reads.
    pub mode: RunMode,
    /// The source's time when the run began.
    pub date: Timestamp,
    /// The source's time now.
    pub now: Timestamp,
    /// The generation under which the run stages rows; see
    /// [`Context::stage_anew`].
    pub generation: &'a mut u64,
}

impl<R: Resource + ?Sized> Context<'_, R> {
    /// A new generation, for a run that is postponed and begins its reading anew
    /// when it is carried on: what it staged so far is dropped.
    pub fn stage_anew(&mut self) -> u64 {
        *self.generation = self.generation.saturating_add(1);
        *self.generation
    }
}
