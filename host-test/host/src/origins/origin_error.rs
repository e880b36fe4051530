//! Why an origin or a route cannot be used.

use std::fmt;

/// Why an origin or a route cannot be used. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// The manifest's text is not an origin.
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
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OriginError::Pattern { text, problem } => write!(
                f,
                "the manifest's origin {text:?} {problem}: it must be https:// and a host name, \
                 whose beginning may be {{/pointer}}"
            ),
            OriginError::Configuration { pointer, problem } => write!(
                f,
                "the configuration's {pointer} {problem}: it must be a host name, without scheme, \
                 port or path"
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
        }
    }
}

impl std::error::Error for OriginError {}
