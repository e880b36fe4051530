//! The page about a database: what it says of rows that this host stored, what the
//! command does with the file, and what a browser makes of the page.

mod browser;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use auth0_tenant::Options;
use rawdash_dashboard::Snapshot;
use rawdash_dashboard::snapshot::{Found, Moment, ResourceState, Shape};
use rawdash_host::contract::Mode;
use rawdash_sqlite::Database;
use rusqlite::Connection;
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::support::auth0::Auth0;

fn command(arguments: &[&str], database: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
    command.arg("dashboard").args(arguments).arg("--db").arg(database).stdin(Stdio::null());
    command
}

fn refused(output: &Output, status: i32) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(output.stdout.is_empty());
    said
}

/// A database of this host, with a row of each kind.
fn stored(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("rawdash.db");
    drop(Database::open(&path, "auth0").unwrap());
    let connection = Connection::open(&path).unwrap();
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    connection
        .execute_batch(&format!(
            r#"INSERT INTO entities VALUES
               ('auth0', 'auth0_user', 'auth0|1', '{{"email":"ada@example.com"}}', {now});
               INSERT INTO events (connector_id, name, start_ts, attributes) VALUES
               ('auth0', 'auth0_login_event', {now}, '{{"type":"fp","userId":"auth0|1"}}');
               INSERT INTO metrics (connector_id, name, ts, value, attributes) VALUES
               ('auth0', 'auth0_daily_active_users', {now}, 3, '{{"kind":"logins"}}'),
               ('auth0', 'auth0_daily_active_users', {now}, 1, '{{"kind":"signups"}}');"#
        ))
        .unwrap();
    path
}

/// The names and contents of the files in a directory.
fn contents(directory: &TempDir) -> BTreeSet<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(directory.path()).unwrap();
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    files.map(|file| read(file.unwrap().path())).collect()
}

/// The command while it serves; it is stopped when dropped.
struct Served {
    child: Child,
    url: String,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Served {
    fn start(database: &Path) -> Served {
        let mut child = command(&[], database).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap();
        Served { child, url, lines }
    }

    fn port(&self) -> u16 {
        let port = self.url.strip_prefix("http://127.0.0.1:").unwrap();
        port.strip_suffix('/').unwrap().parse().unwrap()
    }

    /// The response to a browser.
    fn get(&self) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", self.port());
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sync_has_stored_is_what_the_page_says() {
    let options = Options { users: 150, logs: 400, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.sync_well(Mode::Full).await;
    let now = OffsetDateTime::from_unix_timestamp(1_772_366_400).unwrap();
    let Snapshot { found, .. } = rawdash_dashboard::read(&auth0.path(), "auth0", now).unwrap();
    let Found::Connector(numbers) = found else { panic!("{found:?}") };
    let activity = numbers.activity.unwrap();
    assert_eq!(activity.users.total, auth0.users().len() as u64);
    let first = activity.days.first().start();
    let signups: f64 = auth0
        .samples(first)
        .into_iter()
        .filter(|((_, kind), _)| kind == "signups")
        .map(|(_, value)| value)
        .sum();
    assert_eq!(activity.signups.total(), Some(signups as u64));
    let connection = Connection::open(auth0.path()).unwrap();
    let failed = "SELECT count(*) FROM events
                  WHERE attributes ->> 'type' IN ('f', 'fp', 'fu') AND start_ts >= ?1";
    let failed: i64 = connection.query_row(failed, [first], |row| row.get(0)).unwrap();
    let told = [activity.wrong_passwords, activity.other_failures];
    assert!(failed > 0);
    assert_eq!(
        told.iter().filter_map(|series| series.total()).sum::<u64>(),
        failed.cast_unsigned()
    );
    assert_eq!(numbers.events.len(), 20);
    assert!(numbers.events.iter().all(|event| event.log_type.is_some()));
    let shapes: Vec<Shape> = numbers.resources.iter().map(|resource| resource.shape).collect();
    assert_eq!(shapes, [Shape::Entity, Shape::Event, Shape::Metric]);
    for resource in numbers.resources {
        let state = resource.state(&numbers.sync, Moment::of(now));
        assert!(matches!(state, ResourceState::Fresh(_)), "{resource:?}");
    }
}

#[cfg(unix)]
#[test]
fn it_serves_one_page_until_it_is_stopped_and_leaves_the_database_as_it_is() {
    use rustix::process::{Pid, Signal, kill_process};

    for signal in [Signal::TERM, Signal::INT] {
        let directory = TempDir::new().unwrap();
        let path = stored(&directory);
        let before = contents(&directory);
        let mut served = Served::start(&path);
        let response = served.get();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.contains("ada@example.com"), "{response}");
        assert_eq!(contents(&directory), before);
        kill_process(Pid::from_child(&served.child), signal).unwrap();
        assert_eq!(served.child.wait().unwrap().code(), Some(0));
        assert!(served.lines.next().is_none());
    }
}

#[test]
fn rows_that_are_stored_later_are_on_the_page_when_it_is_loaded_again() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let served = Served::start(&path);
    assert!(!served.get().contains("grace@example.com"));
    let writer = Connection::open(&path).unwrap();
    writer
        .execute("UPDATE entities SET attributes = '{\"email\":\"grace@example.com\"}'", [])
        .unwrap();
    assert!(served.get().contains("grace@example.com"));
    drop(writer);
    for file in ["rawdash.db", "rawdash.db-wal", "rawdash.db-shm"] {
        let _ = std::fs::remove_file(directory.path().join(file));
    }
    let response = served.get();
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.contains("rawdash.db does not exist"), "{response}");
    assert!(!path.exists());
}

