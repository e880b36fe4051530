//! `--metrics`: a collector reads a whole file at any moment, and a sync that fails
//! does not look like one that never ran.

use super::*;
use std::collections::BTreeMap;

const FILE: &str = "rawdash.prom";

impl Operator {
    /// Syncs, and returns the samples of the file by name and labels.
    async fn measured(&self, mut command: Command, status: i32) -> BTreeMap<String, f64> {
        command.arg("--metrics").arg(self.path(FILE));
        let ended = self.end(command).await;
        assert_eq!(ended.status, Some(status), "{}{}", ended.stdout, ended.stderr);
        promtool::checks_metrics(&self.path(FILE));
        let text = std::fs::read_to_string(self.path(FILE)).unwrap();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let sample = |line: &str| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        };
        samples.map(sample).collect()
    }
}

fn of_sync(name: &str) -> String {
    format!("rawdash_sync_{name}{{connector=\"auth0\"}}")
}

fn of_resource(name: &str, resource: &str) -> String {
    format!("rawdash_sync_resource_{name}{{connector=\"auth0\",resource=\"{resource}\"}}")
}

fn state(resource: &str, state: &str) -> String {
    format!(
        "rawdash_sync_resource_state{{connector=\"auth0\",resource=\"{resource}\",\
         state=\"{state}\"}}"
    )
}

const LAST_SUCCESS: &str = "last_success_timestamp_seconds";

#[tokio::test(flavor = "multi_thread")]
async fn each_sync_leaves_its_figures_and_none_moves_a_success_that_it_had_no_part_in() {
    let operator = Operator::new().await;
    let first = operator.measured(operator.sync(&[]), 0).await;
    assert_eq!(first[&of_sync("exit_status")], 0.0);
    assert!(first[&of_sync("requests")] > 0.0);
    assert_eq!(first[&of_resource("rows_written", "auth0_user")], 150.0);
    for resource in ["auth0_user", "auth0_login_event", "auth0_daily_active_users"] {
        assert_eq!(first[&state(resource, "complete")], 1.0);
        assert!(first[&of_resource(LAST_SUCCESS, resource)] > 1.7e9);
    }

    operator.tenant.state().set_scopes(&["read:users", "read:stats"]);
    let second = operator.measured(operator.sync(&[]), 77).await;
    let moved = |name: &str| second[name] > first[name];
    assert!(moved(&of_resource(LAST_SUCCESS, "auth0_user")));
    assert!(!moved(&of_resource(LAST_SUCCESS, "auth0_login_event")));
    assert!(!moved(&of_sync(LAST_SUCCESS)) && moved(&of_sync("timestamp_seconds")));
    assert_eq!(second[&state("auth0_login_event", "failed")], 1.0);
    assert_eq!(second[&state("auth0_login_event", "complete")], 0.0);

    // Locked out, without a configuration, with a wrong command line: each had no part
    // in any success.
    let held = Database::open(&operator.path("rawdash.db"), "auth0").unwrap();
    let locked_out = operator.measured(operator.sync(&[]), 75).await;
    drop(held);
    let wrong = operator.measured(operator.sync(&["--resources", "no-such"]), 64).await;
    std::fs::remove_file(operator.path("auth0.json")).unwrap();
    let failed = operator.measured(operator.sync(&[]), 78).await;
    for (status, later) in [(75.0, locked_out), (64.0, wrong), (78.0, failed)] {
        assert_eq!(later[&of_sync("exit_status")], status);
        let successes = second.iter().filter(|(name, _)| name.contains(LAST_SUCCESS));
        for (name, at) in successes {
            assert_eq!(later.get(name), Some(at), "{name} after a sync that ended as {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_at_its_limit_is_seen_in_the_figures() {
    use auth0_tenant::{Endpoint, Fault, Rule};
    let operator = Operator::new().await;
    let limit = Rule::on(Endpoint::Token, Fault::token_quota(1)).nth(1);
    operator.tenant.state().switch_on(limit);
    let samples = operator.measured(operator.sync(&[]), 0).await;
    assert_eq!(samples[&of_sync("rate_limited_responses")], 1.0);
    assert!(samples[&of_sync("waits")] >= 1.0, "{samples:#?}");
    assert!(samples[&of_sync("waiting_seconds")] > 0.0, "{samples:#?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_of_another_user_may_read_the_file_and_finds_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let operator = Operator::new().await;
    std::fs::create_dir(operator.path("collected")).unwrap();
    let file = operator.path("collected").join(FILE);
    let mut sync = operator.sync(&["--metrics"]);
    sync.arg(&file);
    let mut command = Command::new("sh");
    command.args(["-c", "umask 077 && exec \"$@\"", "sh"]).arg(sync.get_program());
    command.args(sync.get_args()).env(SECRET, operator.tenant.client_secret());
    operator.report(command, 0).await;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    let files = std::fs::read_dir(operator.path("collected")).unwrap().count();
    assert_eq!(files, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_that_cannot_be_written_are_an_error_and_cost_no_row() {
    let operator = Operator::new().await;
    let file = operator.path("no-such-directory").join(FILE);
    let mut sync = operator.sync(&["--metrics"]);
    sync.arg(&file);
    let ended = operator.end(sync).await;
    assert_eq!(ended.status, Some(74), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("written to {}", file.display())), "{}", ended.stderr);
    assert_eq!(ended.json()["done"], true);
}
