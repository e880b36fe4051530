//! Whether a manifest is well-formed. Pure.

use std::collections::BTreeSet;

use semver::Version;

use super::findings::Findings;
use super::rule::Rule;
use rawdash_host::contract::{About, Documentation, Field, ResourceInfo, Shape};
use rawdash_host::origins::OriginPattern;

/// Tests the rules of the manifest.
pub(super) fn check(about: &About, findings: &mut Findings) {
    for rule in [
        Rule::Manifest,
        Rule::Documentation,
        Rule::Origins,
        Rule::Resources,
        Rule::Fields,
        Rule::Metrics,
    ] {
        findings.try_rule(rule);
    }
    check_identity(about, findings);
    check_documentation(&about.documentation, findings);
    check_origins(about, findings);
    check_names(about, findings);
    for resource in &about.resources {
        check_fields(resource, findings);
        check_metric(resource, findings);
    }
}

fn check_identity(about: &About, findings: &mut Findings) {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if about.id.is_empty() || !about.id.bytes().all(fits) {
        let what = format!("the id {:?} has other characters than a-z, 0-9 and -", about.id);
        findings.wrong(Rule::Manifest, what);
    }
    if about.name.trim().is_empty() || about.description.trim().is_empty() {
        findings.wrong(Rule::Manifest, "the name or the description is empty");
    }
    if let Err(error) = Version::parse(&about.version) {
        let what = format!("{:?} is not a valid semantic version: {error}", about.version);
        findings.wrong(Rule::Manifest, what);
    }
}

fn check_documentation(documentation: &Documentation, findings: &mut Findings) {
    for (name, text) in [
        ("category", &documentation.category),
        ("tagline", &documentation.tagline),
        ("vendor-name", &documentation.vendor_name),
        ("vendor-domain", &documentation.vendor_domain),
        ("auth-summary", &documentation.auth_summary),
    ] {
        if text.trim().is_empty() {
            findings.wrong(Rule::Documentation, format!("{name} is empty"));
        }
    }
    let steps = &documentation.auth_setup;
    if steps.is_empty() || steps.iter().any(|step| step.trim().is_empty()) {
        findings.wrong(Rule::Documentation, "auth-setup has no steps, or an empty one");
    }
    if documentation.api_docs.as_deref().is_some_and(|url| !url.starts_with("https://")) {
        findings.wrong(Rule::Documentation, "api-docs is not an https URL");
    }
    let color = documentation.brand_color.as_deref();
    let is_color = |text: &str| {
        text.strip_prefix('#').is_some_and(|digits| {
            digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    if color.is_some_and(|color| !is_color(color)) {
        findings.wrong(Rule::Documentation, "brand-color is not # and six hexadecimal digits");
    }
}

fn check_origins(about: &About, findings: &mut Findings) {
    if about.origins.is_empty() {
        findings.wrong(Rule::Origins, "it declares no origin, so it can reach nothing");
    }
    for origin in &about.origins {
        if let Err(error) = origin.parse::<OriginPattern>() {
            findings.wrong(Rule::Origins, error);
        }
    }
}

fn check_names(about: &About, findings: &mut Findings) {
    if about.resources.is_empty() {
        findings.wrong(Rule::Resources, "it declares no resource");
    }
    let mut names = BTreeSet::new();
    for resource in &about.resources {
        let name = &resource.name;
        if name.is_empty() || !names.insert(name) {
            findings.wrong(Rule::Resources, format!("the name {name:?} is empty or used twice"));
        }
        if resource.description.trim().is_empty() || resource.endpoint.trim().is_empty() {
            let what = format!("{name} has no description, or no endpoint");
            findings.wrong(Rule::Resources, what);
        }
    }
}

fn check_fields(resource: &ResourceInfo, findings: &mut Findings) {
    let name = &resource.name;
    let (described, foreign, of_its_shape): (&[Field], &[Field], _) = match resource.shape {
        Shape::Event | Shape::Entity | Shape::Edge => {
            (&resource.fields, &resource.dimensions, "fields")
        }
        Shape::Metric | Shape::Distribution => {
            (&resource.dimensions, &resource.fields, "dimensions")
        }
    };
    if let Some(field) = foreign.first() {
        let what = format!("{name}'s {:?} belongs in {of_its_shape}", field.name);
        findings.wrong(Rule::Fields, what);
    }
    let mut names = BTreeSet::new();
    if resource.shape != Shape::Metric
        && let Some(field) = resource.measures.first()
    {
        let what = format!("{name} is not a metric, and has the measure {:?}", field.name);
        findings.wrong(Rule::Fields, what);
    }
    for field in described.iter().chain(&resource.measures) {
        if field.name.is_empty() || !names.insert(&field.name) {
            let what = format!("{name}'s {:?} is empty or used twice", field.name);
            findings.wrong(Rule::Fields, what);
        }
        if field.description.trim().is_empty() {
            findings.wrong(Rule::Fields, format!("{name}'s {:?} has no description", field.name));
        }
    }
}

fn check_metric(resource: &ResourceInfo, findings: &mut Findings) {
    let name = &resource.name;
    if resource.shape != Shape::Metric {
        if resource.unit.is_some() || resource.granularity.is_some() {
            let what = format!("{name} is not a metric, but has a unit or a granularity");
            findings.wrong(Rule::Metrics, what);
        }
        return;
    }
    if resource.granularity.as_deref().is_some_and(|text| !is_granularity(text)) {
        let what = format!("{name}'s granularity {:?} is not a span like 1h", resource.granularity);
        findings.wrong(Rule::Metrics, what);
    }
}

/// A number and a unit of time, such as `1h` or `15m`.
fn is_granularity(text: &str) -> bool {
    let number = text.trim_end_matches(|character: char| character.is_ascii_lowercase());
    let unit = text.strip_prefix(number).unwrap_or_default();
    number.parse::<u32>().is_ok_and(|number| number > 0)
        && ["s", "m", "h", "d", "w", "mo"].contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_granularity_is_a_number_and_a_unit_of_time() {
        for good in ["1h", "1d", "15m", "1mo"] {
            assert!(is_granularity(good), "{good}");
        }
        for bad in ["", "h", "1", "0d", "1 d", "1day", "daily", "-1d"] {
            assert!(!is_granularity(bad), "{bad}");
        }
    }
}
