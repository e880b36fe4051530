//! What rawdash wants: records of its shapes, and how rows of Auth0 become
//! them. Nothing here knows how a run proceeds.

pub mod daily_active_users;
pub mod login_event;
pub mod record;
pub mod user;

use std::borrow::Cow;

use crate::auth0::cell::{Cell, Oddities};

/// Bytes of one text. What is longer is no name, address or id; and a host
/// refuses a record of a megabyte, and with it the page.
const LONGEST_TEXT: usize = 32 * 1024;

/// A text that an attribute can hold.
fn text<'a>(cell: Cell<'a>, what: &'static str, odd: &mut Oddities) -> Option<Cow<'a, str>> {
    let text = cell.text(what, odd)?;
    if text.len() > LONGEST_TEXT {
        odd.count(what, "is too long");
        return None;
    }
    Some(text)
}

#[cfg(test)]
mod reference;
