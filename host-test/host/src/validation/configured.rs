//! Whether the resources that a configuration allows are those of the manifest.

use std::collections::BTreeSet;
use std::fmt;

use crate::contract::{About, ResourceInfo};

/// How the resources that `configure` returned differ from the manifest's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfiguredProblem {
    /// A name is empty, or there twice.
    Name(String),
    /// The manifest has no such resource, and no dynamic one of its shape and
    /// setting.
    Unknown(String),
    /// The manifest has the resource, and it is another there.
    Altered(String),
}

impl fmt::Display for ConfiguredProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the component broke the contract: `configure` returned ")?;
        match self {
            ConfiguredProblem::Name(name) => {
                write!(f, "the resource name {name:?}, which is empty or there twice")
            }
            ConfiguredProblem::Unknown(name) => {
                write!(f, "the resource {name:?}, which its manifest does not have")
            }
            ConfiguredProblem::Altered(name) => {
                write!(f, "the resource {name:?} otherwise than in its manifest")
            }
        }
    }
}

impl std::error::Error for ConfiguredProblem {}

/// Checks the resources that `configure` returned.
///
/// # Errors
/// The first that is not within the manifest.
pub fn check_configured(
    about: &About,
    resources: &[ResourceInfo],
) -> Result<(), ConfiguredProblem> {
    let mut names = BTreeSet::new();
    for resource in resources {
        let name = || resource.name.clone();
        if resource.name.is_empty() || !names.insert(&resource.name) {
            return Err(ConfiguredProblem::Name(name()));
        }
        let known = about.resources.iter().find(|known| known.name == resource.name);
        match known {
            Some(known) if !known.dynamic && known != resource => {
                return Err(ConfiguredProblem::Altered(name()));
            }
            Some(known) if !known.dynamic => {}
            _ if about.resources.iter().any(|known| is_instance(resource, known)) => {}
            _ => return Err(ConfiguredProblem::Unknown(name())),
        }
    }
    Ok(())
}

/// Whether the resource is one that the dynamic entry stands for.
fn is_instance(resource: &ResourceInfo, entry: &ResourceInfo) -> bool {
    entry.dynamic && entry.shape == resource.shape && entry.setting == resource.setting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Documentation, Shape};

    fn about(resources: Vec<ResourceInfo>) -> About {
        About {
            id: String::new(),
            name: String::new(),
            version: String::new(),
            description: String::new(),
            origins: Vec::new(),
            configuration_schema: String::new(),
            resources,
            documentation: Documentation::empty(),
        }
    }

    #[test]
    fn a_resource_that_the_manifest_does_not_have_would_be_stored_unjudged_and_is_refused() {
        let entity = ResourceInfo::named("user", Shape::Entity);
        let query = ResourceInfo { dynamic: true, ..ResourceInfo::named("query", Shape::Metric) };
        let about = about(vec![entity.clone(), query.clone()]);
        let named = |name: &str| ResourceInfo { name: name.to_owned(), ..query.clone() };
        let check = |resources: &[ResourceInfo]| check_configured(&about, resources);
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[named("cpu"), entity.clone(), named("memory")]), Ok(()));
        let twice = [entity.clone(), entity.clone()];
        assert_eq!(check(&twice), Err(ConfiguredProblem::Name("user".to_owned())));
        let other = [ResourceInfo::named("other", Shape::Event)];
        assert_eq!(check(&other), Err(ConfiguredProblem::Unknown("other".to_owned())));
        let altered = [ResourceInfo { open: true, ..entity }];
        assert_eq!(check(&altered), Err(ConfiguredProblem::Altered("user".to_owned())));
    }
}
