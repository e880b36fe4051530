//! The exports of the contract, for any connector.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::bindings::exports::rawdash::connector::{check, connector, manifest};
use super::exchanges::Exchanges;
use super::rotation::Rotation;
use super::{clocks, conversion};
use crate::connector::Connector;
use crate::contract::configuration::Configured;
use crate::contract::failure::Failure;
use crate::contract::request::SyncRequest;
use crate::contract::step::Step;
use crate::engine::outgoing::Turn;
use crate::engine::{self, Engine};

/// A connector, exported.
pub struct Component<C, R>(PhantomData<(C, R)>);

/// The outcomes of a check, by resource.
type Outcomes = Vec<(String, Result<(), Failure>)>;

/// What `configure` made, of any connector. The requests in flight are dropped
/// with it.
trait Instance {
    fn step(&mut self, request: &SyncRequest) -> Result<Step, Failure>;
    fn leave_sync(&mut self);
    fn checkpoint(&self) -> Result<String, Failure>;
    fn check(&mut self) -> Outcomes;
}

thread_local! {
    static INSTANCE: RefCell<Option<Box<dyn Instance>>> = const { RefCell::new(None) };
}

fn with_instance<T>(
    act: impl FnOnce(&mut dyn Instance) -> Result<T, Failure>,
) -> Result<T, Failure> {
    INSTANCE.with_borrow_mut(|instance| match instance {
        Some(instance) => act(instance.as_mut()),
        None => Err(Failure::not_configured()),
    })
}

struct Running<C: Connector, R> {
    exchanges: Exchanges,
    engine: Engine<C>,
    user_agent: &'static str,
    rotation: PhantomData<R>,
}

impl<C: Connector, R: Rotation> Instance for Running<C, R> {
    fn step(&mut self, request: &SyncRequest) -> Result<Step, Failure> {
        self.engine.enter(request, clocks::now())?;
        loop {
            for (ticket, reply) in self.exchanges.collect() {
                self.engine.receive(ticket, reply, clocks::now());
            }
            self.engine.keep_rotated(R::keep);
            let (outgoing, turn) = self.engine.turn(clocks::now());
            for outgoing in outgoing {
                self.exchanges.send(&outgoing, self.user_agent);
            }
            match turn {
                Turn::Step(step) => return Ok(step),
                Turn::Failed(failure) => return Err(failure),
                Turn::Await(until) => self.exchanges.wait(until),
            }
        }
    }

    fn leave_sync(&mut self) {
        self.engine.leave_sync();
    }

    fn checkpoint(&self) -> Result<String, Failure> {
        self.engine.checkpoint()
    }

    /// With exchanges of its own: those of a sync under way are not disturbed.
    fn check(&mut self) -> Outcomes {
        let mut exchanges = Exchanges::default();
        let mut check = self.engine.check(clocks::now());
        loop {
            check.keep_rotated(R::keep);
            let Some(outgoing) = check.request() else { return check.outcomes() };
            exchanges.send(&outgoing, self.user_agent);
            let reply = loop {
                if let Some((_, reply)) = exchanges.collect().pop() {
                    break reply;
                }
                exchanges.wait(None);
            };
            check.receive(reply);
        }
    }
}

impl<C: Connector, R: Rotation> connector::Guest for Component<C, R> {
    fn configure(
        configuration: String,
        secrets: Vec<connector::Secret>,
        checkpoint: Option<String>,
    ) -> Result<connector::Configured, connector::ConfigureError> {
        let secret = |name: &str| {
            secrets.iter().find(|secret| secret.name == name).map(|secret| secret.value.clone())
        };
        let (engine, Configured { resources, origins }) =
            Engine::<C>::configure(&configuration, &secret, checkpoint.as_deref())
                .map_err(conversion::configure_error)?;
        let user_agent = C::identity().user_agent;
        let rotation = PhantomData::<R>;
        let exchanges = Exchanges::default();
        INSTANCE.set(Some(Box::new(Running { exchanges, engine, user_agent, rotation })));
        let resources = resources.into_iter().map(conversion::resource).collect();
        Ok(connector::Configured { resources, origins })
    }

    fn sync(request: connector::Request) -> Result<connector::Step, connector::Failure> {
        let step = |instance: &mut dyn Instance| match conversion::request(request) {
            Ok(request) => instance.step(&request),
            Err(failure) => {
                instance.leave_sync();
                Err(failure)
            }
        };
        with_instance(step).map(conversion::step).map_err(conversion::failure)
    }

    fn checkpoint() -> Result<String, connector::Failure> {
        with_instance(|instance| instance.checkpoint()).map_err(conversion::failure)
    }
}

impl<C: Connector, R: Rotation> manifest::Guest for Component<C, R> {
    fn describe() -> manifest::About {
        conversion::about(engine::describe::<C>())
    }
}

impl<C: Connector, R: Rotation> check::Guest for Component<C, R> {
    fn check() -> Vec<(String, Result<(), connector::Failure>)> {
        let outcomes = with_instance(|instance| Ok(instance.check())).unwrap_or_else(|failure| {
            let names = C::resources().into_iter().map(|resource| resource.info().name);
            names.map(|name| (name.clone(), Err(failure.clone().of(&name)))).collect()
        });
        let convert = |(name, outcome): (String, Result<(), Failure>)| {
            (name, outcome.map_err(conversion::failure))
        };
        outcomes.into_iter().map(convert).collect()
    }
}
