//! The page: a snapshot to HTML. It has no script and loads nothing.

mod charts;
mod events;
mod resources;
mod status;
mod style;
mod table;
mod tiles;

use crate::html::Html;
use crate::snapshot::{Found, Numbers, Snapshot};

pub use style::CONTENT_SECURITY_POLICY;

/// The page about a snapshot.
pub fn page(snapshot: &Snapshot) -> String {
    document(&snapshot.connector, |html| {
        html.element("header", &[], |html| {
            html.element("h1", &[], |html| html.foreign(&snapshot.connector));
            status::write(html, snapshot);
        });
        html.element("main", &[], |html| match &snapshot.found {
            Found::NoTables => no_tables(html, snapshot),
            Found::NoConnector { others } => no_connector(html, snapshot, others),
            Found::Connector(numbers) => all(html, snapshot, numbers),
        });
        html.element("footer", &[], |html| {
            html.text("Read from ");
            html.foreign(&snapshot.file);
            html.text(format!(
                " at {} UTC. All times and days are UTC. Reload for newer numbers.",
                snapshot.taken
            ));
        });
    })
}

/// The page that says why there is none.
pub fn failure(connector: &str, message: &str) -> String {
    document(connector, |html| {
        html.element("header", &[], |html| {
            html.element("h1", &[], |html| html.foreign(connector));
            status::badge(html, "bad", "not readable");
        });
        html.element("main", &[], |html| {
            html.line("p", "notice", message);
            html.line("p", "notice", "Reload the page to try again.");
        });
    })
}

fn document(connector: &str, body: impl FnOnce(&mut Html)) -> String {
    let mut html = Html::default();
    html.markup("<!doctype html>\n");
    html.element("html", &[("lang", &"en")], |html| {
        html.element("head", &[], |html| {
            html.markup("<meta charset=\"utf-8\">");
            html.empty(
                "meta",
                &[
                    ("http-equiv", &"Content-Security-Policy"),
                    ("content", &CONTENT_SECURITY_POLICY),
                ],
            );
            html.markup(
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
                 <meta name=\"color-scheme\" content=\"light dark\">\
                 <meta name=\"referrer\" content=\"no-referrer\">",
            );
            let title = crate::html::shortened(connector, 80);
            html.element("title", &[], |html| html.text(format!("{title} · rawdash")));
            html.markup(style::ELEMENT);
        });
        html.element("body", &[], body);
    });
    html.markup("\n");
    html.into_text()
}

fn all(html: &mut Html, snapshot: &Snapshot, numbers: &Numbers) {
    if let Some(activity) = &numbers.activity {
        tiles::write(html, activity);
        charts::write(html, activity, snapshot.taken);
    }
    resources::write(html, numbers, snapshot.taken);
    events::write(html, &numbers.events);
}

fn no_tables(html: &mut Html, snapshot: &Snapshot) {
    html.element("p", &[("class", &"notice")], |html| {
        html.foreign(&snapshot.file);
        html.text(
            " has none of rawdash’s tables. Either nothing was synced into it yet, or it belongs \
             to another program.",
        );
    });
    how_to_sync(html);
}

fn no_connector(html: &mut Html, snapshot: &Snapshot, others: &[String]) {
    html.element("p", &[("class", &"notice")], |html| {
        html.foreign(&snapshot.file);
        html.text(" has no rows of a connector named ");
        html.foreign(&snapshot.connector);
        html.text(".");
    });
    if others.is_empty() {
        how_to_sync(html);
        return;
    }
    html.line("p", "", "It has rows of these. Name one of them with --name:");
    html.element("ul", &[], |html| {
        for other in others {
            html.element("li", &[], |html| html.foreign(other));
        }
    });
}

fn how_to_sync(html: &mut Html) {
    html.line("p", "", "A first sync fills it, and this page shows the rows as they arrive:");
    html.element("pre", &[], |html| {
        html.line("code", "", "rawdash-host sync --config auth0.json --db FILE");
    });
}

#[cfg(test)]
mod tests;
