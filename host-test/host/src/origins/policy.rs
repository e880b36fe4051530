//! What a manifest allows under a configuration.

use serde_json::Value;

use super::origin::Origin;
use super::origin_error::OriginError;
use super::pattern::{OriginPattern, ResolvedOrigin};
use super::route::Route;

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

    /// That every route is for an origin that may be reached. Where the configuration
    /// lacks a part of an origin, no route can be judged.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_routes(&self, routes: &[Route]) -> Result<(), OriginError> {
        if self.patterns.iter().any(|(_, resolved)| resolved.is_none()) {
            return Ok(());
        }
        let known = |route: &&Route| {
            let pattern = |(pattern, _): &(OriginPattern, _)| route.origin == pattern.to_string();
            self.patterns.iter().any(pattern)
                || route.origin.parse().is_ok_and(|origin| self.allows(&origin))
        };
        match routes.iter().find(|route| !known(route)) {
            None => Ok(()),
            Some(route) => {
                let (origin, declared) = (route.origin.clone(), self.declared());
                Err(OriginError::UnknownRoute { origin, declared })
            }
        }
    }

    /// Whether the route is for the origin, by its name or by a pattern that
    /// allows it.
    pub(super) fn is_for(&self, route: &Route, origin: &Origin) -> bool {
        route.origin.eq_ignore_ascii_case(&origin.to_string())
            || self.patterns.iter().any(|(pattern, resolved)| {
                route.origin == pattern.to_string() && allows(resolved.as_ref(), origin)
            })
    }

    pub(super) fn declared(&self) -> Vec<String> {
        self.patterns.iter().map(|(pattern, _)| pattern.to_string()).collect()
    }
}

fn allows(resolved: Option<&ResolvedOrigin>, origin: &Origin) -> bool {
    resolved.is_some_and(|resolved| resolved.allows(origin))
}
