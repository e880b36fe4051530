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
        // Several resources may share one setting.
        let is_meant = |resource: &&ResourceInfo| {
            resource.setting.as_ref() == Some(wanted) || resource.name == *wanted
        };
        let mut meant = known.iter().filter(is_meant).peekable();
        if meant.peek().is_none() {
            // It may be the name of a dynamic one, which only the configuration has.
            if !known.iter().any(|resource| resource.dynamic) {
                return Err(unknown(wanted, known));
            }
            names.push(wanted.clone());
        }
        for resource in meant {
            if !names.contains(&resource.name) {
                names.push(resource.name.clone());
            }
        }
    }
    Ok(names)
}

fn unknown(wanted: &str, known: &[ResourceInfo]) -> EarlyEnd {
    let name =
        |resource: &ResourceInfo| resource.setting.clone().unwrap_or_else(|| resource.name.clone());
    let mut names: Vec<String> = known.iter().map(name).collect();
    names.dedup();
    EarlyEnd::Usage(format!(
        "the connector has no resource {wanted:?}: write one or more of {}",
        names.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::contract::Shape;
    use rawdash_host::failure::Exit;

    fn resource(setting: &str, name: &str) -> ResourceInfo {
        let setting = Some(setting.to_owned());
        ResourceInfo { setting, ..ResourceInfo::named(name, Shape::Entity) }
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
        let shared = [resource("users", "user"), resource("users", "user_group")];
        let both = in_storage(&["users".to_owned()], &shared).unwrap();
        assert_eq!(both, ["user", "user_group"]);
    }
}
