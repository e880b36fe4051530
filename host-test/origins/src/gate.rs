//! Which origins an egress lets through.

use serde_json::Value;

use super::origin::Origin;
use super::origin_error::OriginError;
use super::pattern::{OriginPattern, ResolvedOrigin};

/// Which origins an egress lets through.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// Whether those of the beginning stay, whoever may call [`open`](Self::open).
    fixed: bool,
    allowed: Vec<ResolvedOrigin>,
}

impl Gate {
    /// A gate for these origins, separated by white space, for good. Without any, it is
    /// closed until it is opened.
    ///
    /// # Errors
    /// The first that is not an origin without a pointer.
    pub fn new(origins: &str) -> Result<Gate, OriginError> {
        let allowed: Vec<_> = origins.split_whitespace().map(resolved).collect::<Result<_, _>>()?;
        Ok(Gate { fixed: !allowed.is_empty(), allowed })
    }

    /// Lets requests to these origins through, and no others.
    ///
    /// # Errors
    /// What is wrong, and nothing changes: one is not an origin without a pointer, or the
    /// gate was made with origins.
    pub fn open(&mut self, origins: &[String]) -> Result<(), String> {
        if self.fixed {
            return Err("the egress was built with EGRESS_ORIGINS, and opens no other origins; \
                        build it without"
                .to_owned());
        }
        let allowed = origins.iter().map(|origin| resolved(origin)).collect::<Result<_, _>>();
        self.allowed = allowed.map_err(|error: OriginError| error.to_string())?;
        Ok(())
    }

    /// Whether requests to the origin are let through.
    pub fn passes(&self, origin: &Origin) -> bool {
        self.allowed.iter().any(|allowed| allowed.allows(origin))
    }
}

/// What an origin without a pointer means: the same under every configuration.
fn resolved(text: &str) -> Result<ResolvedOrigin, OriginError> {
    let pattern: OriginPattern = text.parse()?;
    let resolved = match pattern.pointers().next() {
        Some(_) => None,
        None => pattern.resolve(&Value::Null)?,
    };
    let problem = "has a pointer, and there is no configuration";
    resolved.ok_or_else(|| OriginError::Pattern { text: text.to_owned(), problem })
}
