//! What an operator copies from the documentation works: a mistake there is found at
//! night, by somebody who did not write it.

mod alerts;
mod schedules;
pub(crate) mod statuses;

/// The page that an operator reads.
const PAGE: &str = include_str!("../../docs/operate.md");

/// The rows of the table that begins with this cell, as their cells.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once(&format!("| {heading} |")).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// What stands between backticks in a text.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
