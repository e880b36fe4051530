//! Users: none is lost, none is removed by mistake.

use auth0_tenant::{Endpoint, Fault, LATIN1_E_ACUTE, Options, Rule};
use rawdash_connector_sdk::contract::failure::FailureKind;
use serde_json::json;

use crate::driver::{Driver, USERS, plain};

/// R2: Auth0 may refuse the search for users without a date, for ever.
#[test]
fn a_side_question_that_is_never_answered_stores_all_users() {
    let mut driver = Driver::new(plain(250, 50));
    let asks_existence =
        Rule::on(Endpoint::Users, Fault::slow_search()).with_parameter("q", "_exists_");
    driver.tenant.state().fault(asks_existence.always());
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(USERS), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
    assert_eq!(driver.warned(), ["users-unchecked"]);
    driver.tenant.state().clear_faults();
    assert_eq!(driver.sync_full(), None);
    assert_eq!(driver.warned(), Vec::<&str>::new());
}

#[test]
fn the_newest_change_is_a_side_question_too() {
    for fault in [Fault::slow_search(), Fault::Status(400), Fault::Status(500)] {
        let mut driver = Driver::new(plain(250, 50));
        let newest = Rule::on(Endpoint::Users, fault).with_parameter("sort", "updated_at:-1");
        driver.tenant.state().fault(newest.always());
        assert_eq!(driver.sync(), None);
        assert!(driver.has_all_users());
        assert_eq!(driver.warned(), ["users-unchecked"]);
        // Changes after the begin of that run are read.
        let id = driver.tenant.state().sign_up();
        assert_eq!(driver.sync(), None);
        assert!(driver.store.users.contains_key(&id));
    }
}

