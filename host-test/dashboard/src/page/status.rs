//! The line below the title: is what follows up to date?

use crate::day::ago;
use crate::html::{Html, shortened};
use crate::snapshot::{Found, Moment, Numbers, ResourceState, Server, Snapshot, is_recent};

const INCOMPLETE: &str = "incomplete";

/// Writes it.
pub(super) fn write(html: &mut Html, snapshot: &Snapshot) {
    let Found::Connector(numbers) = &snapshot.found else { return };
    html.element("p", &[("class", &"status")], |html| {
        let (class, word) = verdict(numbers, snapshot.taken);
        badge(html, class, word);
        match numbers.sync.last_sync {
            Some(at) => {
                html.text(format!("Last complete sync {}: ", ago(at, snapshot.taken)));
                time(html, at);
                html.text(" UTC.");
            }
            None => html.text("No sync has completed yet."),
        }
        if word == INCOMPLETE && numbers.sync.last_sync.is_some() {
            html.text(" Some rows are newer.");
        }
        match numbers.sync.last_full {
            Some(at) if numbers.sync.last_full != numbers.sync.last_sync => {
                html.text(format!(" Last full sync {}.", ago(at, snapshot.taken)));
            }
            _ => {}
        }
    });
    match &numbers.sync.server {
        Server::Idle => {}
        Server::Busy => html.line("p", "notice", "rawdash’s own server reports a sync under way."),
        Server::Failed { error } => html.element("p", &[("class", &"notice")], |html| {
            html.text("The last sync of rawdash’s own server failed: ");
            html.element("bdi", &[], |html| html.text(shortened(error, 500)));
        }),
    }
}

/// The worst of what is known of the resources that have rows and of the syncs.
fn verdict(numbers: &Numbers, now: Moment) -> (&'static str, &'static str) {
    let states = numbers.resources.iter().map(|resource| resource.state(&numbers.sync, now));
    let states: Vec<ResourceState> = states.collect();
    if states.iter().any(|state| matches!(state, ResourceState::Stale(_))) {
        ("bad", "stale")
    } else if states.iter().all(|state| *state == ResourceState::NoRows) {
        ("fair", "no rows")
    } else if is_incomplete(numbers, now) {
        ("fair", INCOMPLETE)
    } else {
        ("good", "fresh")
    }
}

/// Whether rows are newer than a sync that completed.
fn is_incomplete(numbers: &Numbers, now: Moment) -> bool {
    !numbers.sync.last_sync.is_some_and(|at| is_recent(at, now))
}

/// A word that stands out.
pub(super) fn badge(html: &mut Html, class: &'static str, word: &'static str) {
    html.element("strong", &[("class", &format_args!("badge {class}"))], |html| html.text(word));
    html.text(" ");
}

/// A moment, for people and programs.
pub(super) fn time(html: &mut Html, at: Moment) {
    match at.iso() {
        Some(iso) => html.element("time", &[("datetime", &iso)], |html| html.text(at)),
        None => html.text(at),
    }
}
