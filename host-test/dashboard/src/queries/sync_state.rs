//! What rawdash's tables say about syncs.

use rusqlite::OptionalExtension;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Reader, Table, text};
use crate::snapshot::{Moment, Server, SyncState};

/// Reads it.
pub(super) fn read(reader: Reader<'_>) -> rusqlite::Result<SyncState> {
    let mut state = SyncState::default();
    if reader.tables.has(Table::ConnectorSyncState) {
        let times = reader
            .connection
            .query_row(
                "SELECT last_sync_at, last_backfill_at FROM connector_sync_state
                 WHERE connector_id = ?1",
                [reader.connector],
                |row| Ok((text(row, 0)?, text(row, 1)?)),
            )
            .optional()?;
        if let Some((last_sync, last_full)) = times {
            state.last_sync = last_sync.as_deref().and_then(parsed);
            state.last_full = last_full.as_deref().and_then(parsed);
        }
    }
    if reader.tables.has(Table::SyncState) {
        let server = reader
            .connection
            .query_row("SELECT status, last_error FROM sync_state WHERE id = 1", [], |row| {
                Ok((text(row, 0)?, text(row, 1)?))
            })
            .optional()?;
        if let Some((Some(status), error)) = server {
            state.server = self::server(&status, error);
        }
    }
    Ok(state)
}

fn server(status: &str, error: Option<String>) -> Server {
    match status {
        "queued" | "running" => Server::Busy,
        "failed" => Server::Failed { error: error.unwrap_or_else(|| "no reason given".to_owned()) },
        _ => Server::Idle,
    }
}

/// A time as JavaScript's `toISOString` writes it.
fn parsed(text: &str) -> Option<Moment> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(Moment::of)
}
