//! A report for people, at most 80 columns wide.

use indicatif::HumanCount;

use rawdash_host::failure::Exit;
use rawdash_host::report::{Report, ResourceReport, ResourceState, RunMode, WarningReport};

const WIDTH: usize = 80;

/// The code of warnings about values that are not as the source documents them.
const ANOMALIES: &str = "odd-rows";

/// Which warnings a summary shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    /// All of them.
    Listed,
    /// All except anomalies, which one line counts.
    AnomaliesCounted,
}

/// What was synced, what a person should know, and what to do next.
pub(crate) fn summary(report: &Report, notes: Notes) -> String {
    let mut lines = Vec::new();
    let began = report.mode.is_some();
    if began && !report.resources.is_empty() {
        lines.push(row("", ["pages", "read", "written", "removed"].map(str::to_owned)));
    }
    for (name, resource) in &report.resources {
        if began {
            lines.push(counts(name, resource));
        }
        let listed = |warning: &&WarningReport| notes == Notes::Listed || !is_anomaly(warning);
        for (subject, code, details) in folded(resource.warnings.iter().filter(listed)) {
            lines.extend(wrapped(&format!("note: {subject}{} [{code}]", details.join(", "))));
        }
        if let Some(failure) = &resource.failure {
            let of_name = if began { String::new() } else { format!("{name} ") };
            let state =
                if resource.state == ResourceState::Failed { "failed" } else { "postponed" };
            lines.push(format!("  {of_name}{state}: {}", failure.message));
        }
    }
    for (subject, code, details) in folded(report.warnings.iter()) {
        lines.extend(wrapped(&format!("note: {subject}{} [{code}]", details.join(", "))));
    }
    if notes == Notes::AnomaliesCounted {
        lines.extend(anomalies(report));
    }
    lines.extend(report.failure.iter().map(|failure| failure.message.clone()));
    lines.push(end(report));
    lines.join("\n")
}

fn row(name: &str, columns: [String; 4]) -> String {
    let [pages, read, written, removed] = columns;
    format!("{name:28}{pages:>9}{read:>13}{written:>13}{removed:>13}")
}

fn counts(name: &str, resource: &ResourceReport) -> String {
    let ResourceReport { pages, records, written, removed, .. } = resource;
    row(name, [pages, records, written, removed].map(|count| HumanCount(*count).to_string()))
}

fn is_anomaly(warning: &WarningReport) -> bool {
    warning.code == ANOMALIES
}

/// How many anomalies there are, and how to list them, if there are any.
fn anomalies(report: &Report) -> Option<String> {
    let of = |resource: &ResourceReport| {
        resource.warnings.iter().filter(|warning| is_anomaly(warning)).map(|w| w.count).sum::<u64>()
    };
    let counts: Vec<u64> = report.resources.values().map(of).filter(|count| *count > 0).collect();
    if counts.is_empty() {
        return None;
    }
    Some(format!(
        "{} values in {} of {} resources are not as documented (--notes lists them)",
        HumanCount(counts.iter().sum()),
        counts.len(),
        report.resources.len()
    ))
}

/// The warnings, as subject, code and details: those of one code whose messages have
/// the same text before a colon are one.
fn folded<'a>(
    warnings: impl Iterator<Item = &'a WarningReport>,
) -> Vec<(&'a str, &'a str, Vec<&'a str>)> {
    let mut folded: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for WarningReport { code, message, .. } in warnings {
        let colon = message.find(": ").map_or(0, |colon| colon + 2);
        let (subject, detail) = message.split_at(colon);
        let detail = detail.trim_end_matches('.');
        let same =
            folded.iter_mut().find(|(of, known, _)| colon > 0 && (*of, *known) == (subject, code));
        match same {
            Some((_, _, details)) => details.push(detail),
            None => folded.push((subject, code, vec![detail])),
        }
    }
    folded
}

/// The lines of a text, the first indented by 2 columns, the others by 4.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && !line.trim().is_empty() {
            lines.push(std::mem::replace(&mut line, "   ".to_owned()));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// The outcome in one line, and what to do next.
