use super::fixture::{Fixture, NOW, hours_ago};
use super::*;
use crate::snapshot::{ResourceState, Series, Server, SyncState, Users};

/// The days of a series that have a number, counted back from the last.
fn known(series: &Series) -> Vec<(usize, u64)> {
    let values = series.values().iter().rev().enumerate();
    values.filter_map(|(back, value)| Some((back, (*value)?))).collect()
}

/// As `known`, without zeros.
fn above_zero(series: &Series) -> Vec<(usize, u64)> {
    known(series).into_iter().filter(|(_, value)| *value > 0).collect()
}

#[test]
fn each_number_is_that_of_its_day_and_of_this_connector() {
    let fixture = Fixture::rawdash();
    let created = |hours| format!(r#"{{"createdAt":{},"blocked":false}}"#, hours_ago(hours));
    fixture.user("a", &created(1));
    fixture.user("b", &created(13));
    fixture.user("c", &created(24 * 40));
    fixture.user("d", r#"{"createdAt":null,"blocked":true}"#);
    for (hours, log_type) in [(1, "s"), (2, "f"), (2, "fp"), (2, "fu"), (26, "fp"), (26, "seacft")]
    {
        fixture.login_event(hours_ago(hours), &format!(r#"{{"type":"{log_type}"}}"#));
    }
    fixture.sample(hours_ago(12), "logins", 7.0);
    fixture.sample(hours_ago(36), "logins", 5.0);
    fixture.sample(hours_ago(36), "signups", 2.0);
    fixture
        .connection
        .execute_batch(
            "INSERT INTO entities SELECT 'other', type, id, attributes, updated_at FROM entities;
             INSERT INTO events (connector_id, name, start_ts, attributes)
                 SELECT 'other', name, start_ts, attributes FROM events;
             INSERT INTO metrics (connector_id, name, ts, value, attributes)
                 SELECT 'other', name, ts, value, attributes FROM metrics;",
        )
        .unwrap();
    let numbers = fixture.numbers();
    let activity = numbers.activity.unwrap();
    assert_eq!(activity.days.last.to_string(), "2026-03-01");
    let Users { total, blocked, created } = activity.users;
    assert_eq!((total, blocked), (4, Some(1)));
    assert_eq!(above_zero(&created), [(0, 1), (1, 1)]);
    assert_eq!(activity.logins, Logins::Statistics(activity.logins.series().clone()));
    assert_eq!(known(activity.logins.series()), [(0, 7), (1, 5)]);
    assert_eq!(known(&activity.signups), [(1, 2)]);
    // Before the first event nothing is known, and after it every day is.
    assert_eq!(known(&activity.wrong_passwords), [(0, 1), (1, 1)]);
    assert_eq!(known(&activity.other_failures), [(0, 2), (1, 0)]);
    let rows: Vec<_> = numbers.resources.iter().map(|resource| resource.rows).collect();
    assert_eq!(rows, [4, 6, 3]);
}

#[test]
fn logins_are_counted_from_events_where_statistics_are_not_synced() {
    let fixture = Fixture::rawdash();
    fixture.login_event(hours_ago(1), r#"{"type":"s"}"#);
    fixture.login_event(hours_ago(1), r#"{"type":"fp"}"#);
    let activity = fixture.numbers().activity.unwrap();
    let Logins::Events(series) = &activity.logins else { panic!("{:?}", activity.logins) };
    assert_eq!(known(series), [(0, 1)]);
}

#[test]
fn the_newest_events_of_all_resources_are_shown_with_the_address_of_a_stored_user() {
    let fixture = Fixture::rawdash();
    fixture.user("auth0|1", r#"{"email":"ada@example.com"}"#);
    for hours in 1..30 {
        fixture.login_event(hours_ago(hours), r#"{"type":"s","userId":"auth0|1"}"#);
    }
    fixture.login_event(hours_ago(0), r#"{"type":"f","userId":"gone","ip":"192.0.2.1"}"#);
    fixture.run(
        "INSERT INTO events (connector_id, name, start_ts) VALUES ('auth0', 'deployment', ?1)",
        [hours_ago(2) + 1],
    );
    let events = fixture.numbers().events;
    assert_eq!(events.len(), 20);
    assert!(events.is_sorted_by_key(|event| std::cmp::Reverse(event.at)));
    assert_eq!(events[0].email, None);
    assert_eq!(events[0].ip.as_deref(), Some("192.0.2.1"));
    assert_eq!(events[1].email.as_deref(), Some("ada@example.com"));
    assert_eq!((events[2].resource.as_str(), &events[2].log_type), ("deployment", &None));
}

#[test]
fn what_rawdash_says_of_its_syncs_is_read() {
    let fixture = Fixture::rawdash();
    fixture.user("a", "{}");
    assert_eq!(fixture.numbers().sync, SyncState::default());
    fixture.run(
        "INSERT INTO connector_sync_state VALUES ('auth0', ?1, 'at some time')",
        ["2026-03-01T11:00:00.000Z"],
    );
    fixture.run("UPDATE sync_state SET status = 'failed', last_error = 'a reason'", []);
    let numbers = fixture.numbers();
    assert_eq!(numbers.sync.last_sync, Some(Moment(hours_ago(1))));
    assert_eq!(numbers.sync.last_full, None);
    assert_eq!(numbers.sync.server, Server::Failed { error: "a reason".to_owned() });
    let states: Vec<ResourceState> = numbers
        .resources
        .iter()
        .map(|resource| resource.state(&numbers.sync, Moment::of(NOW)))
        .collect();
    let fresh = ResourceState::Fresh(Moment(hours_ago(1)));
    assert_eq!(states, [fresh, ResourceState::NoRows, ResourceState::NoRows]);
    fixture.run("UPDATE sync_state SET status = 'running'", []);
    assert_eq!(fixture.numbers().sync.server, Server::Busy);
}

#[test]
fn a_file_without_rows_for_the_connector_says_whose_rows_it_has() {
    assert_eq!(Fixture::empty().snapshot("auth0").found, Found::NoTables);
    let fixture = Fixture::rawdash();
    let others = |fixture: &Fixture| match fixture.snapshot("auth0").found {
        Found::NoConnector { others } => others,
        found => panic!("{found:?}"),
    };
    assert!(others(&fixture).is_empty());
    fixture.run("INSERT INTO entities VALUES ('b', 't', 'i', '{}', 1)", []);
    fixture.run("INSERT INTO entities VALUES ('b', 'u', 'i', '{}', 1)", []);
    fixture.run("INSERT INTO connector_sync_state VALUES ('a', NULL, NULL)", []);
    assert_eq!(others(&fixture), ["a", "b"]);
}

#[test]
fn a_table_that_is_missing_or_another_programs_costs_only_its_own_numbers() {
    let fixture = Fixture::rawdash();
    fixture.user("a", "{}");
    fixture.login_event(hours_ago(1), r#"{"type":"s","userId":"a"}"#);
    for change in [
        "DROP TABLE metrics",
        "DROP TABLE sync_state",
        "ALTER TABLE edges RENAME COLUMN kind TO sort",
        "DROP TABLE entities; CREATE VIEW entities AS SELECT 'auth0' AS connector_id, 't' AS type,
             'i' AS id, '{}' AS attributes, abs(-9223372036854775807 - 1) AS updated_at",
        "DROP TABLE connector_sync_state; DROP TABLE distributions",
    ] {
        fixture.connection.execute_batch(change).unwrap();
        assert_eq!(fixture.numbers().events.len(), 1, "{change}");
    }
    fixture.connection.execute_batch("DROP TABLE events").unwrap();
    assert_eq!(fixture.snapshot("auth0").found, Found::NoTables);
}

#[test]
fn values_that_no_writer_should_have_stored_do_not_end_the_page() {
    let fixture = Fixture::rawdash();
    for (id, attributes) in [
        ("a", "not JSON"),
        ("b", "[]"),
        ("c", r#"{"createdAt":"yesterday","blocked":"true"}"#),
        ("d", r#"{"createdAt":1e300,"blocked":1}"#),
        ("e", r#"{"createdAt":{},"email":[1]}"#),
    ] {
        fixture.user(id, attributes);
    }
    for at in [i64::MIN, i64::MAX, -1] {
        fixture.login_event(at, r#"{"type":7,"userId":{"a":1},"ip":["x"]}"#);
    }
    fixture.login_event(hours_ago(1), "}{");
    fixture.run(
        "INSERT INTO events (connector_id, name, start_ts, attributes)
         VALUES ('auth0', 'auth0_login_event', 'noon', x'ff00')",
        [],
    );
    for value in [f64::INFINITY, -5.0, 1e300, 2.5] {
        fixture.sample(hours_ago(12), "logins", value);
    }
    fixture.sample(hours_ago(36), "nothing that is known", 1.0);
    fixture.sample(i64::MAX, "logins", 1.0);
    let numbers = fixture.numbers();
    let activity = numbers.activity.unwrap();
    assert_eq!((activity.users.total, activity.users.blocked), (5, Some(0)));
    assert_eq!(known(activity.logins.series()), [(0, u64::MAX)]);
    assert_eq!(numbers.events.len(), 5);
    assert_eq!(numbers.events.iter().filter(|event| event.ip.is_some()).count(), 3);
}

#[test]
fn a_row_of_the_future_does_not_say_when_a_resource_was_read() {
    let fixture = Fixture::rawdash();
    for at in [hours_ago(40), hours_ago(-1)] {
        fixture.login_event(at, "{}");
        fixture.sample(at, "logins", 1.0);
        fixture.run("INSERT INTO entities VALUES ('auth0', 'auth0_user', ?1, '{}', ?1)", [at]);
    }
    let numbers = fixture.numbers();
    assert_eq!(numbers.resources.len(), 3);
    for resource in numbers.resources {
        assert_eq!((resource.rows, resource.newest), (2, Some(Moment(hours_ago(40)))));
    }
}

#[test]
fn old_rows_are_shown_with_the_days_that_they_are_of() {
    let fixture = Fixture::rawdash();
    fixture.sample(hours_ago(24 * 365), "logins", 3.0);
    let activity = fixture.numbers().activity.unwrap();
    assert_eq!(activity.days.last.to_string(), "2025-03-01");
    assert_eq!(activity.logins.series().total(), Some(3));
}

#[test]
fn every_user_is_counted_where_they_are_read_in_parts() {
    let fixture = Fixture::rawdash();
    fixture.run(
        "INSERT INTO entities
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20001)
         SELECT 'auth0', 'auth0_user', 'u' || n, json_object('createdAt', ?1), ?1 FROM n",
        [hours_ago(1)],
    );
    let activity = fixture.numbers().activity.unwrap();
    assert_eq!(activity.users.created.total(), Some(20_001));
}

#[test]
fn no_statement_reads_a_whole_table_or_sorts_it() {
    let fixture = Fixture::rawdash();
    let fixed = [
        events::FIRST,
        events::IN_A_DAY,
        events::BY_TYPE,
        events::NEWEST_OF_A_RESOURCE,
        events::EMAIL,
        samples::SQL,
        users::SQL,
    ];
    let of_tables = resources::TABLES.into_iter().flat_map(|(_, columns)| {
        let newest = [columns.newest_by_index(), columns.newest_of_all()];
        newest.into_iter().chain([columns.all_names(), columns.count()])
    });
    for sql in fixed.map(str::to_owned).into_iter().chain(of_tables) {
        let mut explained =
            fixture.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        // Parameters without values are null.
        let steps = explained.raw_query().mapped(|row| row.get::<_, String>(3));
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        for step in &steps {
            let of_a_table = ["entities", "events", "metrics", "edges", "distributions"]
                .iter()
                .any(|table| step.starts_with(&format!("SCAN {table}")));
            assert!(!of_a_table && !step.contains("USE TEMP B-TREE"), "{sql}\n{steps:#?}");
        }
        assert!(steps.iter().any(|step| step.starts_with("SEARCH ")), "{sql}\n{steps:#?}");
    }
}
