//! The accepted origins.

use tempfile::TempDir;

use super::fixture::open;

#[test]
fn accepted_origins_of_one_connector_do_not_count_for_another() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    assert_eq!(database.origins().unwrap(), Vec::<String>::new());
    let accepted = ["https://b".to_owned(), "https://a".to_owned()];
    database.remember_origins(&accepted).unwrap();
    database.reset().unwrap();
    assert_eq!(database.origins().unwrap(), ["https://a", "https://b"]);
    assert!(open(&directory, "other").origins().unwrap().is_empty());
}
