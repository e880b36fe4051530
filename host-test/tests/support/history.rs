//! A small tenant with a history: a full run, then changes, then a latest run
//! that reads them. It is the same each time, whatever happened on the way.

use std::collections::BTreeSet;
use std::time::Duration;

use auth0_tenant::{NewLog, Options, User};
use rawdash_host::clock::Clock;
use rawdash_host::contract::Mode;
use rawdash_host::report::Report;
use serde_json::json;

use super::auth0::{Auth0, Contents};

/// When the changes are made, from the beginning: later than any wait of a run
/// before, and earlier than a full run would be due.
pub(crate) const CHANGED_AFTER: Duration = Duration::from_hours(6);
/// Commands that an operator gives before calling it hopeless.
const PATIENCE: usize = 20;

/// The two runs of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// All is read, into an empty database.
    Full,
    /// What changed is read.
    Latest,
}

impl Phase {
    pub(crate) const BOTH: [Phase; 2] = [Phase::Full, Phase::Latest];

    pub(crate) fn mode(self) -> Mode {
        match self {
            Phase::Full => Mode::Full,
            Phase::Latest => Mode::Latest,
        }
    }
}

/// The history without a fault.
pub(crate) struct History {
    full: Contents,
    latest: Contents,
    /// The file after the full run.
    database: Vec<u8>,
}

impl History {
    pub(crate) async fn without_faults() -> Self {
        let mut auth0 = begun().await;
        auth0.sync_well(Mode::Full).await;
        let full = auth0.contents();
        assert_eq!(full.changed(), auth0.users());
        assert_eq!(full.event_ids(), auth0.events());
        let database = std::fs::read(auth0.path()).unwrap();
        change(&auth0);
        auth0.sync_well(Mode::Latest).await;
        let latest = auth0.contents();
        assert_eq!(latest.changed(), auth0.users());
        assert_eq!(latest.event_ids(), auth0.events());
        assert_ne!(latest, full);
        History { full, latest, database }
    }

    /// What is stored after a run.
    pub(crate) fn contents(&self, phase: Phase) -> &Contents {
        match phase {
            Phase::Full => &self.full,
            Phase::Latest => &self.latest,
        }
    }

    /// A tenant and a database just before a run.
    pub(crate) async fn before(&self, phase: Phase) -> Auth0 {
        let auth0 = begun().await;
        if phase == Phase::Latest {
            std::fs::write(auth0.path(), &self.database).unwrap();
            change(&auth0);
        }
        auth0
    }
}

/// Pages of users and of log rows, ties, users without a date, and deletions
/// that the log tells: of a user who is gone, and of one who came back.
async fn begun() -> Auth0 {
    let options =
        Options { users: 70, logs: 90, ties: 25, page_limit: 20, odd: false, ..Options::default() };
    let auth0 = Auth0::new(options).await;
    let ids: Vec<String> = auth0.users().into_keys().collect();
    let mut state = auth0.tenant.state();
    let back = state.user(&ids[9]).unwrap().clone();
    assert!(state.delete_user(&ids[3]) && state.delete_user(&ids[9]));
    state.put_user(back);
    state.update_user(&ids[20], |user| user.unset("created_at"));
    drop(state);
    auth0
}

/// Passes the time until the changes are due, and makes them.
fn change(auth0: &Auth0) {
    let ids: Vec<String> = auth0.users().into_keys().collect();
    let passed = auth0.driven.monotonic();
    assert!(passed < CHANGED_AFTER, "the run before took {passed:?}");
    auth0.pass(CHANGED_AFTER - passed);
    let mut state = auth0.tenant.state();
    let now = state.now();
    for id in ids.iter().step_by(3) {
        state.update_user(id, |user| user.set("logins_count", &json!(4711)));
    }
    let mut new: serde_json::Value =
        serde_json::from_str(state.user(&ids[0]).unwrap().json()).unwrap();
    new["user_id"] = json!("auth0|new");
    state.put_user(User::from_json(new.to_string()));
    assert!(state.delete_user(&ids[5]) && state.delete_user(&ids[7]));
    for (number, kind) in ["s", "f", "seacft", "fp", "gd_auth_succeed"].iter().cycle().enumerate() {
        if number == 45 {
            break;
        }
        state.append_log(&NewLog::new(kind, now).about(&ids[number]));
    }
    state.set_stats(now, Some(STATS));
    drop(state);
    auth0.pass(Duration::from_secs(60));
}

/// The day of the changes as it is then.
const STATS: &str = r#"{"date":"2026-03-01T00:00:00.000Z","logins":99,"signups":7}"#;

/// The commands that an operator gives: again for as long as the exit status
/// says that time repairs it, after the time that it names.
pub(crate) async fn carry(auth0: &mut Auth0, phase: Phase) -> Result<Vec<Report>, String> {
    let mut reports = Vec::new();
    while reports.len() < PATIENCE {
        auth0.tenant.listen_again().await.unwrap();
        let report = auth0.sync_mode(phase.mode()).await;
        let code = report.exit().code();
        let pause = pause(&report);
        let done = report.done;
        reports.push(report);
        match (code, done) {
            (0, true) => return Ok(reports),
            (75, _) => auth0.pass(pause),
            _ => return Err(format!("exit status {code}: {:?}", reports.last())),
        }
    }
    Err(format!("not done after {PATIENCE} commands: {:?}", reports.last()))
}

/// When the failures of a report say that a new try is worth it.
pub(crate) fn pause(report: &Report) -> Duration {
    let of_resources = report.resources.values().filter_map(|resource| resource.failure.as_ref());
    let told = of_resources.chain(&report.failure).filter_map(|failure| failure.retry_after_ms);
    Duration::from_millis(told.max().unwrap_or(60_000))
}

/// What one has and the other lacks, for a person to read.
pub(crate) fn difference(wanted: &Contents, stored: &Contents) -> Option<String> {
    if wanted == stored {
        return None;
    }
    let keys = |contents: &Contents| {
        let users = contents.users.iter().map(|(id, user)| format!("user {id} {user:?}"));
        let events = contents.events.iter().map(|(id, event)| format!("event {id} {event:?}"));
        let samples = contents.samples.iter().map(|(at, value)| format!("sample {at:?} {value}"));
        users.chain(events).chain(samples).collect::<BTreeSet<String>>()
    };
    let (wanted_keys, stored_keys) = (keys(wanted), keys(stored));
    let some = |rows: Vec<&String>| format!("{} {:#?}", rows.len(), &rows[..rows.len().min(3)]);
    Some(format!(
        "missing: {}, too much: {}, rows: {:?} for {:?}",
        some(wanted_keys.difference(&stored_keys).collect()),
        some(stored_keys.difference(&wanted_keys).collect()),
        (stored.event_rows, stored.sample_rows),
        (wanted.event_rows, wanted.sample_rows),
    ))
}
