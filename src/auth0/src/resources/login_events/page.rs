//! The rows of one page of the log.

use rawdash_connector_sdk::contract::batch::Warning;
use rawdash_connector_sdk::contract::records::Event;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::time::timestamp::Timestamp;

use crate::api::log::LogRow;
use crate::records::login_event;
use crate::resources::Shared;
use crate::resources::users::deletions;

/// What the rows of one page amount to.
pub(super) struct PageOfRows {
    /// When the last row happened whose time can be read, whatever its type.
    pub(super) last_at: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) warnings: Vec<Warning>,
    pub(super) anomalies: Anomalies,
}

impl PageOfRows {
    /// Reads the rows of a page that begins behind a position of about `known`.
    pub(super) fn read(
        rows: &[Option<LogRow<'_>>],
        known: Timestamp,
        types: &[String],
        shared: &mut Shared,
    ) -> PageOfRows {
        let seen_at = |at: usize| {
            let mut until = rows.get(..=at).unwrap_or(rows).iter().rev().flatten();
            until.find_map(LogRow::at).unwrap_or(known)
        };
        let mut page = PageOfRows {
            last_at: seen_at(rows.len()),
            events: Vec::with_capacity(rows.len()),
            warnings: Vec::new(),
            anomalies: Anomalies::default(),
        };
        for (at, row) in rows.iter().enumerate() {
            let Some(row) = row else {
                page.anomalies.count("a row", "is not an object");
                continue;
            };
            let Some(kind) = row.kind() else { continue };
            page.events.extend(login_event::event(row, &kind, types, &mut page.anomalies));
            if *kind == *deletions::DELETED
                && let Some(overflow) =
                    deletions::nominate(&mut shared.deletions, row, || seen_at(at))
            {
                shared.doubt();
                page.warnings.push(overflow);
            }
        }
        page
    }
}
