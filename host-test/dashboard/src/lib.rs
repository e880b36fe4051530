//! One page about a connector: users, logins, failures and sign-ups, the newest
//! events, and how fresh each resource is.
//!
//! It reads only the tables that rawdash itself has, so it shows what any writer
//! stored. The way of a page, in reading order: `database` opens the file,
//! `queries` turns it into a [`Snapshot`], [`page()`] turns that into HTML with the
//! help of `chart`, and [`serve`] answers browsers on this machine.

mod chart;
mod database;
mod day;
mod html;
mod page;
mod queries;
mod server;
pub mod snapshot;

pub use database::ReadError;
pub use page::{CONTENT_SECURITY_POLICY, failure, page};
pub use server::{Shown, bind, serve};
pub use snapshot::Snapshot;

use std::path::Path;

use time::OffsetDateTime;

/// Reads what the page shows of `connector` (rawdash's `connector_id`) from the
/// database at `path`, which is opened for this and closed again.
///
/// A process that itself writes the database must not call this: on Unix, whoever closes
/// a file loses the locks that the process has on it.
///
/// # Errors
/// [`ReadError`] when the file cannot be read. A file that lacks tables, or has none
/// at all, can be.
pub fn read(path: &Path, connector: &str, now: OffsetDateTime) -> Result<Snapshot, ReadError> {
    database::with_reader(path, |reader| queries::snapshot(reader, path, connector, now))
}
