//! The command line as a program meets it: exit status, standard output,
//! standard error, signals.

mod causes;
mod every;
mod log;
mod machine;
mod manual;
mod metrics;
mod nothing_made;
mod output;
mod secret_files;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::operating::statuses;
use crate::support::{leaks, noon, promtool};
use auth0_tenant::{Options, Tenant};
use rawdash_host::failure::Exit;
use rawdash_sqlite::Database;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

const SECRET: &str = "AUTH0_CLIENT_SECRET";

/// A tenant on this machine, and an operator's files.
struct Operator {
    tenant: Tenant,
    directory: TempDir,
}

impl Operator {
    async fn new() -> Operator {
        let options = Options { users: 150, logs: 400, odd: false, ..Options::default() };
        let tenant = Tenant::start(options, noon()).await.unwrap();
        let operator = Operator { tenant, directory: TempDir::new().unwrap() };
        let configuration = json!({
            "domain": operator.tenant.domain(),
            "clientId": operator.tenant.client_id(),
            "clientSecret": { "$secret": SECRET },
        });
        operator.write("auth0.json", &configuration.to_string());
        operator
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// `sync --json` into `rawdash.db`, with more arguments.
    fn sync(&self, more: &[&str]) -> Command {
        self.sync_into("rawdash.db", more)
    }

    fn sync_into(&self, database: &str, more: &[&str]) -> Command {
        let mut command = self.command("sync");
        command.arg("--db").arg(self.path(database)).args(more);
        command
    }

    fn command(&self, name: &str) -> Command {
        let mut command = host(&[name, "--json"]);
        let route = format!("https://{}={}", self.tenant.domain(), self.tenant.url());
        command.arg("--config").arg(self.path("auth0.json")).args(["--route", &route]);
        command.env(SECRET, self.tenant.client_secret());
        command
    }

    /// Runs a command while the tenant answers, and sees that no secret is in
    /// what it says.
    async fn end(&self, mut command: Command) -> Ended {
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let ended = Ended::new(&output);
        leaks::none_in("standard output", &ended.stdout);
        leaks::none_in("standard error", &ended.stderr);
        leaks::none_in_files(self.directory.path());
        statuses::agree(&ended.stderr, ended.status.unwrap());
        ended
    }

    /// Ends as `status`, with the report on standard output and a sentence on
    /// standard error.
    async fn report(&self, command: Command, status: i32) -> Value {
        let ended = self.end(command).await;
        assert_eq!(ended.status, Some(status), "{}{}", ended.stdout, ended.stderr);
        assert!(!ended.stderr.trim().is_empty());
        let report = ended.json();
        for key in
            ["mode", "resumed", "done", "more", "resources", "failure", "requests", "wall_ms"]
        {
            assert!(report.get(key).is_some(), "{key} is not in {report}");
        }
        report
    }
}

/// A command that a signal stops.
#[cfg(unix)]
struct Signalled {
    process: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

#[cfg(unix)]
impl Signalled {
    /// All that it said on standard error.
    fn said(&self) -> String {
        self.lines.iter().map(|line| line + "\n").collect()
    }
}

#[cfg(unix)]
impl Operator {
    /// Starts the command, and sends it a signal at a request, which is answered once
    /// the command has said `awaited`.
    fn signalled_at(&self, number: u64, mut command: Command, awaited: &'static str) -> Signalled {
        use rustix::process::{Pid, Signal, kill_process};
        use std::io::{BufRead, BufReader};
        use std::sync::mpsc::channel;

        let (started, starts) = channel::<Pid>();
        let (say, lines) = channel();
        let (hear, heard) = channel();
        self.tenant.state().forget_requests();
        self.tenant.state().at_request(number, move |_| {
            kill_process(starts.recv().unwrap(), Signal::TERM).unwrap();
            assert!(heard.iter().any(|line: String| line.contains(awaited)));
        });
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = hear.send(line.clone());
                let _ = say.send(line);
            }
        });
        started.send(Pid::from_child(&process)).unwrap();
        Signalled { process, lines }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        leaks::none_in_files(self.directory.path());
    }
}

fn host(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
    command.args(arguments).env_remove(SECRET).stdin(Stdio::null());
    command
}

struct Ended {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn new(output: &Output) -> Ended {
        Ended {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The one JSON object that standard output holds.
    fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout).unwrap();
        assert!(value.is_object());
        value
    }
}

