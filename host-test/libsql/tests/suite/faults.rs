//! Exchanges with the server that break, and servers that die.

use std::time::Duration;

use rawdash_host::contract::Mode;
use rawdash_host::storage::{RunEnd, Storage, StorageError};
use rawdash_libsql::{Options, Patience, Server};
use rawdash_schema::testing::CHECKPOINTS;
use sqld::Sqld;
use time::macros::datetime;
use tokio::task::JoinSet;

use crate::fixture::{EVENTS, PATIENCE, default_server, event, open, server};
use crate::relay::{FAULTS, Fault, Relay};

/// What a sync does to a storage: every kind of call.
async fn sync(server: &Server) -> Result<(), StorageError> {
    let mut database = server
        .open("auth0", Options::default())
        .await
        .map_err(|error| StorageError::Unavailable { message: format!("not opened: {error}") })?;
    database.remember_origins(&["https://a".to_owned()]).await?;
    database.commit(&[event("a")], "1").await?;
    database.commit(&[event("b"), event("c")], "2").await?;
    database.commit(&[], "3").await?;
    database.end_run("login", RunEnd::Complete, "4").await?;
    database.complete(Mode::Full, datetime!(2026-03-04 05:00 UTC), "5").await?;
    assert_eq!(database.checkpoint().await?.as_deref(), Some("5"));
    Ok(())
}

async fn assert_whole(sqld: &Sqld, namespace: &str, what: &str) {
    assert_eq!(sqld.strings(namespace, EVENTS).await, ["a", "b", "c"], "{what}");
    assert_eq!(sqld.strings(namespace, CHECKPOINTS).await, ["auth0 5"], "{what}");
    let state = "SELECT last_sync_at FROM connector_sync_state";
    assert_eq!(sqld.strings(namespace, state).await, ["2026-03-04T05:00:00.000Z"], "{what}");
    let revision = "SELECT revision || '' FROM host_fences";
    assert_eq!(sqld.strings(namespace, revision).await, ["6"], "a step was stored twice: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_exchange_costs_no_row_and_stores_none_twice() {
    let Some(sqld) = Sqld::start() else { return };
    sqld.namespace("whole").await;
    let relay = Relay::start(sqld.address(), None);
    sync(&server(&relay.url("whole"), PATIENCE)).await.unwrap();
    let exchanges = relay.requests();
    assert!(exchanges > 8, "{exchanges}");
    let mut syncs = JoinSet::new();
    for (fault, nth) in
        FAULTS.into_iter().flat_map(|fault| (1..=exchanges).map(move |n| (fault, n)))
    {
        let namespace = format!("{fault:?}{nth}").to_lowercase();
        sqld.namespace(&namespace).await;
        let relay = Relay::start(sqld.address(), Some((nth, fault)));
        // At once, because some have to wait until the server forgets a transaction.
        syncs.spawn(async move {
            let silent = matches!(fault, Fault::Silent | Fault::SilentAfter);
            // On a busy machine an answer may be late without this fault: it is the same.
            let answer = if silent { Duration::from_secs(8) } else { PATIENCE.answer };
            let patience = Patience { answer, ..PATIENCE };
            let what = format!("{fault:?} at exchange {nth}");
            let synced = sync(&server(&relay.url(&namespace), patience)).await;
            synced.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(relay.requests() >= exchanges, "it did not come to that: {what}");
            (namespace, what)
        });
    }
    for (namespace, what) in syncs.join_all().await {
        assert_whole(&sqld, &namespace, &what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_at_any_step_costs_no_row() {
    let Some(mut sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    let mut database = open(&server).await;
    for step in 0..6 {
        database.commit(&[event(&step.to_string())], &step.to_string()).await.unwrap();
        sqld.kill_and_restart();
    }
    let ids: Vec<String> = (0..6).map(|step| step.to_string()).collect();
    assert_eq!(sqld.strings("default", EVENTS).await, ids);
    assert_eq!(database.checkpoint().await.unwrap().as_deref(), Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_a_step_is_stored_stores_it_once() {
    let Some(mut sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    let mut database = open(&server).await;
    for step in 0..10_usize {
        let many: Vec<_> = (0..200).map(|n| event(&format!("{step}-{n}"))).collect();
        let checkpoint = step.to_string();
        let storing = database.commit(&many, &checkpoint);
        let killing = async {
            // Wherever the step is by then: each place is right.
            tokio::time::sleep(Duration::from_millis(5 * step as u64)).await;
            tokio::task::block_in_place(|| sqld.kill_and_restart());
        };
        let (stored, ()) = tokio::join!(storing, killing);
        stored.unwrap();
    }
    assert_eq!(sqld.strings("default", EVENTS).await.len(), 2000);
    let revision = "SELECT revision || '' FROM host_fences";
    assert_eq!(sqld.strings("default", revision).await, ["10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dies_in_any_step_leaves_all_of_it_or_nothing() {
    let Some(sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    for step in 0..20_u64 {
        let mut database = open(&server).await;
        let before = database.checkpoint().await.unwrap();
        let many: Vec<_> = (0..50).map(|n| event(&format!("{step}-{n}"))).collect();
        let name = step.to_string();
        let storing = database.commit(&many, &name);
        // Wherever it is by then: each place is right.
        let _ = tokio::time::timeout(Duration::from_millis(step), storing).await;
        // What is under way is committed or not; a transaction of a new writer comes after.
        let mut next = open(&server).await;
        let _ = next.commit(&[], "").await;
        let of_step = format!("{EVENTS} WHERE event_id LIKE '{step}-%'");
        let found = sqld.strings("default", &of_step).await.len();
        assert!(
            found == 0 || found == 50,
            "{found} of the events of a step are stored: {before:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_away_is_reported_and_the_next_sync_carries_on() {
    let Some(mut sqld) = Sqld::start() else { return };
    let outage = Duration::from_millis(300);
    let impatient = server(&sqld.url("default"), Patience { outage, ..PATIENCE });
    let mut database = open(&impatient).await;
    database.commit(&[event("a")], "1").await.unwrap();
    sqld.kill();
    let error = database.commit(&[event("b")], "2").await.unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, StorageError::Unavailable { .. }), "{error:?}");
    assert!(said.contains(&sqld.url("default")) && said.contains("is not reachable"), "{said}");
    let said = impatient.open("auth0", Options::default()).await.unwrap_err().to_string();
    assert!(said.contains("is not reachable"), "{said}");
    sqld.kill_and_restart();
    database.commit(&[event("c")], "3").await.unwrap();
    assert_eq!(sqld.strings("default", EVENTS).await, ["a", "c"]);
    drop(database);
    assert_eq!(open(&impatient).await.checkpoint().await.unwrap().as_deref(), Some("3"));
}
