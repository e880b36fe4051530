//! The alerts that an operator copies.

use super::PAGE;
use crate::support::promtool;

#[test]
fn prometheus_loads_the_alerts_of_the_page() {
    let (_, rules) = PAGE.split_once("```yaml\n").unwrap();
    let (rules, _) = rules.split_once("```").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rules.yml");
    std::fs::write(&file, rules).unwrap();
    promtool::checks_rules(&file);
    let names = rules.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let source = include_str!("../../cli/src/output/metrics.rs");
    for name in names.filter(|name| name.starts_with("rawdash_sync")) {
        assert!(source.contains(&format!("\"{name}\"")), "the program writes no {name}");
    }
}
