//! Ten tenants, each with its own peculiarities, and what changes in them.

use std::ops::RangeInclusive;
use std::time::Duration;

use auth0_tenant::{LogIds, NewLog, Options, SlowSearch};
use rawdash_host::clock::Clock;

use crate::support::auth0::Auth0;
use crate::support::history::CHANGED_AFTER;

/// The tenants.
pub(crate) const SEEDS: RangeInclusive<u64> = 1..=10;

/// Several pages of users and of log rows, ties, rows that are not as documented,
/// a user who is deleted, and one who is deleted and comes back.
pub(crate) async fn begun(seed: u64) -> Auth0 {
    let number = seed as u32;
    let auth0 = Auth0::new(Options {
        seed,
        users: 120 + 10 * number,
        logs: 300 + 20 * number,
        page_limit: 50,
        // More than a page of one instant, some, or none.
        ties: [70, 0, 20][number as usize % 3],
        unstable_ties: number % 3 == 2,
        log_ids: [LogIds::Kinesis, LogIds::Timed900, LogIds::Timed800][number as usize % 3],
        index_lag: Duration::from_secs(u64::from(number % 2) * 30),
        slow_search: number
            .is_multiple_of(4)
            .then_some(SlowSearch { users: 90, span: Duration::from_hours(24 * 1000) }),
        ..Options::default()
    })
    .await;
    delete(&auth0, seed, [10, 40, 70]);
    auth0
}

/// Passes the time until the changes are due, and makes them.
pub(crate) fn change(auth0: &Auth0, seed: u64) {
    auth0.pass(CHANGED_AFTER - auth0.driven.monotonic());
    let ids: Vec<String> = auth0.users().into_keys().collect();
    delete(auth0, seed, [20, 50, 80]);
    let turn = |number: u64| &ids[(seed * 7 + number) as usize % ids.len()];
    for number in 0..60 {
        auth0.tenant.state().log_in(turn(number));
        auth0.pass(Duration::from_secs(number % 2));
    }
    let mut state = auth0.tenant.state();
    let now = state.now();
    for (number, kind) in (0..90).zip(["f", "seacft", "fp", "gd_auth_succeed"].iter().cycle()) {
        state.append_log(&NewLog::new(kind, now).about(turn(number)));
    }
    for _ in 0..3 {
        state.sign_up();
    }
    let stats = format!(r#"{{"date":"2026-03-01T00:00:00.000Z","logins":{seed}99,"signups":7}}"#);
    state.set_stats(now, Some(&stats));
    drop(state);
    auth0.pass(Duration::from_secs(60));
}

/// Deletes three users, of whom the last one comes back.
fn delete(auth0: &Auth0, seed: u64, places: [u64; 3]) {
    let ids: Vec<String> = auth0.users().into_keys().collect();
    let mut state = auth0.tenant.state();
    for place in places {
        let user = state.user(&ids[(place + seed) as usize]).unwrap().clone();
        assert!(state.delete_user(user.id()));
        if place == places[2] {
            state.put_user(user);
        }
    }
}
