//! Resources of different types in one list.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connector::Connector;
use crate::contract::manifest::ResourceInfo;
use crate::contract::step::RunMode;
use crate::http::request::Request;
use crate::resource::{Begin, Context, Given, Lane, Received, Resource, View};
use crate::time::timestamp::Timestamp;

/// A resource of any type, with its state and the run under way.
pub struct Listed<C: Connector>(Box<dyn AnyResource<C>>);

/// Lists a resource.
pub fn listed<R: Resource>(resource: R) -> Listed<R::Connector> {
    Listed(Box::new(Entry { resource, state: R::State::default(), run: None }))
}

impl<C: Connector> Listed<C> {
    /// The manifest's entry.
    pub fn info(&self) -> ResourceInfo {
        self.0.info()
    }

    /// The resource, for the engine.
    pub(crate) fn into_inner(self) -> Box<dyn AnyResource<C>> {
        self.0
    }
}

/// What the engine knows of a run, beside the resource's own values.
pub(crate) struct Place<'a, C: Connector> {
    pub(crate) connector: &'a C,
    pub(crate) shared: &'a mut C::Shared,
    pub(crate) mode: RunMode,
    pub(crate) date: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) generation: &'a mut u64,
}

/// A resource, without its types.
pub(crate) trait AnyResource<C: Connector>: Send {
    fn info(&self) -> ResourceInfo;
    fn probe(&self, connector: &C, date: Timestamp) -> Request;
    fn needs_full(&self, shared: &C::Shared) -> bool;
    fn has_work(&self, shared: &C::Shared) -> bool;
    fn gives_way(&self) -> u64;
    fn begin(&mut self, connector: &C, shared: &mut C::Shared, begin: &Begin);
    fn requests(&self, connector: &C, shared: &C::Shared) -> Vec<(Lane, Request)>;
    fn receive(
        &mut self,
        place: Place<'_, C>,
        lane: Lane,
        request: &Request,
        given: Given<'_>,
    ) -> Received;
    fn end(&mut self, place: Place<'_, C>);
    fn drop_run(&mut self);
    fn save_state(&self) -> Vec<u8>;
    fn save_run(&self) -> Option<Vec<u8>>;
    /// False where the stored values cannot be read, or are not sound.
    fn load(&mut self, state: &[u8], run: Option<&[u8]>) -> bool;
}

struct Entry<R: Resource> {
    resource: R,
    state: R::State,
    run: Option<R::Run>,
}

impl<R: Resource> Entry<R> {
    fn with_context<T>(
        &mut self,
        place: Place<'_, R::Connector>,
        act: impl FnOnce(&R, Context<'_, R>) -> T,
    ) -> Option<T> {
        let context = Context {
            connector: place.connector,
            state: &mut self.state,
            run: self.run.as_mut()?,
            shared: place.shared,
            mode: place.mode,
            date: place.date,
            now: place.now,
            generation: place.generation,
        };
        Some(act(&self.resource, context))
    }
}

impl<R: Resource> AnyResource<R::Connector> for Entry<R> {
    fn info(&self) -> ResourceInfo {
        self.resource.info()
    }

    fn probe(&self, connector: &R::Connector, date: Timestamp) -> Request {
        self.resource.probe(connector, date)
    }

    fn needs_full(&self, shared: &<R::Connector as Connector>::Shared) -> bool {
        self.resource.needs_full(&self.state, shared)
    }

    fn has_work(&self, shared: &<R::Connector as Connector>::Shared) -> bool {
        self.resource.has_work(&self.state, shared)
    }

    fn gives_way(&self) -> u64 {
        self.resource.gives_way()
    }

    fn begin(
        &mut self,
        connector: &R::Connector,
        shared: &mut <R::Connector as Connector>::Shared,
        begin: &Begin,
    ) {
        self.run = Some(self.resource.begin(connector, &mut self.state, shared, begin));
    }

    fn requests(
        &self,
        connector: &R::Connector,
        shared: &<R::Connector as Connector>::Shared,
    ) -> Vec<(Lane, Request)> {
        let Some(run) = &self.run else { return Vec::new() };
        self.resource.requests(View { connector, state: &self.state, run, shared })
    }

    fn receive(
        &mut self,
        place: Place<'_, R::Connector>,
        lane: Lane,
        request: &Request,
        given: Given<'_>,
    ) -> Received {
        let received = self.with_context(place, |resource, context| {
            resource.receive(context, lane, request, given)
        });
        received.unwrap_or(Received::Again)
    }

    fn end(&mut self, place: Place<'_, R::Connector>) {
        self.with_context(place, |resource, context| resource.end(context));
        self.run = None;
    }

    fn drop_run(&mut self) {
        self.run = None;
    }

    fn save_state(&self) -> Vec<u8> {
        write(&self.state)
    }

    fn save_run(&self) -> Option<Vec<u8>> {
        self.run.as_ref().map(write)
    }

    fn load(&mut self, state: &[u8], run: Option<&[u8]>) -> bool {
        let Some(state) = read(state) else { return false };
        let run = match run.map(read) {
            Some(None) => return false,
            Some(run) => run,
            None => None,
        };
        if !self.resource.is_sound(&state, run.as_ref()) {
            return false;
        }
        (self.state, self.run) = (state, run);
        true
    }
}

fn write<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap_or_default()
}

/// Reads a value that fills all of the bytes.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(value)
}
