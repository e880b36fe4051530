//! A repository at GitHub: pull requests, their reviews, and workflow runs.

mod pull_requests;
mod reviews;
mod workflow_runs;

use rawdash_connector_sdk::prelude::*;
use serde::Deserialize;

const HOST: &str = "api.github.com";
/// Changes that GitHub lists late are read by the next run.
const OVERLAP: Option<Milliseconds> = Some(5 * MINUTE);

/// The configured connector.
#[derive(Debug)]
pub struct GitHub {
    host: Option<Host>,
    owner: String,
    repository: String,
    token: Header,
    resources: Vec<String>,
}

rawdash_connector_sdk::export!(GitHub);

impl Configuration for GitHub {
    const TITLE: &'static str = "GitHub";
    const DESCRIPTION: &'static str = "A repository at GitHub.";

    fn declare(form: &mut Form<'_>) -> GitHub {
        GitHub {
            host: form.host("host", "the API's host").such_as("api.acme.ghe.com").optional(),
            owner: form.text("owner", "the owner").of_letters_and("._-").required(),
            repository: form.text("repository", "the repository").of_letters_and("._-").required(),
            token: Header::bearer(form.secret("token", "a fine-grained token").required()),
            resources: form.resources::<GitHub>(),
        }
    }
}

impl Connector for GitHub {
    type Shared = ();

    fn identity() -> Identity {
        Identity {
            id: "github",
            name: "GitHub",
            version: env!("CARGO_PKG_VERSION"),
            description: env!("CARGO_PKG_DESCRIPTION"),
            origins: vec![format!("https://{{/host|{HOST}}}")],
            configuration_schema: config::schema::<GitHub>(),
            documentation: Documentation::new(
                "engineering",
                "Pull requests, reviews and workflow runs.",
                ("GitHub", "github.com"),
                "A fine-grained token that may read Actions and Pull requests.",
                &["Open Settings, Developer settings, Fine-grained tokens, and generate one."],
            ),
            user_agent: concat!("rawdash-connector-github/", env!("CARGO_PKG_VERSION")),
        }
    }

    fn resources() -> Vec<Listed<GitHub>> {
        vec![
            listing(pull_requests::PullRequests),
            nested(reviews::Reviews),
            listing(workflow_runs::WorkflowRuns),
        ]
    }

    fn configure(text: &str, secrets: Secrets<'_>) -> Result<GitHub, Vec<Issue>> {
        config::read(text, secrets)
    }

    fn allows(&self, resource: &ResourceInfo) -> bool {
        resource.setting.as_ref().is_some_and(|setting| self.resources.contains(setting))
    }

    fn host(&self) -> &str {
        self.host.as_ref().map_or(HOST, Host::as_str)
    }

    fn source(&self) -> String {
        format!("{}/{}/{}", self.host(), self.owner, self.repository)
    }

    fn authentication(&mut self) -> &mut dyn Authentication {
        &mut self.token
    }

    /// Both of GitHub's limits come as a 403: the primary with nothing remaining,
    /// the secondary with a pause, or only with words.
    fn judge(&self, resource: &ResourceInfo, _: &Request, answer: &Answer) -> Verdict {
        let head = &answer.head;
        let limited = head.header("retry-after").is_some()
            || head.header("x-ratelimit-remaining") == Some("0")
            || answer.body.contains("rate limit");
        match head.status {
            403 if limited => Verdict::Limited,
            status => Verdict::by_status(resource, status),
        }
    }
}

impl GitHub {
    /// Path and query of a list of the repository.
    fn list(&self, list: &str, query: &str) -> String {
        format!("/repos/{}/{}/{list}?per_page=100&{query}", self.owner, self.repository)
    }
}

/// An account; null where it was deleted.
#[derive(Deserialize)]
struct User {
    login: String,
}
