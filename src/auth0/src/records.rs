//! The records that rawdash stores, and how rows of Auth0 become them. Nothing
//! here knows how a run proceeds.

pub mod daily_active_users;
pub mod login_event;
pub mod user;

use rawdash_connector_sdk::json::Text;
use rawdash_connector_sdk::json::anomalies::Anomalies;
use rawdash_connector_sdk::json::cell::Cell;

/// Bytes of one string. A longer one is not a name, address or id; and a host
/// refuses a record of a megabyte, and with it the page.
const LONGEST_TEXT: usize = 32 * 1024;

/// A string that an attribute can hold.
fn text<'a>(cell: Cell<'a>, what: &'static str, anomalies: &mut Anomalies) -> Option<Text<'a>> {
    let text = cell.text(what, anomalies)?;
    if text.len() > LONGEST_TEXT {
        anomalies.count(what, "is too long");
        return None;
    }
    Some(text)
}

#[cfg(test)]
mod reference;