#[test]
fn the_page_as_a_file_is_whole_and_the_only_one_that_is_added() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let pages = TempDir::new().unwrap();
    let page = pages.path().join("auth0.html");
    for _ in 0..2 {
        let output = command(&["--html", page.to_str().unwrap()], &path).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let html = std::fs::read_to_string(&page).unwrap();
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"), "{html}");
        assert!(html.contains("ada@example.com"), "{html}");
        assert_eq!(contents(&pages).len(), 1);
    }
}

#[test]
fn a_page_that_cannot_be_made_or_written_leaves_the_last_one_where_it_is() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let page = directory.path().join("auth0.html");
    std::fs::write(&page, "the last one").unwrap();
    let html = ["--html", page.to_str().unwrap()];
    let before = contents(&directory);
    let missing = directory.path().join("absent.db");
    let said = refused(&command(&html, &missing).output().unwrap(), 74);
    assert!(said.contains("absent.db does not exist"), "{said}");
    let said = refused(&command(&html, &page).output().unwrap(), 74);
    assert!(said.contains("auth0.html is not an SQLite database"), "{said}");
    assert_eq!(contents(&directory), before);
    let nowhere = directory.path().join("absent/auth0.html");
    let output = command(&["--html", nowhere.to_str().unwrap()], &path).output().unwrap();
    let said = refused(&output, 74);
    assert!(said.contains("absent/auth0.html cannot be written"), "{said}");
}

#[test]
fn a_page_is_not_written_over_its_database() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let before = contents(&directory);
    let same = directory.path().join(".").join("rawdash.db");
    let said = refused(&command(&["--html", same.to_str().unwrap()], &path).output().unwrap(), 64);
    assert!(said.contains("is the database: name another file"), "{said}");
    assert_eq!(contents(&directory), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_for_standard_output_is_written_there_and_no_file_takes_its_place() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let link = directory.path().join("page.html");
    std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
    let output = command(&["--html", link.to_str().unwrap()], &path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"<!doctype html>"));
    assert!(link.is_symlink());
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_that_cannot_be_told_is_not_served_in_silence() {
    let directory = TempDir::new().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&[], &stored(&directory)).stdout(full).output().unwrap();
    assert!(refused(&output, 74).contains("standard output cannot be written"));
}

#[cfg(unix)]
#[test]
fn a_page_has_the_permissions_of_the_one_before_and_a_link_to_it_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let (page, link) = (directory.path().join("auth0.html"), directory.path().join("link.html"));
    std::fs::write(&page, "the last one").unwrap();
    std::fs::set_permissions(&page, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("auth0.html", &link).unwrap();
    let output = command(&["--html", link.to_str().unwrap()], &path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!doctype html>"));
    assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_remedy() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = refused(&command(&["--port", &port], &path).output().unwrap(), 64);
    assert!(said.contains(&port) && said.contains("choose another one"), "{said}");
}

#[test]
fn a_database_that_has_nothing_to_show_is_no_error() {
    let directory = TempDir::new().unwrap();
    let path = stored(&directory);
    let empty = directory.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let page = directory.path().join("page.html");
    let page_about = |arguments: &[&str], database: &Path| {
        let mut command = command(arguments, database);
        let output = command.arg("--html").arg(&page).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(&page).unwrap()
    };
    assert!(page_about(&[], &empty).contains("none of rawdash’s tables"));
    let other = page_about(&["--name", "github"], &path);
    assert!(other.contains("no rows of a connector named") && other.contains("<li><bdi>auth0<"));
}
