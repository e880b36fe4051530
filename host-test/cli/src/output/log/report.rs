//! A report as entries of a log.

use indicatif::HumanCount;

use super::entry::{Entry, Level};
use crate::output::summary;
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_host::report::{Report, ResourceReport, ResourceState, WarningReport};

/// One entry for each warning, resource and failure.
pub(super) fn entries(report: &Report) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, resource) in &report.resources {
        entries.extend(resource.warnings.iter().map(|warning| warned(warning).of(name)));
        entries.push(ended(resource).of(name));
    }
    entries.extend(report.warnings.iter().map(warned));
    entries.extend(report.failure.as_ref().map(Entry::failure));
    entries
}

/// The entry of the whole sync.
pub(super) fn outcome(report: &Report, exit: Exit) -> Entry {
    Entry::new(exit.into(), summary::outcome(report))
        .with("exit_status", exit.code())
        .with("done", report.done)
        .with("resumed", report.resumed)
        .with("requests", report.requests)
        .with("wall_ms", report.wall_ms)
}

fn warned(warning: &WarningReport) -> Entry {
    let WarningReport { code, message, count } = warning;
    Entry::new(Level::Warn, message).with("code", &**code).with("count", *count)
}

fn ended(resource: &ResourceReport) -> Entry {
    let ResourceReport { state, failure, pages, records, written, removed, .. } = resource;
    let (level, state) = match state {
        ResourceState::Complete => (Level::Info, "complete"),
        ResourceState::Failed => (Level::Error, "failed"),
        ResourceState::Postponed => (Level::Warn, "postponed"),
    };
    let message = match failure {
        Some(FailureReport { message, .. }) => format!("{state}: {message}"),
        None => format!(
            "{state}: {} records read, {} written, {} removed",
            HumanCount(*records),
            HumanCount(*written),
            HumanCount(*removed)
        ),
    };
    let entry = Entry::new(level, message)
        .with("state", state)
        .with("pages", *pages)
        .with("records", *records)
        .with("written", *written)
        .with("removed", *removed);
    match failure {
        Some(failure) => entry.caused_by(failure),
        None => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::failure::{HostKind, SourceKind};
    use serde_json::{Value, json};
    use time::OffsetDateTime;

    #[test]
    fn every_warning_and_failure_of_a_sync_is_an_entry_of_its_resource() {
        let mut report = Report { requests: 7, ..Report::default() };
        let users = report.resources.entry("user".to_owned()).or_default();
        users.state = ResourceState::Complete;
        (users.records, users.written) = (1200, 3);
        let (code, message) = ("gap".to_owned(), "A gap.".to_owned());
        users.warnings = vec![WarningReport { code, message, count: 4 }];
        let events = report.resources.entry("event".to_owned()).or_default();
        events.state = ResourceState::Failed;
        events.failure = Some(FailureReport::new(SourceKind::Permission, "grant read:logs"));
        let mut failure = FailureReport::new(HostKind::Wait, "sync again later");
        failure.retry_after_ms = Some(9000);
        report.failure = Some(failure);

        let mut all = entries(&report);
        all.push(outcome(&report, Exit::Storage));
        let lines: Vec<Value> = all
            .iter()
            .map(|entry| entry.json(OffsetDateTime::UNIX_EPOCH))
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect();
        let of = |index: usize, names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| lines[index][*name].clone()).collect()
        };
        let known = ["level", "resource", "code"];
        assert_eq!(of(0, &known), [json!("error"), json!("event"), json!("permission")]);
        assert_eq!(of(0, &["message", "state"]), ["failed: grant read:logs", "failed"]);
        assert_eq!(of(1, &known), [json!("warn"), json!("user"), json!("gap")]);
        assert_eq!(of(1, &["count"]), [4]);
        assert_eq!(of(2, &known), [json!("info"), json!("user"), Value::Null]);
        assert_eq!(of(2, &["records", "written"]), [1200, 3]);
        assert_eq!(of(3, &known), [json!("warn"), Value::Null, json!("wait")]);
        assert_eq!(of(3, &["retry_after_ms"]), [9000]);
        assert_eq!(
            of(4, &["level", "exit_status", "requests"]),
            [json!("error"), json!(74), json!(7)]
        );
        assert_eq!(lines.len(), 5);
    }
}
