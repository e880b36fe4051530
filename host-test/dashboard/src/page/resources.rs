//! The state of each resource.

use super::status::{badge, time};
use super::table::{Table, nothing};
use crate::chart::grouped;
use crate::day::ago;
use crate::html::Html;
use crate::snapshot::{Moment, Numbers, Resource, ResourceState, Shape};

const TABLE: Table = Table {
    caption: "Fresh: read within the last 25 hours. A resource counts as read when a sync \
              completed, or at the time of its newest row.",
    heads: &["Resource", "State", "Last read", "Rows", "Newest row"],
};

/// Writes them.
pub(super) fn write(html: &mut Html, numbers: &Numbers, now: Moment) {
    html.element("section", &[], |html| {
        html.line("h2", "", "Resources");
        TABLE.write(html, |html, table| {
            for resource in &numbers.resources {
                let state = resource.state(&numbers.sync, now);
                table.row(html, |html, place| cell(html, resource, state, now, place));
            }
        });
    });
}

fn cell(html: &mut Html, resource: &Resource, state: ResourceState, now: Moment, place: usize) {
    match place {
        0 => html.element("div", &[("class", &"two")], |html| {
            html.foreign(&resource.name);
            html.line("small", "", shape(resource.shape));
        }),
        1 => match state {
            ResourceState::NoRows => badge(html, "fair", "no rows"),
            ResourceState::Unknown => badge(html, "fair", "incomplete"),
            ResourceState::Fresh(_) => badge(html, "good", "fresh"),
            ResourceState::Stale(_) => badge(html, "bad", "stale"),
        },
        2 => match state {
            ResourceState::Fresh(at) | ResourceState::Stale(at) => {
                html.line("span", "", ago(at, now))
            }
            ResourceState::NoRows | ResourceState::Unknown => nothing(html),
        },
        3 => html.line("span", "", grouped(resource.rows)),
        _ => match resource.newest {
            Some(at) => time(html, at),
            None => nothing(html),
        },
    }
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Entity => "entities",
        Shape::Event => "events",
        Shape::Metric => "metric",
        Shape::Edge => "edges",
        Shape::Distribution => "distributions",
    }
}
