//! The log: no event is lost, and no loss is invented.

use auth0_tenant::{Day, Endpoint, Fault, LogEntry, NewLog, Options, Rule};
use rawdash_connector_sdk::contract::failure::FailureKind;
use serde_json::json;
use std::time::Duration;

use crate::driver::{Driver, EVENTS, NOW, STATS, plain};

const HOUR: i64 = 3_600_000;

/// R1: one endpoint is down for days, and rows of the log expire meanwhile.
#[test]
fn no_login_is_lost_while_statistics_fail_for_days() {
    let mut driver = Driver::new(Options { retention_days: Some(1), ..plain(20, 0) });
    driver.tenant.state().schedule_days(4, Day { logins: 3, signups: 1 });
    driver.tenant.state().fault(Rule::on(Endpoint::Stats, Fault::Status(500)).always());
    for day in 1..=4 {
        driver.days_later(1);
        assert_eq!(driver.sync(), None);
        assert_eq!(driver.ending(STATS), Some(("postponed", FailureKind::Transient)));
        assert_eq!(driver.store.events.len(), 3 * day, "day {day}");
        assert!(driver.has_all_users(), "day {day}");
    }
    assert_eq!(driver.store.events.len(), 12);
    driver.tenant.state().clear_faults();
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(STATS), None);
    assert!(!driver.store.samples.is_empty());
}

/// R5: a quiet log that was read to its end has no gap.
#[test]
fn a_quiet_log_that_expires_is_no_gap() {
    let mut driver = Driver::new(Options { retention_days: Some(2), ..plain(3, 0) });
    for age in [31, 30] {
        driver.tenant.state().append_log(&NewLog::new("s", NOW - age * HOUR));
    }
    for _ in 0..3 {
        assert_eq!(driver.sync(), None);
        driver.clock.advance(Duration::from_mins(10));
    }
    driver.tenant.state().drop_logs_before(NOW);
    let id = driver.tenant.state().users().next().unwrap().id().to_owned();
    driver.tenant.state().log_in(&id);
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.warned(), Vec::<&str>::new());
    assert_eq!(driver.store.events.len(), 3);
}

#[test]
fn rows_that_expired_unread_are_a_gap_and_the_next_run_of_users_is_full() {
    let mut driver = Driver::new(Options { retention_days: Some(1), ..plain(30, 0) });
    driver.tenant.state().append_log(&NewLog::new("s", NOW - HOUR));
    assert_eq!(driver.sync(), None);
    let id = driver.tenant.state().users().next().unwrap().id().to_owned();
    driver.tenant.state().delete_user(&id);
    driver.days_later(3);
    driver.tenant.state().append_log(&NewLog::new("s", NOW + 71 * HOUR));
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.warned(), ["log-gap"]);
    assert_eq!(driver.sync(), None);
    assert!(driver.has_all_users());
}

/// R13: the published schema lets a date be an object.
#[test]
fn a_row_whose_date_is_an_object_is_stored_with_the_time_in_its_id() {
    let mut driver = Driver::new(plain(3, 0));
    let id = driver.tenant.state().append_log(&NewLog::new("s", NOW - HOUR));
    let date = json!({ "$date": "2026-08-20T11:34:56.789Z" });
    driver.tenant.state().set_log_member(&id, "date", Some(&date));
    assert_eq!(driver.sync(), None);
    let (start, _) = driver.store.events[&id];
    assert!((NOW - HOUR..=NOW).contains(&start), "{start}");
}

/// R16: which types are stored is configured.
#[test]
fn the_types_that_are_configured_are_stored_and_unknown_ones_warned_of() {
    let mut driver = Driver::configured(plain(30, 2000), r#","logTypes":["fu","zz"]"#);
    assert_eq!(driver.sync(), None);
    let of_type = |kind: &str| {
        let state = driver.tenant.state();
        state.logs().filter(|entry: &LogEntry| entry.kind == kind).count()
    };
    let expected = of_type("fu");
    assert!(expected > 0);
    assert_eq!(driver.store.events.len(), expected);
    assert_eq!(driver.warned(), ["log-types-unknown"]);
    assert_eq!(driver.ending(EVENTS), None);
}

#[test]
fn a_page_that_is_not_json_costs_one_row_at_most() {
    let mut driver = Driver::new(plain(3, 250));
    let broken = Rule::on(Endpoint::Logs, Fault::MalformedJson).nth(3).times(2);
    driver.tenant.state().fault(broken);
    assert_eq!(driver.sync(), None);
    let stored = ["s", "f", "seacft", "fp"];
    let expected = {
        let state = driver.tenant.state();
        state.logs().filter(|entry| stored.contains(&entry.kind.as_str())).count()
    };
    assert_eq!(driver.store.events.len(), expected);
}