/// What is stored, row by row, without the numbers that SQLite gives rows.
fn rows(database: &Path) -> Vec<String> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT name || ' ' || event_id || ' ' || start_ts || attributes FROM events UNION ALL
             SELECT type || ' ' || id || ' ' || updated_at || attributes FROM entities UNION ALL
             SELECT name || ' ' || ts || ' ' || value || attributes FROM metrics ORDER BY 1",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_wrong_command_line_exits_64_and_leaves_standard_output_empty() {
    for arguments in [
        &[][..],
        &["sing"],
        &["sync", "--db", "d"],
        &["sync", "--config", "c", "--db", "d", "--since", "yesterday"],
        &["sync", "--config", "c", "--db", "d", "--since", "1960-01-01"],
        &["sync", "--config", "c", "--db", "d", "--since", "2999-01-01"],
        &["sync", "--config", "c", "--db", "d", "--max-wait", "5"],
        &["sync", "--config", "c", "--db", "d", "--allow-private-address", "10.1.2.0/33"],
        &["check", "--config", "c", "--allow-private-address", "internal.example"],
        &["sync", "--config", "c", "--db", "d", "--mode", "half"],
        &["sync", "--config", "c", "--db", "d", "--name", ""],
        &["sync", "--config", "c", "--db", "d", "--resources", "users,logs", "--json"],
        &["sync", "--config", "c", "--db", "d", "--route", "https://a.example=http://10.0.0.1"],
        &["tenant", "--plan", "golden"],
        &["demo", "--days", "0"],
        &["dashboard"],
        &["dashboard", "--db", "d", "--html", "h", "--port", "1"],
    ] {
        let ended = Ended::new(&host(arguments).output().unwrap());
        assert_eq!(ended.status, Some(64), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_tables_of_exit_statuses_have_every_one_and_no_other() {
    let of_program: BTreeSet<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
    let status = |line: &str| line.trim_start_matches(['|', ' ']).split(' ').next()?.parse().ok();
    let of_table = |text: &str, start: &str, end: &str| -> BTreeSet<u8> {
        let (_, table) = text.split_once(start).unwrap();
        table.split(end).next().unwrap().lines().filter_map(status).collect()
    };
    let readme = include_str!("../../README.md");
    assert_eq!(of_table(readme, "| exit status |", "\n\n"), of_program, "README.md");
    for arguments in [&["--help"][..], &["sync", "--help"], &["verify", "--help"]] {
        let help = Ended::new(&host(arguments).output().unwrap()).stdout;
        let told = of_table(&help, "Exit status:\n", "With several failures");
        assert_eq!(told, of_program, "{arguments:?}");
    }
}

#[test]
fn help_is_no_failure() {
    for arguments in [&["--help"][..], &["sync", "--help"], &["demo", "-h"], &["--version"]] {
        let ended = Ended::new(&host(arguments).output().unwrap());
        assert_eq!(ended.status, Some(0), "{arguments:?}");
        assert!(!ended.stdout.is_empty(), "{arguments:?}");
        let widest = ended.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 100), "{arguments:?}: {widest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_brings_no_row_twice_and_says_what_came() {
    let operator = Operator::new().await;
    let first = operator.report(operator.sync(&[]), 0).await;
    assert_eq!((&first["mode"], &first["done"]), (&json!("full"), &json!(true)));
    assert_eq!(first["resources"]["auth0_user"]["failure"], Value::Null);
    let stored = rows(&operator.path("rawdash.db"));
    assert!(stored.iter().filter(|row| row.starts_with("auth0_user ")).count() == 150);
    let second = operator.report(operator.sync(&[]), 0).await;
    assert_eq!(second["mode"], "latest");
    assert_eq!(rows(&operator.path("rawdash.db")), stored);
    let third = operator.report(operator.sync(&["--reset", "--resources", "users"]), 0).await;
    assert_eq!(third["mode"], "full");
    assert!(third["resources"].as_object().unwrap().keys().eq(["auth0_user"]), "{third}");
    assert_eq!(rows(&operator.path("rawdash.db")), stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_asks_for_more_than_before_sends_nothing_until_a_person_agrees() {
    let operator = Operator::new().await;
    operator.report(operator.sync(&[]), 0).await;
    let database = operator.path("rawdash.db");
    let stored = rows(&database);
    // What was accepted was another component's, which requested less.
    let remembered = Connection::open(&database).unwrap();
    let changed =
        remembered.execute("UPDATE host_origins SET origin = 'https://other.example'", []).unwrap();
    assert_eq!(changed, 1);
    drop(remembered);
    operator.tenant.state().forget_requests();
    let ended = operator.end(operator.sync(&[])).await;
    assert_eq!(ended.status, Some(78), "{}", ended.stderr);
    for told in [operator.tenant.domain().as_str(), "--accept-origins"] {
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    assert!(operator.tenant.requests().is_empty());
    assert_eq!(rows(&database), stored);
    operator.report(operator.sync(&["--accept-origins"]), 0).await;
    operator.report(operator.sync(&[]), 0).await;
    assert_eq!(rows(&database), stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_to_an_undeclared_origin_sends_nothing_anywhere() {
    let operator = Operator::new().await;
    let more = ["--route", "https://elsewhere.example=http://127.0.0.1:1"];
    let ended = operator.end(operator.sync(&more)).await;
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(64), ""), "{}", ended.stderr);
    assert!(operator.tenant.requests().is_empty());
    assert!(!operator.path("rawdash.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_exits_78_and_asks_the_source_nothing() {
    let operator = Operator::new().await;
    let mut without_secret = operator.sync(&[]);
    without_secret.env_remove(SECRET);
    let report = operator.report(without_secret, 78).await;
    assert!(report["failure"]["message"].as_str().unwrap().contains(SECRET), "{report}");
    for text in [
        "{",
        "{}",
        r#"{"domain": "https://acme-1.eu.auth0.com", "clientId": "a", "clientSecret": "plain"}"#,
    ] {
        operator.write("auth0.json", text);
        let report = operator.report(operator.sync(&[]), 78).await;
        assert_eq!(report["failure"]["kind"], "configuration", "{report}");
    }
    std::fs::remove_file(operator.path("auth0.json")).unwrap();
    operator.report(operator.sync(&[]), 78).await;
    assert!(operator.tenant.requests().is_empty());
    for made in ["rawdash.db", "rawdash.db.auth0.lock"] {
        assert!(!operator.path(made).exists(), "{made}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_changes_nothing_in_a_database_that_is_there() {
    let operator = Operator::new().await;
    drop(Database::open(&operator.path("rawdash.db"), "another").unwrap());
    operator.write("auth0.json", "{}");
    operator.report(operator.sync(&[]), 78).await;
    let database = Connection::open(operator.path("rawdash.db")).unwrap();
    let origins = "SELECT count(*) FROM host_origins";
    assert_eq!(database.query_row(origins, [], |row| row.get(0)), Ok(0));
    assert!(!operator.path("rawdash.db.auth0.lock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_was_altered_exits_78_and_reset_is_the_way_on() {
    let operator = Operator::new().await;
    operator.report(operator.sync(&[]), 0).await;
    let stored = rows(&operator.path("rawdash.db"));
    Connection::open(operator.path("rawdash.db"))
        .unwrap()
        .execute_batch("UPDATE host_checkpoints SET checkpoint = 'altered'")
        .unwrap();
    let report = operator.report(operator.sync(&[]), 78).await;
    assert_eq!(report["failure"]["kind"], "checkpoint", "{report}");
    operator.report(operator.sync(&["--reset"]), 0).await;
    assert_eq!(rows(&operator.path("rawdash.db")), stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_exits_77_names_it_and_keeps_what_the_others_brought() {
    let operator = Operator::new().await;
    operator.tenant.state().set_scopes(&["read:users", "read:stats"]);
    let report = operator.report(operator.sync(&[]), 77).await;
    let failure = &report["resources"]["auth0_login_event"]["failure"];
    assert!(failure["message"].as_str().unwrap().contains("read:logs"), "{report}");
    assert_eq!(report["resources"]["auth0_user"]["failure"], Value::Null);
    assert_eq!(report["done"], true);
    assert!(!rows(&operator.path("rawdash.db")).is_empty());

    let checked = operator.end(operator.command("check")).await;
    assert_eq!(checked.status, Some(77), "{}", checked.stderr);
    let resources = &checked.json()["resources"];
    assert_eq!(resources["auth0_user"]["failure"], Value::Null);
    assert_eq!(resources["auth0_login_event"]["failure"]["kind"], "permission");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_one_connector_exits_75_and_touches_nothing() {
    let operator = Operator::new().await;
    let held = Database::open(&operator.path("rawdash.db"), "auth0").unwrap();
    operator.report(operator.sync(&[]), 75).await;
    assert!(operator.tenant.requests().is_empty());
    operator.report(operator.sync(&["--name", "another"]), 0).await;
    drop(held);
    operator.report(operator.sync(&[]), 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_exits_74_and_stays_as_it_is() {
    let operator = Operator::new().await;
    let text = "a letter to a friend, long enough to be no header\n".repeat(40);
    operator.write("rawdash.db", &text);
    let report = operator.report(operator.sync(&[]), 74).await;
    assert_eq!(report["failure"]["kind"], "storage");
    assert_eq!(std::fs::read_to_string(operator.path("rawdash.db")).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_component_exits_70() {
    let operator = Operator::new().await;
    let component = operator.path("auth0.json");
    let more = ["--component", component.to_str().unwrap()];
    let report = operator.report(operator.sync(&more), 70).await;
    assert_eq!(report["failure"]["kind"], "component");
    let described = operator.end(host(&["describe", "--json", more[0], more[1]])).await;
    assert_eq!(described.status, Some(70));
    assert_eq!(described.json()["failure"]["kind"], "component");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_tells_what_is_reached_and_imported() {
    let operator = Operator::new().await;
    let described = operator.end(host(&["describe", "--json"])).await;
    assert_eq!(described.status, Some(0), "{}", described.stderr);
    let described = described.json();
    assert_eq!(described["manifest"]["origins"], json!(["https://{/domain}"]));
    assert_eq!(described["contract_version"], "0.2.0");
    assert!(described["size_bytes"].as_u64().is_some_and(|size| size > 0));
    assert!(!described["imports"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_ends_with_what_is_in_the_database() {
    let operator = Operator::new().await;
    let database = operator.path("demo.db");
    let mut command = host(&["demo", "--users", "40", "--logs", "90", "--days", "5", "--db"]);
    command.arg(&database);
    let ended = operator.end(command).await;
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let users = rows(&database).iter().filter(|row| row.starts_with("auth0_user ")).count();
    assert!(ended.stdout.contains(&format!("{users:>9} users\n")), "{}", ended.stdout);
    assert!(ended.stdout.contains("failed logins (type f)"), "{}", ended.stdout);
    assert!(ended.stdout.contains("sqlite3 "), "{}", ended.stdout);
    let last = format!(" dashboard --db {}\n", database.display());
    assert!(ended.stdout.ends_with(&last), "{}", ended.stdout);
}

/// The signal is sent at some of the requests, which are answered once the command
/// says that it stops: the run is caught at each of its stages.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_run_between_two_steps_and_the_next_goes_on_from_there() {
    let operator = Operator::new().await;
    operator.report(operator.sync_into("whole.db", &[]), 0).await;
    let whole = rows(&operator.path("whole.db"));
    for number in [2, 4, 6] {
        let database = format!("{number}.db");
        let command = operator.sync_into(&database, &[]);
        let child = operator.signalled_at(number, command, "stopping before the next step");
        let output = tokio::task::spawn_blocking(|| child.process.wait_with_output().unwrap());
        let ended = Ended::new(&output.await.unwrap());
        assert_eq!(ended.status, Some(75), "request {number}: {}", ended.stdout);
        assert_eq!(ended.json()["failure"]["kind"], "interrupted", "{}", ended.stdout);
        assert_eq!(ended.json()["done"], false);
        let next = operator.report(operator.sync_into(&database, &[]), 0).await;
        assert_eq!((&next["resumed"], &next["done"]), (&json!(true), &json!(true)));
        assert_eq!(rows(&operator.path(&database)), whole);
    }
}

#[cfg(unix)]
#[test]
fn a_tenant_announces_itself_in_one_line_and_serves_until_it_is_stopped() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead, BufReader};

    let mut command = host(&["tenant", "--now", "2026-03-01", "--seed", "7", "--users", "3"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    for key in ["url", "domain", "client_id", "client_secret"] {
        assert!(line[key].is_string(), "{line}");
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(lines.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
