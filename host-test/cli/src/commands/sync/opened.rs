//! The database that a sync stores into.

use crate::arguments::SyncArguments;
use crate::arguments::place::Place;
use crate::early_end::EarlyEnd;
use crate::input::secrets::{self, Process};
use rawdash_host::storage::{Storage, StorageError};
use rawdash_host::transport::Network;
use rawdash_libsql::{Options, Patience, Server};

/// The variable with the token of a server.
const TOKEN: &str = "RAWDASH_DB_TOKEN";

/// A connector's part of a database.
pub(super) enum Opened {
    File(rawdash_sqlite::Database),
    Server(rawdash_libsql::Database),
}

impl Opened {
    /// Opens the part that the arguments name.
    pub(super) async fn open(
        arguments: &SyncArguments,
        network: &Network,
    ) -> Result<Opened, EarlyEnd> {
        let url = match &arguments.db {
            Place::File(path) => {
                let database = rawdash_sqlite::Database::open(path, &arguments.name)?;
                return Ok(Opened::File(database));
            }
            Place::Server(url) => url,
        };
        let token = secrets::optional(TOKEN, &Process).map_err(EarlyEnd::configuration)?;
        let (token, insecure) = (token.as_deref(), arguments.insecure_db);
        let server = Server::new(url, token, insecure, network, Patience::default())?;
        let database = server.open(&arguments.name, Options::default()).await?;
        Ok(Opened::Server(database))
    }

    pub(super) fn storage(&mut self) -> &mut dyn Storage {
        match self {
            Opened::File(database) => database,
            Opened::Server(database) => database,
        }
    }

    /// Drops the checkpoint and the staged rows.
    pub(super) async fn reset(&mut self) -> Result<(), StorageError> {
        match self {
            Opened::File(database) => database.reset(),
            Opened::Server(database) => database.reset().await,
        }
    }
}
