//! How fresh a connector is, as rawdash reads it.
//!
//! rawdash's `sync_state`, one row for the whole installation, says since when all of it
//! is fresh: from when its least fresh connector is. What rawdash's server has under way
//! or has failed at stays: that belongs to the server.

use rusqlite::Transaction;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use rawdash_host::storage::StorageError;

/// JavaScript's `toISOString`, as rawdash writes and parses its times.
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// An instant as rawdash writes it.
pub(super) fn iso(at: OffsetDateTime) -> Result<String, StorageError> {
    at.to_offset(UtcOffset::UTC).format(ISO).map_err(|error| StorageError::Unavailable {
        message: format!("the time {at} cannot be written as rawdash does: {error}"),
    })
}

/// Reports that everything of a connector is fresh from this instant on; `backfill` says
/// that all of it was read.
pub(super) fn report(
    transaction: &Transaction<'_>,
    connector: &str,
    at: &str,
    backfill: bool,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO connector_sync_state (connector_id, last_sync_at, last_backfill_at)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (connector_id) DO UPDATE SET last_sync_at = excluded.last_sync_at,
             last_backfill_at = coalesce(excluded.last_backfill_at, last_backfill_at)",
        (connector, at, backfill.then_some(at)),
    )?;
    transaction.execute(
        "UPDATE sync_state SET status = 'succeeded', last_error = NULL,
             last_sync_at = max(coalesce(last_sync_at, ''), least)
         FROM (SELECT min(coalesce(last_sync_at, '')) AS least FROM connector_sync_state)
         WHERE id = 1 AND status IN ('idle', 'succeeded') AND least <> ''",
        [],
    )?;
    Ok(())
}
