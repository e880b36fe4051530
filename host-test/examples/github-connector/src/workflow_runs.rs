//! Workflow runs: events that begin as queued and end as completed.

use rawdash_connector_sdk::prelude::*;
use serde::Deserialize;

use crate::{GitHub, OVERLAP, User};

/// GitHub cancels what is not completed after this time.
const LONGEST: Milliseconds = 35 * DAY;

pub(crate) struct WorkflowRuns;

#[derive(Deserialize)]
struct Rows {
    total_count: usize,
    workflow_runs: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: u64,
    name: Option<String>,
    event: String,
    head_branch: Option<String>,
    status: String,
    conclusion: Option<String>,
    actor: Option<User>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The runs of the span that were created until a time, the newest first.
fn path(github: &GitHub, span: &Span, until: Timestamp) -> String {
    let since = span.since.unwrap_or(Timestamp::EPOCH);
    let created = encode(&format!("{since}..{until}"));
    github.list("actions/runs", &format!("created={created}"))
}

impl Listing for WorkflowRuns {
    type Connector = GitHub;
    const OVERLAP: Option<Milliseconds> = OVERLAP;
    const REPLACES_EVENTS: bool = true;

    fn info(&self) -> ResourceInfo {
        let endpoint = "GET /repos/{owner}/{repo}/actions/runs";
        ResourceInfo::new("github_workflow_run", Shape::Event, endpoint, "Runs of workflows.")
            .setting("workflow_runs")
            .scope("actions:read")
            .fields(&[
                ("name", "The workflow's name, or null."),
                ("event", "What triggered it."),
                ("branch", "The branch, or null."),
                ("status", "queued, in_progress or completed, among others."),
                ("conclusion", "success or failure, among others; null until it is completed."),
                ("actor", "Who triggered it, or null."),
            ])
    }

    fn first(&self, github: &GitHub, span: &Span) -> String {
        path(github, span, span.until)
    }

    fn read(&self, github: &GitHub, span: &Span, answer: &Answer) -> Option<Page> {
        let Rows { total_count, workflow_runs: rows } = answer.json()?;
        let longest = span.until.earlier_by(LONGEST);
        let open = rows.iter().filter(|row| row.status != "completed" && row.created_at > longest);
        let open = open.map(|row| row.created_at).min();
        let next = match Window::around(rows.iter().map(|row| row.created_at)) {
            // GitHub lists 1000 at most, and a run that is deleted shifts the pages:
            // the rest is a list of its own.
            Some(page) if rows.len() < total_count && page.start < page.end => {
                Next::At(path(github, span, page.start))
            }
            _ => Next::Link,
        };
        let events = rows.into_iter().map(event).collect();
        Some(Page::of(Records::Events(events)).followed_by(next).open_since(open))
    }
}

fn event(row: Row) -> Event {
    let attributes = json!({
        "name": row.name, "event": row.event, "branch": row.head_branch,
        "status": row.status, "conclusion": row.conclusion,
        "actor": row.actor.map(|actor| actor.login),
    });
    let end = (row.status == "completed").then_some(row.updated_at);
    Event { id: row.id.to_string(), start: row.created_at, end, attributes: attributes.to_string() }
}
