//! The resources that the command line names.

use crate::early_end::EarlyEnd;
use rawdash_host::contract::ResourceInfo;

/// The names in storage of the resources in `asked`, which may be names in the
/// configuration or in storage.
///
/// # Errors
/// When the connector has no resource of a name.
pub(crate) fn in_storage(
    asked: &[String],
    known: &[ResourceInfo],
) -> Result<Vec<String>, EarlyEnd> {
    let mut names: Vec<String> = Vec::new();
    for wanted in asked {
        let resource = known
            .iter()
            .find(|resource| resource.setting == *wanted || resource.name == *wanted)
            .ok_or_else(|| unknown(wanted, known))?;
        if !names.contains(&resource.name) {
            names.push(resource.name.clone());
        }
    }
    Ok(names)
}

fn unknown(wanted: &str, known: &[ResourceInfo]) -> EarlyEnd {
    let settings: Vec<&str> = known.iter().map(|resource| resource.setting.as_str()).collect();
    EarlyEnd::Usage(format!(
        "the connector has no resource {wanted:?}: write one or more of {}",
        settings.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::contract::Shape;
    use rawdash_host::failure::Exit;

    fn resource(setting: &str, name: &str) -> ResourceInfo {
        ResourceInfo {
            name: name.to_owned(),
            setting: setting.to_owned(),
            shape: Shape::Entity,
            description: String::new(),
            endpoint: String::new(),
            scopes: Vec::new(),
            fields: Vec::new(),
            dimensions: Vec::new(),
            unit: None,
            granularity: None,
        }
    }

    #[test]
    fn a_resource_is_found_by_both_its_names_and_by_no_other() {
        let known = [resource("users", "auth0_user"), resource("events", "auth0_event")];
        let names = |asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
            in_storage(&asked, &known)
        };
        assert_eq!(
            names(&["auth0_event", "users", "auth0_user"]).unwrap(),
            ["auth0_event", "auth0_user"]
        );
        assert!(names(&[]).unwrap().is_empty());
        let stop = names(&["users", "user"]).unwrap_err();
        assert_eq!(stop.exit(), Exit::Usage);
        assert!(stop.to_string().contains("users,events"), "{stop}");
    }
}
