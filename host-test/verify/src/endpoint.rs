//! The endpoints of resources, by the manifest. Pure.

use rawdash_host::contract::ResourceInfo;

/// The resources whose endpoint no other resource shares, each with its path.
pub(super) fn separate_endpoints(resources: &[ResourceInfo]) -> Vec<(&str, String)> {
    let paths: Vec<Option<String>> = resources.iter().map(path_of).collect();
    let mut separate = Vec::new();
    for (number, resource) in resources.iter().enumerate() {
        let Some(Some(own)) = paths.get(number) else { continue };
        let others = paths.iter().enumerate().filter(|(other, _)| *other != number);
        let shared = |(_, other): (usize, &Option<String>)| match other {
            // It may be anywhere.
            None => true,
            Some(other) => is_at_or_below(own, other) || is_at_or_below(other, own),
        };
        if !others.into_iter().any(shared) {
            separate.push((resource.name.as_str(), own.clone()));
        }
    }
    separate
}

/// The path of a resource's endpoint, if it has one: up to its last fixed segment,
/// with `*` for each segment before it that is not fixed.
pub(super) fn path_of(resource: &ResourceInfo) -> Option<String> {
    path(&resource.endpoint)
}

/// As `GET /path/{id}?query` says it.
fn path(endpoint: &str) -> Option<String> {
    let path = endpoint.split_whitespace().find(|word| word.starts_with('/'))?;
    let path = path.split('?').next()?;
    let is_open = |segment: &str| segment.contains(['{', ':', '*']);
    let segments = path.split('/').map(|segment| if is_open(segment) { "*" } else { segment });
    let path = segments.collect::<Vec<_>>().join("/");
    let fixed = path.trim_end_matches(['/', '*']);
    (!fixed.is_empty()).then(|| fixed.to_owned())
}

/// Whether a path is the other one, or below it.
pub(super) fn is_at_or_below(path: &str, above: &str) -> bool {
    let mut segments = path.split('/');
    let is_same = |(a, b): (&str, &str)| a == b || a == "*" || b == "*";
    above.split('/').all(|wanted| segments.next().is_some_and(|segment| is_same((segment, wanted))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::contract::Shape;

    #[test]
    fn no_endpoint_is_failed_that_another_resource_needs() {
        let resource = |name: &str, endpoint: &str| ResourceInfo {
            endpoint: endpoint.to_owned(),
            ..ResourceInfo::named(name, Shape::Entity)
        };
        let mut resources = vec![
            resource("users", "GET /api/users?sort=x"),
            resource("logs", "GET /api/logs/{id}"),
            resource("sessions", "GET /api/users/{id}/sessions"),
            resource("usersets", "GET /api/usersets"),
        ];
        let separate = separate_endpoints(&resources);
        let expected = [("logs", "/api/logs".to_owned()), ("usersets", "/api/usersets".to_owned())];
        assert_eq!(separate, expected);
        let templates = [
            resource("pulls", "GET /repos/{owner}/{repo}/pulls"),
            resource("reviews", "GET /repos/{owner}/{repo}/pulls/{number}/reviews"),
            resource("runs", "GET /repos/{owner}/{repo}/actions/runs"),
        ];
        let runs = ("runs", "/repos/*/*/actions/runs".to_owned());
        assert_eq!(separate_endpoints(&templates), [runs]);
        assert!(is_at_or_below("/repos/acme/site/actions/runs", "/repos/*/*/actions/runs"));
        assert!(!is_at_or_below("/repos/acme/site/pulls", "/repos/*/*/actions/runs"));
        resources.push(resource("anything", "POST graphql"));
        assert!(separate_endpoints(&resources).is_empty());
    }
}
