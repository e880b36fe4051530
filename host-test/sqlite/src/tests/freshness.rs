//! What rawdash reads about how fresh a connector is.

use tempfile::TempDir;
use time::macros::datetime;

use super::fixture::{events, open, reader, strings};
use rawdash_host::contract::Mode;

#[test]
fn a_full_run_is_reported_to_rawdash() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let state = "SELECT last_sync_at || ' ' || coalesce(last_backfill_at, '-')
                 FROM connector_sync_state";
    let at = datetime!(2026-03-04 05:06:07.089 +02:00);
    database.complete(Mode::Latest, at, "1").unwrap();
    let reader = reader(&directory);
    assert_eq!(strings(&reader, state), ["2026-03-04T03:06:07.089Z -"]);
    database.complete(Mode::Full, at, "2").unwrap();
    let later = datetime!(2026-03-05 00:00 UTC);
    database.complete(Mode::Latest, later, "3").unwrap();
    assert_eq!(strings(&reader, state), ["2026-03-05T00:00:00.000Z 2026-03-04T03:06:07.089Z"]);
    assert_eq!(database.checkpoint().unwrap().as_deref(), Some("3"));
}

/// rawdash's `sync_state`.
const SYNC_STATE: &str =
    "SELECT status || ' ' || coalesce(last_sync_at, '-') || ' ' || coalesce(last_error, '-')
     FROM sync_state";

#[test]
fn rawdash_learns_how_fresh_the_least_fresh_connector_is() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let reader = reader(&directory);
    database.commit(&[events(&[("a", 1)])], "0").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["idle - -"], "nothing is complete");
    database.complete(Mode::Full, datetime!(2026-03-04 05:00 UTC), "1").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T05:00:00.000Z -"]);
    // A connector that rawdash reads itself, and not as often.
    reader
        .execute_batch(
            "INSERT INTO connector_sync_state VALUES ('github', '2026-03-04T06:00:00.000Z', NULL)",
        )
        .unwrap();
    database.complete(Mode::Latest, datetime!(2026-03-04 07:00 UTC), "2").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T06:00:00.000Z -"]);
    // What rawdash itself wrote is not set back.
    let later = "UPDATE sync_state SET last_sync_at = '2026-03-04T08:00:00.000Z'";
    reader.execute_batch(later).unwrap();
    database.complete(Mode::Latest, datetime!(2026-03-04 09:00 UTC), "3").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["succeeded 2026-03-04T08:00:00.000Z -"]);
}

#[test]
fn a_sync_of_rawdash_that_runs_or_failed_is_left_alone() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let reader = reader(&directory);
    for status in ["queued", "running", "failed"] {
        reader
            .execute("UPDATE sync_state SET status = ?1, last_error = 'github: 401'", [status])
            .unwrap();
        database.complete(Mode::Latest, datetime!(2026-03-04 05:00 UTC), status).unwrap();
        assert_eq!(strings(&reader, SYNC_STATE), [format!("{status} - github: 401")]);
    }
}

#[test]
fn an_installation_is_not_fresh_while_a_connector_was_never_complete() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let reader = reader(&directory);
    let never = "INSERT INTO connector_sync_state VALUES ('never', NULL, NULL)";
    reader.execute_batch(never).unwrap();
    database.complete(Mode::Full, datetime!(2026-03-04 05:00 UTC), "1").unwrap();
    assert_eq!(strings(&reader, SYNC_STATE), ["idle - -"]);
}
