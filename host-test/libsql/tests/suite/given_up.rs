//! Steps whose future was dropped before they were answered, as by a timeout around a
//! sync, and what the same [`Database`] stores after them.

use std::time::Duration;

use rawdash_host::storage::{Storage, StorageError};
use rawdash_libsql::Database;
use sqld::Sqld;

use crate::fixture::{EVENTS, PATIENCE, default_server, event, open, server};
use crate::relay::{Fault, Relay};

/// A database whose first step meets the fault.
async fn opened(sqld: &Sqld, fault: Fault) -> (Relay, Database) {
    drop(open(&default_server(sqld)).await);
    let whole = Relay::start(sqld.address(), None);
    drop(open(&server(&whole.url("default"), PATIENCE)).await);
    let relay = Relay::start(sqld.address(), Some((whole.requests() + 1, fault)));
    let database = open(&server(&relay.url("default"), PATIENCE)).await;
    (relay, database)
}

/// Begins the step of the event `a`, and gives it up.
async fn give_up(database: &mut Database, reached: impl AsyncFn() -> bool) {
    let waiting = async {
        while !reached().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let step = [event("a")];
    tokio::select! {
        stored = database.commit(&step, "1") => panic!("it was answered: {stored:?}"),
        () = waiting => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_not_taken_for_stored_because_the_one_before_was() {
    let Some(sqld) = Sqld::start() else { return };
    let (_relay, mut database) = opened(&sqld, Fault::SilentAfter).await;
    give_up(&mut database, async || !sqld.strings("default", EVENTS).await.is_empty()).await;
    database.commit(&[event("b")], "2").await.unwrap();
    assert_eq!(sqld.strings("default", EVENTS).await, ["a", "b"]);
    assert_eq!(database.checkpoint().await.unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_the_server_executes_late_is_not_taken_for_the_next() {
    let Some(sqld) = Sqld::start() else { return };
    let (relay, mut database) = opened(&sqld, Fault::Held).await;
    give_up(&mut database, async || relay.holds()).await;
    assert_eq!(database.checkpoint().await.unwrap(), None);
    relay.release();
    // It begins at a checkpoint that is no longer the stored one.
    let error = database.commit(&[event("b")], "2").await.unwrap_err();
    assert!(matches!(error, StorageError::Held { .. }), "{error:?}");
    assert_eq!(database.checkpoint().await.unwrap().as_deref(), Some("1"));
    database.commit(&[event("b")], "2").await.unwrap();
    assert_eq!(sqld.strings("default", EVENTS).await, ["a", "b"]);
}
