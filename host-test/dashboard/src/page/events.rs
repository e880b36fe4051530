//! The newest events.

use super::status::time;
use super::table::{Table, nothing};
use crate::html::Html;
use crate::snapshot::Event;

const TABLE: Table = Table {
    caption: "The newest first. Times are UTC.",
    heads: &["Time", "Event", "User", "Connection", "Address"],
};

/// Writes them.
pub(super) fn write(html: &mut Html, events: &[Event]) {
    if events.is_empty() {
        return;
    }
    html.element("section", &[], |html| {
        html.line("h2", "", "Newest events");
        TABLE.write(html, |html, table| {
            for event in events {
                table.row(html, |html, place| cell(html, event, place));
            }
        });
    });
}

fn cell(html: &mut Html, event: &Event, place: usize) {
    match place {
        0 => time(html, event.at),
        1 => kind(html, event),
        2 => user(html, event),
        3 => optional(html, event.connection.as_deref()),
        _ => optional(html, event.ip.as_deref()),
    }
}

/// What the log type means, where it is one of those that are stored by default.
fn kind(html: &mut Html, event: &Event) {
    let (class, meaning) = match event.log_type.as_deref() {
        Some("s") => ("done", "Login"),
        Some("f") => ("failed", "Failed login"),
        Some("fp") => ("failed", "Wrong password"),
        Some("fu") => ("failed", "Unknown user"),
        Some("seacft") => ("done", "Code exchange"),
        Some(other) => return html.foreign(other),
        None => return html.foreign(&event.resource),
    };
    html.line("span", class, meaning);
}

fn user(html: &mut Html, event: &Event) {
    match (&event.email, &event.user) {
        (Some(email), Some(user)) => html.element("div", &[("class", &"two")], |html| {
            html.foreign(email);
            html.element("small", &[], |html| html.foreign(user));
        }),
        (None, user) => optional(html, user.as_deref()),
        (Some(email), None) => html.foreign(email),
    }
}

fn optional(html: &mut Html, text: Option<&str>) {
    match text {
        Some(text) => html.foreign(text),
        None => nothing(html),
    }
}
