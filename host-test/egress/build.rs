//! Reads the origins that the egress lets through from the start, so that a wrong one
//! ends the build and not the first sync.

use rawdash_origins::OriginPattern;

const VARIABLE: &str = "EGRESS_ORIGINS";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let origins = std::env::var(VARIABLE).unwrap_or_default();
    for origin in origins.split_whitespace() {
        match origin.parse::<OriginPattern>() {
            Ok(pattern) if pattern.pointers().next().is_none() => {}
            Ok(_) => fail(&format!("the origin {origin:?} has a pointer, and no configuration")),
            Err(error) => fail(&error.to_string()),
        }
    }
    println!("cargo::rustc-env={VARIABLE}={origins}");
}

fn fail(problem: &str) {
    println!(
        "cargo::error={VARIABLE}: {problem}; write origins such as https://acme.eu.auth0.com or \
         https://*.eu.auth0.com, separated by spaces"
    );
}
