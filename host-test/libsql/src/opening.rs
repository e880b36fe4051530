//! Opening a connector's part of a database.

use std::collections::BTreeMap;
use std::fmt;

use rawdash_host::storage::StorageError;
use rawdash_schema::recognition::{COLUMNS, Found, State, TAGS, VERSION, judge};
use rawdash_schema::tables::{
    ADDED, ADDED_VERSION, RAWDASH, RAWDASH_TAGS, STORE_TAG, STORE_VERSION,
};
use time::OffsetDateTime;

use crate::database::Database;
use crate::fence::{self, Fence};
use crate::hrana::{Rows, Statement, Value};
use crate::link::{Link, Trouble};
use crate::transaction::Transaction;

/// Reads the staged generations of a connector, by resource.
pub(crate) const STAGING: &str =
    "SELECT resource, generation FROM host_staging WHERE connector_id = ?1";

/// What a database is opened for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The id that whoever schedules syncs gave to this one, if any. All slices of one
    /// sync have the same. A sync that is complete is not run again under its id.
    pub sync: Option<String>,
}

/// Why a database could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The sync of this id is complete; its answer was lost.
    Complete {
        /// The id.
        sync: String,
    },
    /// It cannot be reached or used.
    Unavailable {
        /// One sentence: what is wrong, where, and what to do.
        message: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Complete { sync } => write!(f, "the sync {sync} is complete already"),
            OpenError::Unavailable { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<StorageError> for OpenError {
    fn from(error: StorageError) -> OpenError {
        OpenError::Unavailable { message: error.to_string() }
    }
}

/// Opens the part of a connector, in as many attempts as the patience allows.
pub(crate) async fn open(
    link: Link,
    connector: &str,
    options: Options,
) -> Result<Database, OpenError> {
    let mut attempts = link.attempts();
    loop {
        let trouble = match attempt(&link, connector).await {
            Ok(part) => return begin(link, connector, options, part),
            Err(Trouble::Passing(_)) if attempts.again().await => continue,
            Err(trouble) => trouble,
        };
        return Err(link.error(trouble).into());
    }
}

fn begin(link: Link, connector: &str, options: Options, part: Part) -> Result<Database, OpenError> {
    match options.sync {
        Some(sync) if part.fence.completed.as_deref() == Some(sync.as_str()) => {
            Err(OpenError::Complete { sync })
        }
        sync => Ok(Database::new(link, connector, sync, part)),
    }
}

/// What a writer has to know of a connector.
pub(crate) struct Part {
    pub(crate) fence: Fence,
    /// By resource, the staged generation.
    pub(crate) staged: BTreeMap<String, i64>,
}

async fn attempt(link: &Link, connector: &str) -> Result<Part, Trouble> {
    if let Some(part) = look(link, connector).await? {
        return Ok(part);
    }
    make_tables(link).await?;
    let part = look(link, connector).await?;
    part.ok_or_else(|| Trouble::Passing("lost the tables that were just made".to_owned()))
}

/// The part of the connector; `None` if tables are missing.
async fn look(link: &Link, connector: &str) -> Result<Option<Part>, Trouble> {
    let mut transaction = Transaction::reading(link);
    let mut found = columns(&mut transaction).await?;
    let needed =
        [("schema_migrations", "tag"), ("host_schema", "version"), ("host_fences", "writer")];
    if !needed.iter().all(|(table, column)| found.has(table, column)) {
        transaction.abandon().await;
        return Ok(None);
    }
    let tags = transaction.push(Statement::new(TAGS, Vec::new())).await?;
    let version = transaction.push(Statement::new(VERSION, Vec::new())).await?;
    let fence = transaction.push(fence::read(connector)).await?;
    let staging = transaction.push(Statement::new(STAGING, vec![connector.into()])).await?;
    let results = transaction.commit().await?;
    found.tags = results.rows(tags).texts().map(str::to_owned).collect();
    found.added_version = results.rows(version).first().and_then(Value::integer);
    if judge(&found).map_err(Trouble::Lasting)? != State::Complete {
        return Ok(None);
    }
    let staged = generations(results.rows(staging));
    Ok(Some(Part { fence: Fence::of(results.rows(fence)), staged }))
}

/// By resource, the staged generation, as [`STAGING`] reads them.
pub(crate) fn generations(rows: &Rows) -> BTreeMap<String, i64> {
    let generation = |row: &Vec<Value>| {
        Some((row.first()?.text()?.to_owned(), row.get(1).and_then(Value::integer)?))
    };
    rows.rows.iter().filter_map(generation).collect()
}

async fn columns(transaction: &mut Transaction<'_>) -> Result<Found, Trouble> {
    let mut found = Found::default();
    for row in transaction.read(Statement::new(COLUMNS, Vec::new())).await?.rows {
        let mut names = row.iter().filter_map(Value::text).map(str::to_owned);
        if let (Some(table), Some(column)) = (names.next(), names.next()) {
            found.columns.entry(table).or_default().insert(column);
        }
    }
    // The server's own.
    found.columns.remove("libsql_wasm_func_table");
    Ok(found)
}

async fn make_tables(link: &Link) -> Result<(), Trouble> {
    let mut transaction = Transaction::writing(link, None);
    match fill(&mut transaction).await {
        Ok(()) => transaction.commit().await.map(drop),
        Err(trouble) => {
            transaction.abandon().await;
            Err(trouble)
        }
    }
}

/// Creates what is missing. It looks again, now that nobody else can write.
async fn fill(transaction: &mut Transaction<'_>) -> Result<(), Trouble> {
    let mut found = columns(transaction).await?;
    if found.has("schema_migrations", "tag") {
        let rows = transaction.read(Statement::new(TAGS, Vec::new())).await?;
        found.tags = rows.texts().map(str::to_owned).collect();
    }
    if found.has("host_schema", "version") {
        let rows = transaction.read(Statement::new(VERSION, Vec::new())).await?;
        found.added_version = rows.first().and_then(Value::integer);
    }
    let state = judge(&found).map_err(Trouble::Lasting)?;
    if state == State::Empty {
        run(transaction, RAWDASH).await?;
        let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
        for tag in RAWDASH_TAGS {
            transaction.push(Statement::new(STORE_TAG, vec![tag.into(), now.into()])).await?;
        }
    }
    if state != State::Complete {
        run(transaction, ADDED).await?;
        transaction.push(Statement::new(STORE_VERSION, vec![ADDED_VERSION.into()])).await?;
    }
    transaction.push(Statement::new(fence::TABLE, Vec::new())).await?;
    Ok(())
}

/// Runs a script. No text in it has a semicolon.
async fn run(transaction: &mut Transaction<'_>, script: &str) -> Result<(), Trouble> {
    for sql in script.split(';').map(str::trim).filter(|sql| !sql.is_empty()) {
        transaction.push(Statement::new(sql, Vec::new())).await?;
    }
    Ok(())
}
