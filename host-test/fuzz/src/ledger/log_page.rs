//! Whether every event of a page of the log is stored, once its place was left.

use std::collections::HashSet;

use auth0_connector::api::log;
use auth0_connector::api::log_id::LogId;
use auth0_connector::records::login_event;
use rawdash_connector_sdk::contract::batch::Batch;
use rawdash_connector_sdk::contract::records::Records;
use rawdash_connector_sdk::http::reply::Reply;
use rawdash_connector_sdk::json::anomalies::Anomalies;

/// The last page of the log that was requested.
#[derive(Debug, Default)]
pub(crate) struct LogPage(Option<Requested>);

#[derive(Debug)]
struct Requested {
    ticket: u64,
    from: LogId,
    /// Where the log is read on from, once the page is taken.
    last: Option<LogId>,
    /// The events on it that are still to be stored.
    missing: HashSet<String>,
    /// Whether the sync that requested it is under way.
    is_awaited: bool,
}

impl LogPage {
    /// The log is requested from a position on: where that is behind the page
    /// before, by this instance or another, its events are stored.
    pub(crate) fn sent(&mut self, ticket: u64, from: &LogId) {
        if let Some(page) = &self.0
            && page.last() == Some(from)
        {
            page.check();
        }
        let (from, missing) = (from.clone(), HashSet::new());
        self.0 = Some(Requested { ticket, from, last: None, missing, is_awaited: true });
    }

    /// The sync failed, or the instance is dropped: the page is requested again, or
    /// another one is if the tenant refuses that.
    pub(crate) fn leave_sync(&mut self) {
        if let Some(page) = &mut self.0 {
            page.is_awaited = false;
        }
    }

    /// The run over the log is complete.
    pub(crate) fn ended(&mut self) {
        if let Some(page) = self.0.take()
            && page.is_awaited
            && page.last().is_some()
        {
            page.check();
        }
    }

    /// The answer to a request arrived.
    pub(crate) fn received(&mut self, ticket: u64, reply: &Reply, types: &[String]) {
        let Some(page) = self.0.as_mut().filter(|page| page.is_awaited && page.ticket == ticket)
        else {
            return;
        };
        let Reply::Answer(answer) = reply else { return };
        if !answer.head.is_success() {
            return;
        }
        let ignored = &mut Anomalies::default();
        for row in log::read_page(&answer.body).unwrap_or_default().into_iter().flatten() {
            page.last = row.id(ignored).or_else(|| page.last.take());
            let event = row.kind().and_then(|kind| login_event::event(&row, &kind, types, ignored));
            page.missing.extend(event.map(|event| event.id));
        }
    }

    /// Records were stored.
    pub(crate) fn stored(&mut self, batches: &[Batch]) {
        let Some(page) = &mut self.0 else { return };
        for batch in batches {
            if let Records::Events(events) = &batch.records {
                events.iter().for_each(|event| {
                    page.missing.remove(&event.id);
                });
            }
        }
    }
}

impl Requested {
    /// The row behind which the log is read on, if the page has one.
    fn last(&self) -> Option<&LogId> {
        self.last.as_ref().filter(|last| last.is_after(&self.from))
    }

    fn check(&self) {
        assert!(self.missing.is_empty(), "lost: {:?}", self.missing);
    }
}
