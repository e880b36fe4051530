//! The running tenant.

use crate::clock::Clock;
use crate::http::Request;
use crate::options::Options;
use crate::server::{Listen, Port, Shared, run};
use crate::state::State;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// A tenant that serves requests on 127.0.0.1 until it is dropped.
pub struct Tenant {
    shared: Arc<Shared>,
    address: SocketAddr,
    commands: mpsc::UnboundedSender<Listen>,
    task: JoinHandle<()>,
}

/// What a client needs to use the tenant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Where the tenant listens, `http://127.0.0.1:PORT`.
    pub url: String,
    /// The tenant's domain: the `Host` of every request.
    pub domain: String,
    /// The application's client id.
    pub client_id: String,
    /// The application's client secret.
    pub client_secret: String,
}

impl Tenant {
    /// Starts a tenant on a free port, in the current tokio runtime. Its
    /// contents depend only on the options and on the clock's time.
    ///
    /// # Errors
    ///
    /// If no port of the loopback interface can be listened on.
    pub async fn start(options: Options, clock: Clock) -> io::Result<Self> {
        Self::start_on(0, options, clock).await
    }

    /// Starts a tenant on this port.
    ///
    /// # Errors
    ///
    /// If the port cannot be listened on.
    pub async fn start_on(port: u16, options: Options, clock: Clock) -> io::Result<Self> {
        let port = Port::listen_on(port).await?;
        let address = port.address();
        let shared = Arc::new(Shared::new(State::new(options, clock)));
        let (commands, receiver) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(port, shared.clone(), receiver));
        Ok(Self { shared, address, commands, task })
    }

    /// Where the tenant listens, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The tenant's domain, `acme-1.eu.auth0.com` for the seed 1: the only
    /// `Host` that it answers to.
    #[must_use]
    pub fn domain(&self) -> String {
        self.state().domain.clone()
    }

    /// The application's client id.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.state().tokens.client_id.clone()
    }

    /// The application's current client secret.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.state().tokens.client_secret.clone()
    }

    /// All of the above.
    #[must_use]
    pub fn announcement(&self) -> Announcement {
        Announcement {
            url: self.url(),
            domain: self.domain(),
            client_id: self.client_id(),
            client_secret: self.client_secret(),
        }
    }

    /// The contents of the tenant, to read and to change. No request is
    /// answered while the guard is held.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// The requests since the start, or since they were forgotten.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests().to_vec()
    }

    /// Calls `call` whenever an answer stalls on purpose, so that a test can
    /// move its clock past the client's deadline.
    pub fn on_stall(&self, call: impl Fn() + Send + Sync + 'static) {
        self.shared.set_on_stall(Arc::new(call));
    }

    /// Stops listening and ends all connections: clients get "connection
    /// refused". The port stays the tenant's.
    ///
    /// # Errors
    ///
    /// If the tenant no longer runs.
    pub async fn stop_listening(&self) -> io::Result<()> {
        self.listen(false).await
    }

    /// Listens again, on the same port.
    ///
    /// # Errors
    ///
    /// When the tenant does not run any more.
    pub async fn listen_again(&self) -> io::Result<()> {
        self.listen(true).await
    }

    async fn listen(&self, listen: bool) -> io::Result<()> {
        let (done, result) = oneshot::channel();
        let gone = || io::Error::other("the tenant no longer runs");
        self.commands.send((listen, done)).map_err(|_| gone())?;
        result.await.map_err(|_| gone())?
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tenant").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Debug for Announcement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Announcement")
            .field("url", &self.url)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}
