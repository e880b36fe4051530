//! Pull requests: a full run replaces them, a latest one reads what changed.

use rawdash_connector_sdk::prelude::*;
use serde::Deserialize;

use crate::{GitHub, OVERLAP, User};

pub(crate) const NAME: &str = "github_pull_request";

pub(crate) struct PullRequests;

#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) number: u64,
    title: String,
    state: String,
    draft: Option<bool>,
    user: Option<User>,
    created_at: Timestamp,
    updated_at: Timestamp,
    merged_at: Option<Timestamp>,
}

/// The rows of a page that are of the span, and whether there may be more.
pub(crate) fn rows(span: &Span, answer: &Answer) -> Option<(Vec<Row>, Next)> {
    let mut rows: Vec<Row> = answer.json()?;
    let count = rows.len();
    rows.retain(|row| span.since.is_none_or(|since| row.updated_at >= since));
    let next = if rows.len() < count { Next::End } else { Next::Link };
    Some((rows, next))
}

impl Listing for PullRequests {
    type Connector = GitHub;
    const OVERLAP: Option<Milliseconds> = OVERLAP;

    fn info(&self) -> ResourceInfo {
        ResourceInfo::new(NAME, Shape::Entity, "GET /repos/{owner}/{repo}/pulls", "Pull requests.")
            .setting("pull_requests")
            .scope("pull_requests:read")
            .fields(&[
                ("title", "The title."),
                ("state", "open or closed."),
                ("draft", "Whether it is a draft."),
                ("author", "The author's login, or null."),
                ("createdAt", "The creation, in Unix milliseconds."),
                ("mergedAt", "The merge, in Unix milliseconds, or null."),
            ])
    }

    /// By creation, a walk misses nothing that changes meanwhile; by update, it can
    /// end where the last one began.
    fn first(&self, github: &GitHub, span: &Span) -> String {
        let order =
            if span.since.is_none() { "created&direction=asc" } else { "updated&direction=desc" };
        github.list("pulls", &format!("state=all&sort={order}"))
    }

    fn read(&self, _: &GitHub, span: &Span, answer: &Answer) -> Option<Page> {
        let (rows, next) = rows(span, answer)?;
        let entities = rows.into_iter().map(entity).collect();
        Some(Page::of(Records::Entities(entities)).followed_by(next).even_if_empty())
    }
}

fn entity(row: Row) -> Entity {
    let attributes = json!({
        "title": row.title, "state": row.state, "draft": row.draft.unwrap_or(false),
        "author": row.user.map(|user| user.login),
        "createdAt": row.created_at, "mergedAt": row.merged_at,
    });
    Entity::new(row.number.to_string(), row.updated_at, attributes)
}
