//! Why an origin or a route cannot be used.

use std::fmt;

/// Why an origin or a route cannot be used. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// The text of a manifest or a component is not an origin.
    Pattern {
        /// The text.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The configuration has no host name where the manifest points.
    Configuration {
        /// The JSON Pointer.
        pointer: String,
        /// What is wrong with the value.
        problem: &'static str,
    },
    /// The component names an origin that its manifest does not allow under the
    /// configuration.
    Beyond {
        /// The origin.
        origin: String,
        /// What the manifest declares.
        declared: Vec<String>,
    },
    /// The route cannot be read.
    Route {
        /// The route as it was written.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The route is for an origin that the manifest does not declare.
    UnknownRoute {
        /// The origin as it was written.
        origin: String,
        /// The declared ones.
        declared: Vec<String>,
    },
    /// The text is not a range of addresses.
    Range {
        /// The range as it was written.
        text: String,
    },
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OriginError::Pattern { text, problem } => write!(
                f,
                "the origin {text:?} {problem}: it must be https:// and a host name, in which a \
                 manifest may write labels as {{/pointer}}, {{/pointer|default}} or *"
            ),
            OriginError::Configuration { pointer, problem } => write!(
                f,
                "the configuration's {pointer} {problem}: it must be a host name, without scheme, \
                 port or path"
            ),
            OriginError::Beyond { origin, declared } => write!(
                f,
                "the component broke the contract: it names the origin {origin:?}, and its \
                 manifest allows only {} under this configuration",
                declared.join(", ")
            ),
            OriginError::Route { text, problem } => write!(
                f,
                "the route {text:?} {problem}: write ORIGIN=URL, as in \
                 https://api.example=http://127.0.0.1:8080"
            ),
            OriginError::UnknownRoute { origin, declared } => write!(
                f,
                "there is no origin {origin:?} to route: the manifest declares {}",
                declared.join(", ")
            ),
            OriginError::Range { text } => write!(
                f,
                "{text:?} is not a range of addresses: write an address or a CIDR range, as in \
                 10.1.2.3 or 10.1.0.0/16"
            ),
        }
    }
}

impl std::error::Error for OriginError {}
