//! Reviews: from a pull request to each user whose last review was not dismissed.

use std::collections::BTreeMap;

use rawdash_connector_sdk::prelude::*;
use serde::Deserialize;

use crate::{GitHub, OVERLAP, User, pull_requests};

pub(crate) struct Reviews;

/// The reviews of a pull request so far: state and time by reviewer.
type Reviewers = BTreeMap<String, (String, Timestamp)>;

#[derive(Deserialize)]
struct Row {
    user: Option<User>,
    state: String,
    submitted_at: Option<Timestamp>,
}

impl Nested for Reviews {
    type Connector = GitHub;
    const OVERLAP: Option<Milliseconds> = OVERLAP;
    type Child = (u64, Reviewers);

    fn info(&self) -> ResourceInfo {
        let endpoint = "GET /repos/{owner}/{repo}/pulls/{number}/reviews";
        ResourceInfo::new("github_review", Shape::Edge, endpoint, "Who reviewed a pull request.")
            .setting("reviews")
            .scope("pull_requests:read")
            .fields(&[("state", "APPROVED, CHANGES_REQUESTED or COMMENTED.")])
    }

    fn first(&self, github: &GitHub, span: &Span) -> String {
        pull_requests::PullRequests.first(github, span)
    }

    fn parents(
        &self,
        github: &GitHub,
        span: &Span,
        answer: &Answer,
    ) -> Option<Parents<Self::Child>> {
        let (rows, next) = pull_requests::rows(span, answer)?;
        let child = |number| {
            (github.list(&format!("pulls/{number}/reviews"), ""), (number, Reviewers::new()))
        };
        Some((rows.into_iter().map(|row| child(row.number)).collect(), next))
    }

    fn read(&self, (_, reviewers): &mut Self::Child, answer: &Answer) -> Option<Next> {
        let rows: Vec<Row> = answer.json()?;
        for Row { user, state, submitted_at } in rows {
            let (Some(user), Some(at)) = (user, submitted_at) else { continue };
            // A comment takes no approval back.
            if state != "COMMENTED" || !reviewers.contains_key(&user.login) {
                reviewers.insert(user.login, (state, at));
            }
        }
        Some(Next::Link)
    }

    fn edges(&self, (number, mut reviewers): Self::Child) -> (Node, Vec<Edge>) {
        let from = Node::new(pull_requests::NAME, number.to_string());
        reviewers.retain(|_, (state, _)| state != "DISMISSED");
        let edge = |(login, (state, at))| {
            Edge::new(from.clone(), Node::new("github_user", login), at, json!({ "state": state }))
        };
        (from.clone(), reviewers.into_iter().map(edge).collect())
    }
}
