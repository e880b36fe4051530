//! Events: each is stored once.

use tempfile::TempDir;

use super::fixture::{
    batch, changed, event, events, made_by_rawdash, number, open, path, reader, strings, users,
};
use rawdash_host::contract::{Effect, Event, Publication, Records, Window};
use rawdash_host::storage::StorageError;

#[test]
fn an_event_delivered_twice_is_stored_once() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let first = database.commit(&[events(&[("a", 1), ("b", 2)])], "1").unwrap();
    let second = database.commit(&[events(&[("b", 2), ("c", 3), ("c", 3)])], "2").unwrap();
    assert_eq!(first.batches, changed(2, 0));
    assert_eq!(second.batches, changed(1, 0));
    assert_eq!(number(&reader(&directory), "SELECT count(*) FROM events"), 3);
}

#[test]
fn a_page_of_any_length_is_stored_whole_and_counted_right() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let page = |numbers: std::ops::Range<i64>| {
        let rows = numbers.map(|number| event(&number.to_string(), number)).collect();
        batch("login", Effect::Merge, Records::Events(rows))
    };
    let mut stored = 0;
    for length in [0, 1, 24, 25, 26, 50, 100, 119] {
        // Half of them are stored already.
        let begin = stored - stored / 2;
        let end = stored + length;
        let committed = database.commit(&[page(begin..end)], "1").unwrap();
        assert_eq!(committed.batches, changed(length.cast_unsigned(), 0), "{length}");
        stored = end;
        assert_eq!(number(&reader(&directory), "SELECT count(*) FROM events"), stored);
    }
    // One statement stores an event that it has just stored.
    let twice = (0..30).map(|n| event(&format!("twice {}", n / 2), 1)).collect();
    let twice = batch("login", Effect::Merge, Records::Events(twice));
    assert_eq!(database.commit(&[twice], "2").unwrap().batches, changed(15, 0));
    let ids = "SELECT count(DISTINCT event_id) FROM events WHERE start_ts = event_id";
    assert_eq!(number(&reader(&directory), ids), stored);
}

#[test]
fn an_event_that_goes_on_replaces_what_was_stored_of_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let job = |status: &str, end| Event {
        id: "job".to_owned(),
        start: 1,
        end,
        attributes: format!(r#"{{"status":"{status}"}}"#),
    };
    let merge = |event| batch("job", Effect::Merge, Records::Events(vec![event]));
    database.commit(&[merge(job("in_progress", None))], "1").unwrap();
    let done = database.commit(&[merge(job("completed", Some(5)))], "2").unwrap();
    assert_eq!(done.batches, changed(1, 0));
    let stored = "SELECT start_ts || '-' || end_ts || attributes FROM events";
    assert_eq!(strings(&reader(&directory), stored), [r#"1-5{"status":"completed"}"#]);
}

#[test]
fn an_event_that_changed_is_replaced_among_many_that_did_not() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let jobs = |end: Option<i64>| {
        let job = |n: i64| Event { end: end.filter(|_| n == 7), ..event(&n.to_string(), n) };
        batch("job", Effect::Merge, Records::Events((0..30).map(job).collect()))
    };
    database.commit(&[jobs(None)], "1").unwrap();
    assert_eq!(database.commit(&[jobs(Some(9))], "2").unwrap().batches, changed(1, 0));
    let ended = "SELECT event_id || '-' || end_ts FROM events WHERE end_ts IS NOT NULL";
    assert_eq!(strings(&reader(&directory), ended), ["7-9"]);
}

#[test]
fn events_that_a_window_no_longer_has_are_removed_from_it_and_no_others() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database.commit(&[events(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)])], "1").unwrap();
    let window = Effect::ReplaceWindow(Window { start: 2, end: 3 });
    let latest = batch("login", window, Records::Events(vec![event("c", 3), event("e", 2)]));
    assert_eq!(database.commit(&[latest], "2").unwrap().batches, changed(1, 1));
    let ids = "SELECT event_id FROM events ORDER BY event_id";
    assert_eq!(strings(&reader(&directory), ids), ["a", "c", "d", "e"]);
}

