//! A page of log rows, as the body of an answer.

use auth0_connector_core::auth0::reply::Head;
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::engine::timestamp::DAY;
use auth0_connector_core::json::anomalies::Anomalies;
use auth0_connector_core::sync::deletions::Deletions;
use auth0_connector_core::sync::events::Events;

use crate::batches::check_outcome;
use crate::requests::check_path;
use crate::tenant::noon;

/// Answers of the same page before the log must have been left.
const ANSWERS: usize = 32;

/// Reads the log from its oldest row on, with the same page for every answer,
/// then again a day later; and takes its deleted users for asked.
pub fn logs_page(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    let mut events = Events::default();
    let mut deletions = Deletions::default();
    for date in [noon(), noon().later_by(DAY)] {
        events.begin(date, None);
        for _ in 0..ANSWERS {
            let Some(request) = events.request() else { break };
            check_path(&request);
            let head = Head { status: 200, ..Head::default() };
            let odd = &mut Anomalies::default();
            match events.take(&head, body, date, &mut deletions, odd) {
                Some(brought) => check_outcome(&brought),
                None if events.shrink() || events.refuse() => {}
                None => break,
            }
            assert!(odd.summary().is_ascii());
        }
        deletions.begin();
        while let Some(request) = deletions.request() {
            check_path(&request);
            let Request::User(user_id) = &request else { break };
            let odd = &mut Anomalies::default();
            let brought = deletions
                .there(user_id, body, date, odd)
                .unwrap_or_else(|| deletions.gone(user_id, date));
            check_outcome(&brought);
        }
    }
}
