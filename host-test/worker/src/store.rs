//! Where the records of each tenant go.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rawdash_host::storage::Storage;
use rawdash_host::transport::Network;
use rawdash_host_cli::early_end::EarlyEnd;
use rawdash_libsql::{OpenError, Options, Patience, Server};
use rawdash_sqlite::Database;

use crate::tenants::TenantName;

/// What stands for the tenant's name in `--db`.
const TENANT: &str = "{tenant}";

/// The databases of all tenants.
pub(crate) struct Store {
    place: String,
    name: String,
    access: Arc<Access>,
    /// The servers by address, each with its connections.
    servers: Mutex<BTreeMap<String, Server>>,
}

/// What servers are reached with.
pub(crate) struct Access {
    /// The token.
    pub(crate) token: Option<String>,
    /// Whether it may be sent over plain http to another machine.
    pub(crate) insecure: bool,
    /// The network to them.
    pub(crate) network: Network,
}

/// A tenant's part of its database.
pub(crate) enum Part {
    /// It may be written.
    Open(Box<dyn Storage>),
    /// The sync is complete already; its outcome was lost on the way to the engine.
    Complete,
}

impl Store {
    /// The databases at `place`. `name` is the connector's name in a database of one
    /// tenant.
    ///
    /// # Errors
    /// When they cannot be used, whoever the tenant is.
    pub(crate) fn new(place: String, name: String, access: Arc<Access>) -> Result<Store, EarlyEnd> {
        let store = Store { place, name, access, servers: Mutex::default() };
        let (place, _) = store.part("tenant");
        if Server::is_named_by(&place) {
            store.access.server(&place)?;
        }
        Ok(store)
    }

    /// Opens the tenant's part for the sync of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn open(&self, tenant: &TenantName, sync: &str) -> Result<Part, EarlyEnd> {
        let (place, connector) = self.part(tenant.as_str());
        if !Server::is_named_by(&place) {
            return Ok(Part::Open(Box::new(Database::open(Path::new(&place), &connector)?)));
        }
        let options = Options { sync: Some(sync.to_owned()) };
        match self.server(&place)?.open(&connector, options).await {
            Ok(database) => Ok(Part::Open(Box::new(database))),
            Err(OpenError::Complete { .. }) => Ok(Part::Complete),
            Err(error) => Err(error.into()),
        }
    }

    /// The tenant's database, and the connector's name in it.
    fn part(&self, tenant: &str) -> (String, String) {
        if self.place.contains(TENANT) {
            (self.place.replace(TENANT, tenant), self.name.clone())
        } else {
            (self.place.clone(), tenant.to_owned())
        }
    }

    fn server(&self, place: &str) -> Result<Server, EarlyEnd> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = servers.get(place) {
            return Ok(server.clone());
        }
        let server = self.access.server(place)?;
        servers.insert(place.to_owned(), server.clone());
        Ok(server)
    }
}

impl Access {
    /// The server at an address, of which nothing is requested yet.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) fn server(&self, address: &str) -> Result<Server, EarlyEnd> {
        let Access { token, insecure, network } = self;
        let patience = Patience::default();
        Ok(Server::new(address, token.as_deref(), *insecure, network, patience)?)
    }

    /// No token, and no network but the machine's.
    #[cfg(test)]
    pub(crate) fn none() -> Access {
        Access { token: None, insecure: false, network: Network::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(place: &str) -> Result<Store, EarlyEnd> {
        Store::new(place.to_owned(), "auth0".to_owned(), Arc::new(Access::none()))
    }

    #[test]
    fn tenants_that_share_a_database_do_not_share_a_connector() {
        let part = |place: &str| store(place).unwrap().part("acme");
        assert_eq!(part("all.sqlite"), ("all.sqlite".to_owned(), "acme".to_owned()));
        assert_eq!(part("{tenant}.sqlite"), ("acme.sqlite".to_owned(), "auth0".to_owned()));
        let url = "https://{tenant}.store.example";
        assert_eq!(part(url).0, "https://acme.store.example");
    }

    #[test]
    fn an_address_that_no_tenant_could_use_is_refused_at_the_start() {
        assert!(store("http://store.example").is_err());
        assert!(store("https://{tenant}/path").is_err());
    }
}
