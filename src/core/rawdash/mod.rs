//! The records that rawdash stores, and how rows of Auth0 become them. Nothing
//! here knows how a sync proceeds.

pub mod daily_active_users;
pub mod login_event;
pub mod record;
pub mod user;

use std::borrow::Cow;

use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;

/// Bytes of one string. A longer one is not a name, address or id; and a host
/// refuses a record of a megabyte, and with it the page.
const LONGEST_TEXT: usize = 32 * 1024;

/// A string that an attribute can hold.
fn text<'a>(cell: Cell<'a>, what: &'static str, anomalies: &mut Anomalies) -> Option<Cow<'a, str>> {
    let text = cell.text(what, anomalies)?;
    if text.len() > LONGEST_TEXT {
        anomalies.count(what, "is too long");
        return None;
    }
    Some(text)
}

#[cfg(test)]
mod reference;
