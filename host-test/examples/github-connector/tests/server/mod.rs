//! A scripted GitHub with one repository: lists with links from page to page, a
//! cap of 1000 on runs, and the secondary rate limit.

use rawdash_connector_sdk::http::reply::Reply;
use rawdash_connector_sdk::http::request::Request;
use rawdash_connector_sdk::script::{self, Source};
use serde_json::{Value, json};

/// The token.
pub(crate) const TOKEN: &str = "github_pat_1";

/// What GitHub lists at most of a span.
const MOST: usize = 1000;

/// A repository.
pub(crate) struct GitHub {
    pub(crate) pulls: Vec<Pull>,
    pub(crate) runs: Vec<Run>,
    /// Rows of a page, however many are requested.
    pub(crate) page: usize,
    /// The requests until the secondary rate limit is reached once.
    pub(crate) until_limited: Option<u32>,
}

pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) title: &'static str,
    pub(crate) created: String,
    pub(crate) updated: String,
    /// Reviewer, state, and when.
    pub(crate) reviews: Vec<(&'static str, &'static str, String)>,
}

pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) created: String,
    pub(crate) updated: String,
    pub(crate) conclusion: Option<&'static str>,
}

/// A time in December 2025.
pub(crate) fn december(day: u64, minute: u64) -> String {
    format!("2025-12-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

impl GitHub {
    /// Five pull requests and three runs, of which one is queued.
    pub(crate) fn small() -> GitHub {
        let pull = |number: u64, title, reviews: &[(&'static str, &'static str)]| Pull {
            number,
            title,
            created: december(number, 0),
            updated: december(number, 30),
            reviews: reviews
                .iter()
                .map(|(login, state)| (*login, *state, december(number, 20)))
                .collect(),
        };
        let run = |id: u64, conclusion| Run {
            id,
            created: december(id, 0),
            updated: december(id, 10),
            conclusion,
        };
        GitHub {
            pulls: vec![
                pull(1, "Begin", &[("ada", "APPROVED")]),
                pull(
                    2,
                    "Go on",
                    &[("ada", "CHANGES_REQUESTED"), ("ada", "APPROVED"), ("bob", "COMMENTED")],
                ),
                pull(3, "Undo", &[("bob", "DISMISSED")]),
                pull(4, "Redo", &[]),
                pull(5, "End", &[("ada", "APPROVED"), ("ada", "COMMENTED"), ("cy", "APPROVED")]),
            ],
            runs: vec![run(11, Some("success")), run(12, Some("failure")), run(13, None)],
            page: 2,
            until_limited: None,
        }
    }

    fn is_limited(&mut self) -> bool {
        let left = self.until_limited.map(|left| left.saturating_sub(1));
        self.until_limited = left.filter(|left| *left > 0);
        left == Some(0)
    }

    fn pulls(&self, query: &Query<'_>) -> Vec<Value> {
        let mut pulls: Vec<&Pull> = self.pulls.iter().collect();
        match query.value("sort") {
            Some("updated") => pulls.sort_by(|a, b| b.updated.cmp(&a.updated)),
            _ => pulls.sort_by(|a, b| a.created.cmp(&b.created)),
        }
        pulls.into_iter().map(Pull::row).collect()
    }

    fn runs(&self, query: &Query<'_>) -> Vec<Value> {
        let created = query.value("created").unwrap_or_default().replace("%3A", ":");
        let (from, to) = created.split_once("..").unwrap_or(("", "9999"));
        let within = |run: &&Run| run.created.as_str() >= from && run.created.as_str() <= to;
        let mut runs: Vec<&Run> = self.runs.iter().filter(within).collect();
        runs.sort_by(|a, b| b.created.cmp(&a.created));
        runs.into_iter().map(Run::row).collect()
    }

    /// A page of rows, with a link to the next.
    fn page(
        &self,
        request: &Request,
        query: &Query<'_>,
        rows: &[Value],
        name: Option<&str>,
    ) -> Reply {
        let number: usize = query.value("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let listed = rows.get(..MOST).unwrap_or(rows);
        let page: Vec<_> = listed.iter().skip((number - 1) * self.page).take(self.page).collect();
        let body = match name {
            Some(name) => json!({ "total_count": rows.len(), name: page }),
            None => json!(page),
        };
        let base = request.path.split("&page=").next().unwrap_or_default();
        let link = format!("<https://api.github.com{base}&page={}>; rel=\"next\"", number + 1);
        let headers = [("link", link.as_str())];
        let more = number * self.page < listed.len();
        script::answer(200, if more { &headers } else { &[] }, body)
    }
}

impl Source for GitHub {
    fn reply(&mut self, request: &Request) -> Reply {
        let bearer = ("authorization".to_owned(), format!("Bearer {TOKEN}"));
        if !request.headers.contains(&bearer) {
            return script::status(401);
        }
        if self.is_limited() {
            let body = json!({ "message": "You have exceeded a secondary rate limit." });
            return script::answer(403, &[("retry-after", "60")], body);
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let query = Query(query);
        let Some(path) = path.strip_prefix("/repos/acme/site/") else { return script::status(404) };
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["pulls"] => self.page(request, &query, &self.pulls(&query), None),
            ["pulls", number, "reviews"] => {
                let pull = self.pulls.iter().find(|pull| pull.number.to_string() == *number);
                let Some(pull) = pull else { return script::status(404) };
                self.page(request, &query, &pull.reviews(), None)
            }
            ["actions", "runs"] => {
                self.page(request, &query, &self.runs(&query), Some("workflow_runs"))
            }
            _ => script::status(404),
        }
    }
}

impl Pull {
    fn row(&self) -> Value {
        json!({
            "number": self.number, "title": self.title, "state": "open", "draft": false,
            "user": { "login": "ada" }, "created_at": self.created, "updated_at": self.updated,
            "merged_at": null,
        })
    }

    fn reviews(&self) -> Vec<Value> {
        let row = |(login, state, at): &(&str, &str, String)| json!({ "user": { "login": login }, "state": state, "submitted_at": at });
        self.reviews.iter().map(row).collect()
    }
}

impl Run {
    fn row(&self) -> Value {
        let status = if self.conclusion.is_some() { "completed" } else { "queued" };
        json!({
            "id": self.id, "name": "CI", "event": "push", "head_branch": "main",
            "status": status, "conclusion": self.conclusion, "actor": { "login": "ada" },
            "created_at": self.created, "updated_at": self.updated,
        })
    }
}

struct Query<'q>(&'q str);

impl Query<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(other, _)| *other == name).map(|(_, value)| value).next_back()
    }
}
