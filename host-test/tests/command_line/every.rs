//! `sync --every`: one process that syncs for as long as it is left alone.
#![cfg(unix)]

use super::*;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout};

/// Longer than any test takes.
const HOURLY: [&str; 2] = ["--every", "1h"];
const AT_ONCE: [&str; 2] = ["--every", "1s"];

/// A command under way.
struct Loop {
    process: Child,
    reports: Lines<BufReader<ChildStdout>>,
}

impl Loop {
    fn start(operator: &Operator, more: &[&str]) -> Loop {
        let mut command = operator.sync(more);
        command.stderr(std::fs::File::create(operator.path("stderr")).unwrap());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let reports = BufReader::new(process.stdout.take().unwrap()).lines();
        Loop { process, reports }
    }

    /// What the next sync reports, in one line.
    fn next(&mut self) -> Value {
        let line = tokio::task::block_in_place(|| self.reports.next().unwrap().unwrap());
        serde_json::from_str(&line).unwrap()
    }

    fn signal(&self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
    }

    /// The exit status, once it has ended.
    fn status(mut self) -> Option<i32> {
        tokio::task::block_in_place(|| {
            assert!(self.reports.all(|line| line.is_ok()));
            self.process.wait().unwrap().code()
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_follows_the_other_and_only_the_first_discards_what_is_stored() {
    let operator = Operator::new().await;
    operator.report(operator.sync(&[]), 0).await;
    let mut syncs = Loop::start(&operator, &["--every", "1s", "--reset"]);
    let modes: Vec<Value> = (0..3).map(|_| syncs.next()["mode"].clone()).collect();
    assert_eq!(modes, ["full", "latest", "latest"]);
    syncs.signal();
    assert!(matches!(syncs.status(), Some(0 | 75)), "a signal ends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_fails_is_followed_by_one_that_does_not() {
    let operator = Operator::new().await;
    operator.tenant.state().set_scopes(&["read:users", "read:stats"]);
    let mut syncs = Loop::start(&operator, &AT_ONCE);
    let failed = syncs.next();
    assert_eq!(failed["resources"]["auth0_login_event"]["state"], "failed");
    operator.tenant.state().set_scopes(&["read:users", "read:stats", "read:logs"]);
    while syncs.next()["resources"]["auth0_login_event"]["state"] != "complete" {}
    // A configuration that is wrong for a while is no reason to end, once it was right.
    let configuration = std::fs::read_to_string(operator.path("auth0.json")).unwrap();
    operator.write("auth0.json", "{");
    while syncs.next()["failure"]["kind"] != "configuration" {}
    operator.write("auth0.json", &configuration);
    while syncs.next()["done"] != true {}
    syncs.signal();
    assert!(matches!(syncs.status(), Some(0 | 75)), "a signal ends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_that_no_waiting_repairs_ends_the_command() {
    let operator = Operator::new().await;
    let more = [&HOURLY[..], &["--resources", "no-such"]].concat();
    assert_eq!(operator.end(operator.sync(&more)).await.status, Some(64));
    operator.write("auth0.json", "{");
    assert_eq!(operator.end(operator.sync(&HOURLY)).await.status, Some(78));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_between_two_syncs_ends_it_at_once_as_done() {
    let operator = Operator::new().await;
    let mut syncs = Loop::start(&operator, &HOURLY);
    assert_eq!(syncs.next()["done"], true);
    let said = || std::fs::read_to_string(operator.path("stderr")).unwrap();
    while !said().contains("the next sync begins at 2") {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    syncs.signal();
    assert_eq!(syncs.status(), Some(0));
    // The lock was not kept from one sync to the next.
    operator.report(operator.sync(&[]), 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_within_a_sync_ends_it_as_it_ends_a_single_one() {
    let operator = Operator::new().await;
    let command = operator.sync(&HOURLY);
    let child = operator.signalled_at(2, command, "stopping before the next step");
    let output = tokio::task::spawn_blocking(|| child.process.wait_with_output().unwrap());
    let ended = Ended::new(&output.await.unwrap());
    assert_eq!(ended.status, Some(75), "{}", ended.stdout);
    assert_eq!(ended.json()["failure"]["kind"], "interrupted");
    operator.report(operator.sync(&[]), 0).await;
}