fn end(report: &Report) -> String {
    let outcome = outcome(report);
    if report.done || report.mode.is_none() {
        return outcome;
    }
    format!("{outcome}\nrun the same command again to resume from what is stored")
}

/// The outcome in one line.
pub(crate) fn outcome(report: &Report) -> String {
    let mode = match report.mode {
        Some(RunMode::Full) => "full",
        Some(RunMode::Latest) => "latest",
        None => return "nothing was synced".to_owned(),
    };
    let so_far = format!("{} requests, {}", HumanCount(report.requests), seconds(report.wall_ms));
    match (report.done, report.exit()) {
        (true, Exit::Done) => format!("{mode} sync done: {so_far}"),
        (true, _) => format!("{mode} sync finished incomplete: {so_far}"),
        (false, _) => format!("{mode} sync not done: {so_far}"),
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::failure::FailureReport;
    use rawdash_host::failure::SourceKind;

    fn full() -> Report {
        let mode = Some(RunMode::Full);
        Report { mode, requests: 1234, wall_ms: 5678, ..Report::default() }
    }

    #[test]
    fn a_sync_that_was_cut_short_is_not_called_done() {
        let mut report = full();
        let resource = report.resources.entry("auth0_user".to_owned()).or_default();
        resource.failure = Some(FailureReport::new(SourceKind::Transient, "answers 503"));
        let text = summary(&report, Notes::Listed);
        assert!(text.contains("postponed: answers 503") && text.contains("to resume"), "{text}");
        let resource = report.resources.entry("auth0_user".to_owned()).or_default();
        resource.state = ResourceState::Failed;
        resource.failure = Some(FailureReport::new(SourceKind::Permission, "grant read:users"));
        let text = summary(&report, Notes::Listed);
        assert!(text.contains("failed: grant read:users"), "{text}");
        assert!(text.contains("to resume"), "{text}");
        report.done = true;
        let text = summary(&report, Notes::Listed);
        assert!(text.ends_with("full sync finished incomplete: 1,234 requests, 5.6 s"), "{text}");
        report.resources.clear();
        let text = summary(&report, Notes::Listed);
        assert_eq!(text, "full sync done: 1,234 requests, 5.6 s");
    }

    #[test]
    fn warnings_about_one_subject_are_one_note_and_none_is_lost() {
        let warning = |code: &str, message: &str| WarningReport {
            code: code.to_owned(),
            message: message.to_owned(),
            count: 1,
        };
        let all = [
            warning("a", "Rows: x (1)."),
            warning("a", "Rows: y (2)."),
            warning("b", "Rows: x (1)."),
            warning("a", "A gap."),
            warning("a", "A gap"),
        ];
        let expected = [
            ("Rows: ", "a", vec!["x (1)", "y (2)"]),
            ("Rows: ", "b", vec!["x (1)"]),
            ("", "a", vec!["A gap"]),
            ("", "a", vec!["A gap"]),
        ];
        assert_eq!(folded(all.iter()), expected);
    }

    #[test]
    fn no_note_is_lost_and_none_breaks_the_line_of_a_terminal() {
        let mut report = full();
        let name = "auth0_daily_active_users".to_owned();
        let resource = report.resources.entry(name).or_default();
        (resource.pages, resource.records) = (9_999_999, 999_999_999);
        (resource.written, resource.removed) = (999_999_999, 999_999_999);
        let warning = |code: &str, message: String, count| {
            let code = code.to_owned();
            WarningReport { code, message, count }
        };
        resource.warnings = vec![
            warning(ANOMALIES, "a value is not a date. ".repeat(20), 7),
            warning("gap", "a part of the log was not read. ".repeat(20), 1),
        ];
        for (notes, anomalies) in [(Notes::Listed, "not a date"), (Notes::AnomaliesCounted, "7 ")] {
            let text = summary(&report, notes);
            assert!(text.contains(anomalies) && text.contains("the log"), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
    }
}
