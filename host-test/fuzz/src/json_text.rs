//! Texts of JSON, as the scanner of pages reads them.

use json_rows::{Raw, Rows, items, members};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Members that rows are read for.
const NAMES: [&str; 4] = ["log_id", "date", "a", ""];

/// What serde_json accepts is accepted, with the same values; the parts of a page
/// are those of the page.
pub fn json_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let accepted = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let raw = Raw::read(text);
    assert_eq!(raw.is_some(), accepted, "serde_json: {accepted}");
    if let Some(string) = raw.and_then(Raw::string) {
        assert_eq!(serde_json::from_str::<String>(text).ok().as_deref(), Some(&*string));
    }
    let mut names = Vec::new();
    if members(text, &mut |name, value| {
        assert!(Raw::read(value.get()).is_some(), "a member's value is JSON");
        names.push(name.to_owned());
    })
    .is_some()
        && let Ok(Value::Object(object)) = serde_json::from_str(text)
    {
        assert!(names.iter().all(|name| object.contains_key(name)));
        assert!(object.keys().all(|name| names.contains(name)));
    }
    check_rows(text);
}

/// The rows of a page are its items, one by one.
fn check_rows(text: &str) {
    let all = items(text, usize::MAX);
    let rows = Rows::read(text, &NAMES, usize::MAX);
    assert_eq!(rows.is_some(), all.is_some());
    let (Some(all), Some(rows)) = (all, rows) else { return };
    assert_eq!(rows.iter().count(), all.len());
    for (row, item) in rows.iter().zip(all) {
        assert_eq!(row.map(<[_]>::to_vec), json_rows::row(item.get(), &NAMES));
    }
}
