//! What a manifest allows under a configuration.

use serde_json::Value;

use super::origin::Origin;
use super::origin_error::OriginError;
use super::pattern::{OriginPattern, ResolvedOrigin};

/// What a manifest allows under a configuration.
#[derive(Clone, Debug)]
pub struct OriginPolicy {
    patterns: Vec<(OriginPattern, Option<ResolvedOrigin>)>,
}

impl OriginPolicy {
    /// What the declared origins mean under a configuration.
    ///
    /// # Errors
    /// An origin that is none; a configuration that holds no host name where an
    /// origin points.
    pub fn new(declared: &[String], configuration: &Value) -> Result<OriginPolicy, OriginError> {
        let mut patterns = Vec::new();
        for text in declared {
            let pattern: OriginPattern = text.parse()?;
            let resolved = pattern.resolve(configuration)?;
            patterns.push((pattern, resolved));
        }
        Ok(OriginPolicy { patterns })
    }

    /// Whether the origin may be reached.
    pub fn allows(&self, origin: &Origin) -> bool {
        self.patterns.iter().any(|(_, resolved)| allows(resolved.as_ref(), origin))
    }

    /// Whether it allows no origin at all, because the configuration holds nothing
    /// where the declared ones point.
    pub fn allows_nothing(&self) -> bool {
        self.patterns.iter().all(|(_, resolved)| resolved.is_none())
    }

    /// The origins that it allows by name: those without an open label.
    pub fn origins(&self) -> Vec<String> {
        let resolved = self.patterns.iter().filter_map(|(_, resolved)| resolved.as_ref());
        let text = |resolved: &ResolvedOrigin| resolved.to_string();
        resolved.map(text).filter(|origin| !origin.contains('*')).collect()
    }

    /// Whether the configuration lacks what a declared origin points to, so that it
    /// allows nothing.
    pub fn is_partial(&self) -> bool {
        self.patterns.iter().any(|(_, resolved)| resolved.is_none())
    }

    /// Whether the text is one of the declared origins, as the manifest writes it.
    pub fn declares(&self, text: &str) -> bool {
        self.patterns.iter().any(|(pattern, _)| pattern.to_string() == text)
    }

    /// Whether the declared origin of this text allows the origin.
    pub fn allows_by(&self, text: &str, origin: &Origin) -> bool {
        self.patterns.iter().any(|(pattern, resolved)| {
            pattern.to_string() == text && allows(resolved.as_ref(), origin)
        })
    }

    /// The origins that a component names under the configuration.
    ///
    /// # Errors
    /// One that is none, or that the policy does not allow.
    pub fn named(&self, named: &[String]) -> Result<Vec<Origin>, OriginError> {
        let origin = |text: &String| {
            let origin: Option<Origin> = text.parse().ok();
            origin.filter(|origin| self.allows(origin)).ok_or_else(|| OriginError::Beyond {
                origin: text.clone(),
                declared: self.declared(),
            })
        };
        named.iter().map(origin).collect()
    }

    /// The declared origins, as the manifest writes them.
    pub fn declared(&self) -> Vec<String> {
        self.patterns.iter().map(|(pattern, _)| pattern.to_string()).collect()
    }
}

fn allows(resolved: Option<&ResolvedOrigin>, origin: &Origin) -> bool {
    resolved.is_some_and(|resolved| resolved.allows(origin))
}
