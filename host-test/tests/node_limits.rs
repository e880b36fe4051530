//! The Node host allows what this host allows: its limits are numbers in a
//! JavaScript file, which nothing else holds to these.

use std::collections::BTreeMap;
use std::path::Path;

use rawdash_host::sandbox::{GRANTED, Limits};

/// The numbers of `name = expression` and `name: expression` in a JavaScript
/// file.
fn numbers(text: &str) -> BTreeMap<&str, u64> {
    let number = |line| {
        let (name, expression) = split(line)?;
        Some((name, value(expression)?))
    };
    text.lines().filter_map(number).collect()
}

fn split(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().strip_prefix("export const ").unwrap_or(line.trim());
    let (name, rest) = line.split_once(" = ").or_else(|| line.split_once(": "))?;
    Some((name, rest.trim_end_matches([';', ','])))
}

/// A number with `_` in it, shifted or not.
fn value(expression: &str) -> Option<u64> {
    let number = |text: &str| text.replace('_', "").parse::<u64>().ok();
    match expression.split_once(" << ") {
        Some((number_text, by)) => Some(number(number_text)? << number(by)?),
        None => number(expression),
    }
}

#[test]
fn a_component_is_held_to_the_same_limits_in_the_node_host() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/lib/limits.js");
    let text = std::fs::read_to_string(path).unwrap();
    let Limits { memory, computing, call, records, idle_steps, http, .. } = Limits::default();
    let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap();
    let wanted = BTreeMap::from([
        ("MEMORY", memory as u64),
        ("COMPUTING_MS", millis(computing)),
        ("CALL_MS", millis(call)),
        ("RECORDS", records),
        ("IDLE_STEPS", idle_steps),
        ("CHECKPOINT", rawdash_host::run::MAX_CHECKPOINT as u64),
        ("responseBody", http.response_body),
        ("responseHeaders", http.response_headers as u64),
        ("requestBody", http.request_body as u64),
        ("concurrent", http.concurrent as u64),
        ("exchange", millis(http.exchange)),
    ]);
    let found = numbers(&text);
    for (name, limit) in wanted {
        assert_eq!(found.get(name), Some(&limit), "{name}");
    }
    let granted: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("'wasi:")?.strip_suffix("',"))
        .collect();
    let names = GRANTED.map(|name| name.strip_prefix("wasi:").unwrap());
    assert_eq!(granted, names);
}
