//! How fresh a connector is, as rawdash reads it.
//!
//! rawdash's `sync_state`, one row for the whole installation, says since when all of it
//! is fresh: from when its least fresh connector is. What rawdash's server has under way
//! or has failed at stays: that belongs to the server.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use rawdash_host::storage::StorageError;

/// JavaScript's `toISOString`, as rawdash writes and parses its times.
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// An instant as rawdash writes it.
///
/// # Errors
/// [`StorageError::Unavailable`] for a time without a year of four digits.
pub fn iso(at: OffsetDateTime) -> Result<String, StorageError> {
    at.to_offset(UtcOffset::UTC).format(ISO).map_err(|error| StorageError::Unavailable {
        message: format!("the time {at} cannot be written as rawdash does: {error}"),
    })
}

/// Stores that everything of a connector is fresh from the instant `?2` on, and, where all
/// of it was read, that it was at `?3`.
pub const REPORT_CONNECTOR: &str =
    "INSERT INTO connector_sync_state (connector_id, last_sync_at, last_backfill_at)
     VALUES (?1, ?2, ?3)
     ON CONFLICT (connector_id) DO UPDATE SET last_sync_at = excluded.last_sync_at,
         last_backfill_at = coalesce(excluded.last_backfill_at, last_backfill_at)";

/// Stores what follows from that for the installation. It has no parameters.
pub const REPORT_INSTALLATION: &str =
    "UPDATE sync_state SET status = 'succeeded', last_error = NULL,
         last_sync_at = max(coalesce(last_sync_at, ''), least)
     FROM (SELECT min(coalesce(last_sync_at, '')) AS least FROM connector_sync_state)
     WHERE id = 1 AND status IN ('idle', 'succeeded') AND least <> ''";