#[test]
fn a_list_reported_as_empty_removes_what_was_stored() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    database.commit(&[events(&[("a", 1)]), users(Effect::Merge, &[("u", 1)])], "1").unwrap();
    let empty = Effect::Publish(Publication { generation: 1, scope: None, empty_is_true: true });
    let none = [batch("login", empty.clone(), Records::Events(Vec::new())), users(empty, &[])];
    let gone = database.commit(&none, "2").unwrap();
    assert_eq!(gone.batches, [changed(0, 1), changed(0, 1)].concat());
}

#[test]
fn a_window_of_many_pages_is_replaced_at_once_and_nothing_beside_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let page = |effect, starts: &[i64]| {
        let rows = starts.iter().map(|start| event(&format!("e{start}"), *start)).collect();
        batch("login", effect, Records::Events(rows))
    };
    database.commit(&[page(Effect::Merge, &[1, 2, 3, 9])], "1").unwrap();
    database.commit(&[page(Effect::Stage(1), &[2])], "2").unwrap();
    let scope = Some(Window { start: 2, end: 5 });
    let publish =
        |generation| Effect::Publish(Publication { generation, scope, empty_is_true: false });
    database.commit(&[page(publish(1), &[4])], "3").unwrap();
    let stored = "SELECT event_id FROM events ORDER BY start_ts";
    assert_eq!(strings(&reader(&directory), stored), ["e1", "e2", "e4", "e9"]);
    // What was staged beside the window is in nobody's way, and not stored.
    database.commit(&[page(Effect::Stage(2), &[7])], "4").unwrap();
    let outside = database.commit(&[page(publish(2), &[])], "5");
    assert!(matches!(outside, Err(StorageError::StagedOutside { .. })), "{outside:?}");
}

#[test]
fn events_that_rawdash_stored_are_not_stored_a_second_time() {
    let directory = TempDir::new().unwrap();
    let path = path(&directory);
    let rawdash = made_by_rawdash(&path);
    for (connector, name, start, attributes) in [
        ("auth0", "login", 1, r#"{"logId":"a"}"#),
        ("auth0", "login", 1, r#"{"logId":"a","type":"s"}"#), // a page whose write was repeated
        ("auth0", "login", 2, r#"{"logId":"b"}"#),
        ("auth0", "login", 3, r#"{"logId":"b"}"#), // of another time: not the same event
        ("auth0", "login", 4, r#"{"type":"s"}"#),
        ("auth0", "login", 5, "not JSON"),
        ("auth0", "login", 6, r#"{"logId":7}"#),
        ("auth0", "logout", 1, r#"{"logId":"a"}"#),
        ("other", "login", 1, r#"{"logId":"a"}"#),
    ] {
        rawdash
            .execute(
                "INSERT INTO events (connector_id, name, start_ts, attributes)
                 VALUES (?1, ?2, ?3, ?4)",
                (connector, name, start, attributes),
            )
            .unwrap();
    }
    let mut database = open(&directory, "auth0");
    let committed = database.commit(&[events(&[("a", 1), ("7", 6), ("new", 7)])], "1").unwrap();
    // The new one, and the one whose attributes were others.
    assert_eq!(committed.batches, changed(2, 0));
    let rows = "SELECT connector_id || ' ' || name || ' ' || start_ts || ' ' ||
                    coalesce(event_id, '-') FROM events ORDER BY 1";
    let adopted = [
        "auth0 login 1 a",
        "auth0 login 2 b",
        "auth0 login 3 -",
        "auth0 login 4 -",
        "auth0 login 5 -",
        "auth0 login 6 7",
        "auth0 login 7 new",
        "auth0 logout 1 -",
        "other login 1 -",
    ];
    assert_eq!(strings(&rawdash, rows), adopted);
    // rawdash stores one of ours again.
    rawdash
        .execute_batch(
            "INSERT INTO events (connector_id, name, start_ts, attributes)
             VALUES ('auth0', 'login', 7, '{\"logId\":\"new\"}')",
        )
        .unwrap();
    drop(database);
    open(&directory, "auth0").commit(&[events(&[])], "2").unwrap();
    assert_eq!(strings(&rawdash, rows), adopted);
}