#[test]
fn users_without_a_date_are_asked_for_one_by_one_where_they_cannot_be_searched() {
    let mut driver = Driver::new(plain(120, 0));
    let ids: Vec<String> =
        driver.tenant.state().users().take(3).map(|user| user.id().to_owned()).collect();
    for id in &ids {
        driver.tenant.state().update_user(id, |user| user.unset("created_at"));
    }
    assert_eq!(driver.sync(), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
    let undated = Rule::on(Endpoint::Users, Fault::slow_search()).with_parameter("q", "_exists_");
    driver.tenant.state().fault(undated.always());
    driver.tenant.state().remove_user(&ids[1]);
    assert_eq!(driver.sync_full(), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
    assert_eq!(driver.warned(), ["users-unchecked"]);
}

/// R3: the index shows a part of the users, and the others still exist.
#[test]
fn users_whom_a_broken_index_does_not_show_are_not_removed() {
    let mut driver = Driver::new(plain(400, 0));
    assert_eq!(driver.sync(), None);
    let lost = driver.tenant.state().collapse_index(20);
    assert_eq!(driver.sync_full(), None);
    assert_eq!(driver.ending(USERS), Some(("postponed", FailureKind::Transient)));
    assert_eq!(driver.store.users.len(), 400);
    assert_eq!(driver.warned(), ["users-index-incomplete"]);
    let message = driver.message(USERS);
    assert!(message.contains("20 users") && message.contains("400"), "{message}");
    assert_eq!(driver.sync_full(), None, "and again");
    assert_eq!(driver.store.users.len(), 400);
    // Those that are gone go, also one that the broken index showed.
    let shown = driver
        .tenant
        .state()
        .users()
        .map(|user| user.id().to_owned())
        .find(|id| !lost.contains(id));
    driver.tenant.state().remove_user(&shown.unwrap());
    for id in lost.iter().take(100) {
        driver.tenant.state().remove_user(id);
    }
    driver.tenant.state().show_all_users();
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(USERS), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
}

#[test]
fn users_who_are_gone_are_removed_however_many_they_are() {
    let mut driver = Driver::new(plain(400, 0));
    assert_eq!(driver.sync(), None);
    let ids: Vec<String> =
        driver.tenant.state().users().skip(20).map(|user| user.id().to_owned()).collect();
    for id in ids {
        driver.tenant.state().remove_user(&id);
    }
    assert_eq!(driver.sync_full(), None);
    assert_eq!((driver.ending(USERS), driver.store.users.len()), (None, 20));
}

#[test]
fn a_search_that_finds_nobody_removes_nobody() {
    let mut driver = Driver::new(plain(40, 0));
    assert_eq!(driver.sync(), None);
    driver.tenant.state().collapse_index(0);
    assert_eq!(driver.sync_full(), None);
    assert_eq!(driver.ending(USERS), Some(("failed", FailureKind::Upstream)));
    assert_eq!(driver.store.users.len(), 40);
}

/// In the first sync too, when no user is stored.
#[test]
fn a_search_that_finds_none_of_the_users_that_auth0_counts_is_no_empty_tenant() {
    let mut driver = Driver::new(plain(40, 0));
    // Behind the requests for the token and for the newest change.
    driver.tenant.state().at_request(3, |state| drop(state.collapse_index(0)));
    assert_eq!(driver.sync(), None);
    assert_eq!(driver.ending(USERS), Some(("failed", FailureKind::Upstream)));
    driver.tenant.state().show_all_users();
    assert_eq!(driver.sync(), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
}

/// R12: one byte that is not UTF-8.
#[test]
fn a_user_with_a_byte_that_is_not_utf8_is_stored() {
    let mut driver = Driver::new(plain(250, 0));
    let id = driver.tenant.state().users().nth(7).unwrap().id().to_owned();
    let email = format!("ren{LATIN1_E_ACUTE}@example.com");
    driver.tenant.state().update_user(&id, |user| user.set("email", &json!(email)));
    let mut other = Driver::new(plain(250, 0));
    assert_eq!((driver.sync(), other.sync()), (None, None));
    assert!(driver.requests <= other.requests + 1, "{} requests", driver.requests);
    assert_eq!(driver.store.users[&id]["email"], "ren\u{fffd}@example.com");
    assert!(driver.warned().contains(&"not-utf8"), "{:?}", driver.warned());
}

#[test]
fn a_user_whom_no_page_shows_is_missed_with_a_number() {
    let mut driver = Driver::new(plain(50, 0));
    let ids: Vec<String> =
        driver.tenant.state().users().take(3).map(|user| user.id().to_owned()).collect();
    driver.tenant.state().hide_users(&ids, auth0_tenant::Hidden::Dropped);
    assert_eq!(driver.sync(), None);
    let missing = driver.warnings.iter().find(|warning| warning.code == "users-missing");
    assert_eq!(missing.map(|warning| warning.count), Some(3), "{:?}", driver.warnings);
}

/// Users of one instant are read by two searches, and count once: else they hide as
/// many that are missing.
#[test]
fn users_that_are_read_twice_do_not_stand_for_those_that_are_missing() {
    let options = auth0_tenant::Options { ties: 130, page_limit: 30, ..plain(250, 0) };
    let mut driver = Driver::new(options);
    let mut times = std::collections::BTreeMap::<_, Vec<String>>::new();
    for user in driver.tenant.state().users() {
        times.entry(user.created_at()).or_default().push(user.id().to_owned());
    }
    let ids: Vec<String> =
        times.into_values().filter(|ids| ids.len() == 1).flatten().take(3).collect();
    driver.tenant.state().hide_users(&ids, auth0_tenant::Hidden::Counted);
    assert_eq!(driver.sync(), None);
    let missing = driver.warnings.iter().find(|warning| warning.code == "users-missing");
    assert_eq!(missing.map(|warning| warning.count), Some(3), "{:?}", driver.warnings);
}

#[test]
fn a_deleted_user_is_removed_in_the_sync_that_reads_of_it() {
    let mut driver = Driver::new(plain(50, 300));
    assert_eq!(driver.sync(), None);
    let id = driver.tenant.state().users().nth(3).unwrap().id().to_owned();
    driver.tenant.state().delete_user(&id);
    assert_eq!(driver.sync(), None);
    assert!(!driver.store.users.contains_key(&id));
    assert!(driver.has_all_users());
}

#[test]
fn an_instance_that_is_dropped_again_and_again_loses_no_user() {
    for steps in [5, 9, 14] {
        let mut driver = Driver::new(Options { ties: 150, ..plain(450, 500) });
        for _ in 0..20 {
            driver.sync_partly(steps);
        }
        assert_eq!(driver.sync(), None);
        assert!(driver.has_all_users(), "{} users, {steps} steps", driver.store.users.len());
    }
}

#[test]
fn a_slow_search_is_narrowed_until_it_is_fast() {
    let slow =
        auth0_tenant::SlowSearch { users: 60, span: std::time::Duration::from_hours(24 * 365) };
    let mut driver = Driver::new(Options { slow_search: Some(slow), ..plain(300, 0) });
    assert_eq!(driver.sync(), None);
    assert!(driver.has_all_users(), "{} users", driver.store.users.len());
}

/// A cache in between serves the answer about the newest change again.
#[test]
fn the_answer_about_the_newest_change_is_not_taken_for_a_page_of_the_walk() {
    for times in [1, 2, 6, 9] {
        let mut driver = Driver::new(plain(250, 50));
        let again = Rule::on(Endpoint::Users, Fault::PreviousPage).nth(2).times(times);
        driver.tenant.state().fault(again);
        assert_eq!(driver.sync(), None);
        assert!(driver.has_all_users(), "{times}: {} users", driver.store.users.len());
    }
}
