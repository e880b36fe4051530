//! What a connector implements.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::authentication::Authentication;
use crate::config::{Issue, Secrets};
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::manifest::{Identity, ResourceInfo};
use crate::http::rate_limit::RateLimit;
use crate::http::reply::{Answer, Head};
use crate::http::request::{Group, Request};
use crate::resource::Listed;

/// A connector, configured.
///
/// The value holds the configuration and the secrets; it is made by
/// [`Connector::configure`] and replaced by the next `configure`.
pub trait Connector: Sized + 'static {
    /// What resources leave for each other, kept in the checkpoint; `()` for
    /// most connectors.
    type Shared: Default + Serialize + DeserializeOwned;

    /// The manifest, without the resources.
    fn identity() -> Identity;

    /// The resources, in the manifest's order: one line for each, such as
    /// `listed(Users)`.
    fn resources() -> Vec<Listed<Self>>;

    /// Reads the configuration's JSON text; reports every issue at once.
    fn configure(configuration: &str, secrets: Secrets<'_>) -> Result<Self, Vec<Issue>>;

    /// Whether the configuration allows a resource.
    fn allows(&self, _resource: &ResourceInfo) -> bool {
        true
    }

    /// The resources that the configuration allows. Only a connector with dynamic
    /// names writes its own.
    fn configured(&self) -> Vec<Listed<Self>> {
        let mut all = Self::resources();
        all.retain(|resource| self.allows(&resource.info()));
        all
    }

    /// The host that requests go to, where they name no other.
    fn host(&self) -> &str;

    /// The origins that the configuration amounts to.
    fn origins(&self) -> Vec<String> {
        vec![format!("https://{}", self.host())]
    }

    /// Which source a checkpoint belongs to, by default the host. The checkpoint
    /// holds only a hash of it.
    fn source(&self) -> String {
        self.host().to_owned()
    }

    /// How requests are authenticated.
    fn authentication(&mut self) -> &mut dyn Authentication;

    /// How many groups of requests may have a rate limit of their own.
    fn groups() -> Group {
        1
    }

    /// The part of the rate limit that a sync may use, above 0 up to 1.
    fn rate_limit_share(&self) -> f64 {
        1.0
    }

    /// What an answer's headers say about the rate limit.
    fn rate_limit(&self, head: &Head) -> RateLimit {
        RateLimit::read(head)
    }

    /// What an answer means, before a resource reads it; by default what its
    /// status says.
    fn judge(&self, resource: &ResourceInfo, _request: &Request, answer: &Answer) -> Verdict {
        Verdict::by_status(resource, answer.head.status)
    }
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body should hold what was requested.
    Granted,
    /// The access token was refused: another one is requested. If the source
    /// refuses each of them, or none can be requested, this is the failure.
    TokenRefused(Failure),
    /// The rate limit was reached.
    Limited,
    /// The source took too long: requesting less may help.
    TooSlow,
    /// Unavailable for now: one clause that says what happened.
    Transient(String),
    /// The source refuses this request, and would again. The resource may know
    /// another way; else it fails with this failure.
    Refused(Failure),
    /// No resource can be read.
    Fatal(Failure),
}

impl Verdict {
    /// What a status means where the source keeps to the usual ones.
    pub fn by_status(resource: &ResourceInfo, status: u16) -> Verdict {
        let title = resource.title();
        match status {
            200..300 => Verdict::Granted,
            401 => {
                let message = "The source refused the credentials: check the configured secrets.";
                Verdict::TokenRefused(Failure::new(FailureKind::Authentication, message))
            }
            403 => {
                let scopes = resource.scopes.join(", ");
                let needed = if scopes.is_empty() { String::new() } else { format!(" ({scopes})") };
                let message = format!(
                    "The credentials do not permit reading {title}: grant what the source requires for it{needed}."
                );
                Verdict::Refused(Failure::new(FailureKind::Permission, message))
            }
            429 => Verdict::Limited,
            408 | 425 | 500.. => {
                Verdict::Transient(format!("the source answered with status {status}"))
            }
            _ => {
                let message = format!(
                    "The source refused a request for {title} with status {status}: check the configuration, or report this."
                );
                Verdict::Refused(Failure::new(FailureKind::Upstream, message))
            }
        }
    }
}
