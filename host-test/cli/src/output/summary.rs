//! A report as a person reads it.

use std::fmt::Write as _;

use indicatif::HumanCount;

use rawdash_host::failure::Exit;
use rawdash_host::report::{Report, ResourceReport, RunMode};

/// What came, what is to be known, and what to do next.
pub(crate) fn summary(report: &Report) -> String {
    let mut text = String::new();
    for (name, resource) in &report.resources {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name:24} {}", counts(resource));
        for warning in &resource.warnings {
            let _ = writeln!(text, "  note: {} [{}]", warning.message, warning.code);
        }
        if let Some(failure) = &resource.failure {
            let _ = writeln!(text, "  failed: {}", failure.message);
        }
    }
    if let Some(failure) = &report.failure {
        let _ = writeln!(text, "{}", failure.message);
    }
    let _ = write!(text, "{}", end(report));
    text
}

fn counts(resource: &ResourceReport) -> String {
    let mut text = format!(
        "{} records in {} {}",
        HumanCount(resource.records),
        HumanCount(resource.pages),
        if resource.pages == 1 { "page" } else { "pages" },
    );
    if resource.removed > 0 {
        let _ = write!(text, ", {} removed", HumanCount(resource.removed));
    }
    text
}

fn end(report: &Report) -> String {
    let run = match report.mode {
        Some(RunMode::Full) => "full run",
        Some(RunMode::Latest) => "latest run",
        None => return "nothing was synced".to_owned(),
    };
    let so_far = format!("{} requests, {}", HumanCount(report.requests), seconds(report.wall_ms));
    match (report.done, report.exit()) {
        (true, Exit::Done) => format!("{run} done: {so_far}"),
        (true, _) => format!("{run} ended, not all came: {so_far}"),
        (false, _) => format!(
            "{run} not done: {so_far}; what came is stored, the same command goes on from there"
        ),
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

    #[test]
    fn a_run_that_was_cut_short_is_not_called_done() {
        let mut report = Report {
            mode: Some(RunMode::Full),
            requests: 1234,
            wall_ms: 5678,
            ..Report::default()
        };
        let resource = report.resources.entry("auth0_user".to_owned()).or_default();
        resource.failure = Some(FailureReport::new(SourceKind::Permission, "grant read:users"));
        let text = summary(&report);
        assert!(text.contains("failed: grant read:users"), "{text}");
        assert!(text.contains("goes on from there"), "{text}");
        report.done = true;
        assert!(summary(&report).ends_with("full run ended, not all came: 1,234 requests, 5.6 s"));
        report.resources.clear();
        assert_eq!(summary(&report), "full run done: 1,234 requests, 5.6 s");
    }
}
