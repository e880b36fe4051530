//! `--log json`: a collector that reads objects must never meet another line, however
//! the command ends.

use super::*;
use crate::support::server::Nobody;
use auth0_tenant::{Endpoint, Fault, Rule};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const LOG: [&str; 2] = ["--log", "json"];

/// The entries that standard error holds, and nothing else.
fn entries(stderr: &str) -> Vec<Value> {
    assert!(stderr.is_empty() || stderr.ends_with('\n'), "{stderr}");
    let entries: Vec<Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?} in {stderr}")))
        .collect();
    for entry in &entries {
        let text = |name: &str| entry[name].as_str().unwrap_or_else(|| panic!("{name}: {entry}"));
        assert_eq!(text("time").len(), "2026-03-01T12:00:00.000Z".len(), "{entry}");
        assert!(OffsetDateTime::parse(text("time"), &Rfc3339).is_ok(), "{entry}");
        assert!(["error", "warn", "info"].contains(&text("level")), "{entry}");
        assert!(!text("message").trim().is_empty(), "{entry}");
    }
    entries
}

/// Sees that the last entry has the status with which the command ended.
fn assert_outcome(entries: &[Value], status: i32) {
    assert_eq!(entries.last().unwrap()["exit_status"], status, "{entries:#?}");
}

impl Operator {
    /// The entries of a command that ends as `status`.
    async fn entries(&self, mut command: Command, status: i32) -> Vec<Value> {
        command.args(LOG);
        let ended = self.end(command).await;
        assert_eq!(ended.status, Some(status), "{}{}", ended.stdout, ended.stderr);
        let entries = entries(&ended.stderr);
        // A command line that cannot be parsed begins no sync.
        if status != 64 {
            assert_outcome(&entries, status);
        }
        entries
    }
}

fn with<'a>(entries: &'a [Value], name: &str, value: impl Into<Value>) -> &'a Value {
    let value = value.into();
    let found = entries.iter().find(|entry| entry[name] == value);
    found.unwrap_or_else(|| panic!("no {name} is {value} in {entries:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_succeeds_says_so_of_each_resource_and_of_the_whole() {
    let operator = Operator::new().await;
    let entries = operator.entries(operator.sync(&[]), 0).await;
    for resource in ["auth0_user", "auth0_login_event", "auth0_daily_active_users"] {
        let complete = entries.iter().find(|entry| {
            (&entry["resource"], &entry["state"]) == (&json!(resource), &json!("complete"))
        });
        assert!(complete.is_some_and(|entry| entry["level"] == "info"), "{resource}: {entries:#?}");
    }
    assert_eq!(with(&entries, "exit_status", 0)["level"], "info");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ending_of_a_sync_writes_anything_but_entries() {
    let operator = Operator::new().await;
    let sync = |more: &[&str]| operator.sync(more);

    for more in [&["--resources", "no-such"][..], &["--no-such"], &["--since", "yesterday"]] {
        let entries = operator.entries(sync(more), 64).await;
        assert_eq!(with(&entries, "code", "usage")["level"], "error");
    }
    let mut without_secret = sync(&[]);
    without_secret.env_remove(SECRET);
    let entries = operator.entries(without_secret, 78).await;
    assert_eq!(with(&entries, "code", "configuration")["level"], "error");

    let file = operator.path("auth0.json");
    let entries = operator.entries(sync(&["--component", file.to_str().unwrap()]), 70).await;
    assert_eq!(with(&entries, "code", "component")["level"], "error");

    operator.write("text.db", &"no database, and long enough for a header\n".repeat(40));
    let entries = operator.entries(operator.sync_into("text.db", &[]), 74).await;
    assert_eq!(with(&entries, "code", "storage")["level"], "error");

    let held = Database::open(&operator.path("rawdash.db"), "auth0").unwrap();
    let entries = operator.entries(sync(&[]), 75).await;
    assert_eq!(with(&entries, "code", "busy")["level"], "warn");
    drop(held);

    operator.tenant.state().set_scopes(&["read:users", "read:stats"]);
    let entries = operator.entries(sync(&[]), 77).await;
    let failed = with(&entries, "state", "failed");
    assert_eq!(
        (&failed["resource"], &failed["level"]),
        (&json!("auth0_login_event"), &json!("error"))
    );
    assert_eq!(failed["code"], "permission");
    assert_eq!(with(&entries, "exit_status", 77)["level"], "error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_keeps_its_cause_its_status_and_the_time_to_return() {
    let operator = Operator::new().await;
    operator.tenant.state().switch_on(Rule::on(Endpoint::Token, Fault::token_quota(600)).always());
    let entries = operator.entries(operator.sync(&["--max-wait", "1s"]), 75).await;
    let wait = with(&entries, "code", "wait");
    assert_eq!(wait["level"], "warn");
    assert!(wait["retry_after_ms"].as_u64().is_some_and(|wait| wait > 1000), "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_and_what_it_lacks_are_entries() {
    let operator = Operator::new().await;
    let proxy = Nobody::new();
    let mut command = host(&["sync", "--max-wait", "1s", "--config"]);
    command.arg(operator.path("auth0.json")).arg("--db").arg(operator.path("rawdash.db"));
    command.env(SECRET, operator.tenant.client_secret()).env("https_proxy", &proxy.url);
    command.env_remove("no_proxy").env_remove("NO_PROXY");
    let entries = operator.entries(command, 75).await;
    let line =
        |entry: &&Value| entry["message"].as_str().is_some_and(|text| text.ends_with(&proxy.url));
    assert_eq!(entries.iter().filter(line).count(), 1, "{entries:#?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn output_that_cannot_be_written_and_a_machine_that_lacks_something_are_entries() {
    let operator = Operator::new().await;
    let mut full = operator.sync(&LOG);
    full.stdout(output::full());
    let output = tokio::task::spawn_blocking(move || full.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert_eq!(with(&entries(&said), "code", "output")["level"], "error");
    assert_outcome(&entries(&said), 74);

    let command = machine::limited("ulimit -v 300000", &operator.sync(&LOG));
    let ended = operator.end(command).await;
    assert_eq!(ended.status, Some(71), "{}", ended.stderr);
    assert_eq!(with(&entries(&ended.stderr), "code", "machine")["level"], "error");
}

/// The signal is sent at a request, which is answered once the command says that it
/// stops.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_an_entry() {
    let operator = Operator::new().await;
    let mut child = operator.signalled_at(2, operator.sync(&LOG), "stopping before the next step");
    let said = tokio::task::spawn_blocking(move || {
        assert_eq!(child.process.wait().unwrap().code(), Some(75));
        child.said()
    });
    let entries = entries(&said.await.unwrap());
    assert_eq!(with(&entries, "code", "interrupted")["level"], "warn");
}
