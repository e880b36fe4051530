//! Reads the origins that the egress lets through from the start, so that a wrong one
//! ends the build and not the first sync.

use rawdash_origins::Gate;

const VARIABLE: &str = "EGRESS_ORIGINS";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let origins = std::env::var(VARIABLE).unwrap_or_default();
    if let Err(problem) = Gate::new(&origins) {
        println!(
            "cargo::error={VARIABLE}: {problem}; write origins such as \
             https://acme.eu.auth0.com or https://*.eu.auth0.com, separated by spaces"
        );
    }
    // Line breaks would end the instruction to cargo.
    let origins: Vec<&str> = origins.split_whitespace().collect();
    println!("cargo::rustc-env={VARIABLE}={}", origins.join(" "));
}
