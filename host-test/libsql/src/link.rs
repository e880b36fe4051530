//! Requests to the server, and what their failures mean.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use rawdash_host::redaction::Redaction;
use rawdash_host::storage::StorageError;
use rawdash_host::transport::{ServerAddress, ServerClient, ServerFailure};
use tokio::time::Instant;

use crate::hrana::{Answer, Failure, PATH, Pipeline};
use crate::server::Patience;

/// The first pause between two attempts; each further one is twice as long, up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Why something was not done.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Another attempt may succeed. Whether this one did may be unknown. A clause that
    /// follows the server's address.
    Passing(String),
    /// Another attempt would fail too. A clause likewise.
    Lasting(String),
    /// Another writer has advanced the fence.
    FenceLost,
    /// The batch is at fault.
    Refused(StorageError),
}

/// The way to a server. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Link(Arc<Inner>);

struct Inner {
    client: ServerClient,
    address: ServerAddress,
    token: Option<HeaderValue>,
    redaction: Redaction,
    patience: Patience,
}

impl Link {
    pub(crate) fn new(
        client: ServerClient,
        address: ServerAddress,
        token: Option<HeaderValue>,
        redaction: Redaction,
        patience: Patience,
    ) -> Link {
        Link(Arc::new(Inner { client, address, token, redaction, patience }))
    }

    pub(crate) fn address(&self) -> &ServerAddress {
        &self.0.address
    }

    /// The attempts of one step.
    pub(crate) fn attempts(&self) -> Attempts {
        Attempts { end: Instant::now() + self.0.patience.outage, pause: FIRST_PAUSE }
    }

    /// Sends one request. The server's `base_url` is not followed: the token is for the
    /// server that the operator named.
    pub(crate) async fn send(&self, pipeline: &Pipeline<'_>) -> Result<Answer, Trouble> {
        let Inner { client, token, patience, .. } = &*self.0;
        let body = serde_json::to_vec(pipeline);
        let body =
            body.map_err(|error| Trouble::Lasting(format!("cannot be written to: {error}")))?;
        let (status, body) =
            client.post(PATH, token.as_ref(), body, patience.answer).await.map_err(|failure| {
                let said = self.redacted(&failure.to_string());
                Trouble::Passing(match failure {
                    ServerFailure::Unreachable(_) => format!("is not reachable ({said})"),
                    ServerFailure::Unanswered(_) => format!("does not answer ({said})"),
                })
            })?;
        if status != StatusCode::OK {
            return Err(self.refusal(status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| {
            Trouble::Lasting(format!("is not a libSQL server: its answer is not Hrana ({error})"))
        })
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> Trouble {
        let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
        let said = self.redacted(&failure.message);
        let said = if said.is_empty() { status.to_string() } else { format!("{status}: {said}") };
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::Lasting(format!(
                "refuses the token ({said}): set RAWDASH_DB_TOKEN, or RAWDASH_DB_TOKEN_FILE, to a \
                 token that may write"
            )),
            StatusCode::NOT_FOUND => Trouble::Lasting(format!(
                "has no such database ({said}): create it, or correct the address"
            )),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Trouble::Passing(format!("answers {said}"))
            }
            status if status.is_server_error() || is_passing(&failure) => {
                Trouble::Passing(format!("answers {said}"))
            }
            _ => Trouble::Lasting(format!("refuses a request ({said})")),
        }
    }

    /// What an error of a statement means.
    pub(crate) fn trouble(&self, failure: &Failure) -> Trouble {
        let said = self.redacted(&failure.message);
        let code = failure.code.as_deref().unwrap_or_default();
        if is_passing(failure) {
            return Trouble::Passing(format!("is locked by another program ({said})"));
        }
        if code.starts_with("SQLITE_FULL") {
            return Trouble::Lasting(format!("has no room ({said}): free some space"));
        }
        Trouble::Lasting(format!("failed ({said})"))
    }

    /// The storage's error for what no further attempt is made at.
    pub(crate) fn error(&self, trouble: Trouble) -> StorageError {
        match trouble {
            Trouble::Passing(said) => {
                self.unavailable(&format!("{said}: what was stored stays; sync again later"))
            }
            Trouble::Lasting(said) => self.unavailable(&said),
            Trouble::Refused(error) => error,
            Trouble::FenceLost => self.unavailable("was changed by another writer: sync again"),
        }
    }

    /// The storage's error, with a clause that follows the address.
    pub(crate) fn unavailable(&self, clause: &str) -> StorageError {
        StorageError::Unavailable { message: format!("the database {} {clause}", self.address()) }
    }

    fn redacted(&self, text: &str) -> String {
        // It is the server's, so nothing in it may move a terminal's cursor.
        let one_line: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
        self.0.redaction.apply(&one_line)
    }
}

/// Whether it is a lock, or a transaction that took too long while others waited.
fn is_passing(failure: &Failure) -> bool {
    let code = failure.code.as_deref().unwrap_or_default();
    let passing = ["SQLITE_BUSY", "SQLITE_LOCKED", "TRANSACTION_", "STREAM_EXPIRED"];
    passing.iter().any(|begin| code.starts_with(begin))
}

/// Decides whether there is another attempt.
pub(crate) struct Attempts {
    end: Instant,
    pause: Duration,
}

impl Attempts {
    /// Waits before the next attempt; `false` if there is none.
    pub(crate) async fn again(&mut self) -> bool {
        if Instant::now() + self.pause > self.end {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}
