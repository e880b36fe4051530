//! The engine: what any connector needs, and nothing of a source.

pub mod check;
pub mod outgoing;

use crate::config::{Secret, Secrets};
use crate::connector::Connector;
use crate::contract::configuration::{ConfigureError, Configured};
use crate::contract::failure::Failure;
use crate::contract::manifest::About;
use crate::contract::request::SyncRequest;
use crate::http::reply::Reply;
use crate::time::moment::Moment;
use check::Check;
use outgoing::{Outgoing, Turn};

/// The manifest of a connector.
pub fn describe<C: Connector>() -> About {
    let resources = C::resources().iter().map(|resource| resource.info()).collect();
    About { identity: C::identity(), resources }
}

/// One configured instance of a connector.
///
/// A call of `sync` is [`Engine::enter`] and then [`Engine::turn`], again and
/// again, until a turn says what the call returns. Before each turn, every reply
/// that has arrived is handed to [`Engine::receive`]. Requests stay in flight
/// between calls.
pub struct Engine<C: Connector> {
    connector: C,
}

impl<C: Connector> Engine<C> {
    /// Configures an instance, which carries on from the checkpoint stored last.
    pub fn configure(
        configuration: &str,
        secrets: Secrets<'_>,
        checkpoint: Option<&str>,
    ) -> Result<(Engine<C>, Configured), ConfigureError> {
        let _ = checkpoint;
        let connector =
            C::configure(configuration, secrets).map_err(ConfigureError::Configuration)?;
        let resources = connector.configured().iter().map(|resource| resource.info()).collect();
        let configured = Configured { resources, origins: connector.origins() };
        Ok((Engine { connector }, configured))
    }

    /// Begins a call of `sync`.
    pub fn enter(&mut self, request: &SyncRequest, now: Moment) -> Result<(), Failure> {
        let _ = (request, now, &self.connector);
        Ok(())
    }

    /// What to send, and what to do next.
    pub fn turn(&mut self, now: Moment) -> (Vec<Outgoing>, Turn) {
        let _ = now;
        (Vec::new(), Turn::Await(None))
    }

    /// Takes the reply to a request.
    pub fn receive(&mut self, ticket: u64, reply: Reply, now: Moment) {
        let _ = (ticket, reply, now);
    }

    /// A secret that the source replaced. The host stores it durably before the
    /// next turn.
    pub fn take_rotated(&mut self) -> Option<Secret> {
        None
    }

    /// Where the steps returned so far end, as text.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        Ok(String::new())
    }

    /// A check of the credentials, apart from any sync. It has a token of its
    /// own, and drives requests in the same way as a sync.
    pub fn check(&mut self, now: Moment) -> Check<'_, C> {
        Check::new(&mut self.connector, now)
    }
}
