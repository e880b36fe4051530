//! Several writers of one connector.

use rawdash_host::contract::Mode;
use rawdash_host::storage::{Storage, StorageError};
use rawdash_libsql::{OpenError, Options};
use sqld::Sqld;
use time::macros::datetime;
use tokio::task::JoinSet;

use crate::fixture::{EVENTS, default_server, event, open};

#[tokio::test(flavor = "multi_thread")]
async fn of_three_writers_exactly_one_goes_on_and_the_others_learn_who_it_is() {
    let Some(sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    open(&server).await.commit(&[event("first")], "0").await.unwrap();
    for round in 0..10 {
        let mut writers = Vec::new();
        for _ in 0..3 {
            writers.push(open(&server).await);
        }
        let mut storing = JoinSet::new();
        for (number, mut database) in writers.into_iter().enumerate() {
            storing.spawn(async move {
                let id = format!("{round}-{number}");
                let stored = database.commit(&[event(&id)], &id).await;
                (database, id, stored)
            });
        }
        let mut won = Vec::new();
        for (mut database, id, stored) in storing.join_all().await {
            match stored {
                Ok(_) => {
                    // It goes on.
                    database.commit(&[event(&format!("{id}+"))], &id).await.unwrap();
                    won.push(id);
                }
                Err(StorageError::Held { message }) => {
                    let process = format!("process {}", std::process::id());
                    assert!(message.contains(&process) && message.contains("since 2"), "{message}");
                    assert!(database.commit(&[], "").await.is_err(), "a loser carries on");
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won.len(), 1, "{won:?}");
        let of_round = format!("{EVENTS} WHERE event_id LIKE '{round}-%'");
        let stored = [won[0].clone(), format!("{}+", won[0])];
        assert_eq!(sqld.strings("default", &of_round).await, stored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_that_three_open_at_once_has_its_tables_once() {
    let Some(sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    let mut opening = JoinSet::new();
    for number in 0..3 {
        let server = server.clone();
        opening.spawn(async move {
            let mut database = server.open(&number.to_string(), Options::default()).await.unwrap();
            database.commit(&[event("a")], "1").await.unwrap();
        });
    }
    opening.join_all().await;
    assert_eq!(sqld.strings("default", EVENTS).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_complete_is_not_run_again_under_its_id() {
    let Some(sqld) = Sqld::start() else { return };
    let server = default_server(&sqld);
    let of = |sync: &str| Options { sync: Some(sync.to_owned()) };
    let mut database = server.open("auth0", of("one")).await.unwrap();
    database.commit(&[event("a")], "1").await.unwrap();
    // A slice of it that does not complete it.
    let mut database = server.open("auth0", of("one")).await.unwrap();
    database.complete(Mode::Full, datetime!(2026-03-04 05:00 UTC), "2").await.unwrap();
    let again = server.open("auth0", of("one")).await.unwrap_err();
    assert_eq!(again, OpenError::Complete { sync: "one".to_owned() });
    // Another sync, and one of another connector, are not meant.
    server.open("other", of("one")).await.unwrap();
    let mut next = server.open("auth0", of("two")).await.unwrap();
    next.commit(&[event("b")], "3").await.unwrap();
    assert!(server.open("auth0", of("one")).await.is_err(), "a step of another forgets it");
}
