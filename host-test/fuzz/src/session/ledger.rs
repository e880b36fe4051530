//! Whether every event of a page of the log came, once its place was left.

use std::collections::HashSet;

use auth0_connector_core::auth0::log;
use auth0_connector_core::auth0::log_id::LogId;
use auth0_connector_core::auth0::reply::Reply;
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::json::anomalies::Anomalies;
use auth0_connector_core::rawdash::login_event;
use auth0_connector_core::rawdash::record::{Batch, Records};
use auth0_connector_core::sync::checkpoint::Checkpoint;

/// The last page of the log that was asked for.
#[derive(Default)]
pub(super) struct Ledger(Option<Page>);

struct Page {
    ticket: u64,
    from: LogId,
    /// Where the log is read on from, once the page is taken.
    last: Option<LogId>,
    /// The events on it that are still to be stored.
    missing: HashSet<String>,
}

impl Ledger {
    pub(super) fn sent(&mut self, ticket: u64, request: &Request) {
        if let Request::Logs { from, .. } = request {
            let (from, missing) = (from.clone(), HashSet::new());
            self.0 = Some(Page { ticket, from, last: None, missing });
        }
    }

    pub(super) fn came(&mut self, ticket: u64, reply: &Reply) {
        let Some(page) = self.0.as_mut().filter(|page| page.ticket == ticket) else { return };
        let Reply::Whole(head, body) = reply else { return };
        let Ok(body) = std::str::from_utf8(body) else { return };
        if !(200..300).contains(&head.status) {
            return;
        }
        let ignored = &mut Anomalies::default();
        for row in log::read_page(body).unwrap_or_default().into_iter().flatten() {
            page.last = row.id(ignored).or_else(|| page.last.take());
            page.missing.extend(login_event::event(&row, ignored).map(|event| event.id));
        }
    }

    pub(super) fn stored(&mut self, batches: &[Batch]) {
        let Some(page) = &mut self.0 else { return };
        for batch in batches {
            if let Records::Events(events) = &batch.records {
                events.iter().for_each(|event| {
                    page.missing.remove(&event.id);
                });
            }
        }
    }

    /// Judges by where the checkpoint reads the log on.
    pub(super) fn check(&mut self, checkpoint: &Checkpoint) {
        let Some(page) = &self.0 else { return };
        let Some(last) = page.last.as_ref().filter(|last| last.is_after(&page.from)) else {
            return;
        };
        let left = match checkpoint.events.request() {
            Some(Request::Logs { from, .. }) => from == *last,
            Some(_) => false,
            None => true,
        };
        if left {
            assert!(page.missing.is_empty(), "lost: {:?}", page.missing);
            self.0 = None;
        }
    }
}
