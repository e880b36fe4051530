//! The table of exit statuses, and the program.

use std::collections::BTreeSet;
use std::path::Path;

use super::{quoted, table};
use rawdash_host::failure::Exit;

/// What the table says of a message.
struct Row {
    message: &'static str,
    status: u8,
}

fn rows() -> Vec<Row> {
    let row = |cells: Vec<&'static str>| {
        assert_eq!(cells.len(), 3, "{cells:?}");
        let status = cells[1].parse().unwrap_or_else(|_| panic!("{cells:?}"));
        Row { message: quoted(cells[0])[0], status }
    };
    table("the message says").into_iter().map(row).collect()
}

/// Sees that the table leads from what a command said to its status. Called for every
/// command that the tests run.
pub(crate) fn agree(said: &str, status: i32) {
    let found: Vec<Row> = rows().into_iter().filter(|row| said.contains(row.message)).collect();
    let gravest = |row: &Row| Exit::ALL.into_iter().position(|exit| exit.code() == row.status);
    let expected = found.iter().max_by_key(|row| gravest(row)).map(|row| i32::from(row.status));
    assert_eq!(expected.unwrap_or(status), status, "the table of statuses says otherwise: {said}");
}

#[test]
fn the_table_has_every_status_and_no_other() {
    let of_table: BTreeSet<u8> = rows().iter().map(|row| row.status).collect();
    assert_eq!(of_table, Exit::ALL.into_iter().map(Exit::code).collect());
}

/// The text of every source file in a directory, without what breaks a message.
fn sources(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(path).unwrap();
            let mut lines = source.lines();
            while let Some(mut line) = lines.next() {
                while let Some(begun) = line.strip_suffix('\\') {
                    text.push_str(begun);
                    line = lines.next().unwrap_or_default().trim_start();
                }
                text.push_str(line);
                text.push('\n');
            }
        }
    }
}

#[test]
fn each_message_of_the_table_is_one_that_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut text = String::new();
    for directory in [
        "host-test/cli/src",
        "host-test/host/src",
        "host-test/libsql/src",
        "host-test/origins/src",
        "host-test/sqlite/src",
        "src/auth0/src",
        "src/sdk/src",
    ] {
        sources(&root.join(directory), &mut text);
    }
    for Row { message, .. } in rows() {
        assert!(text.contains(message), "no source has {message:?}");
    }
}

/// The metrics of the page, and those that the program writes.
#[test]
fn the_table_of_metrics_has_every_one_and_no_other() {
    let of_page: BTreeSet<&str> =
        table("metric").iter().flat_map(|cells| quoted(cells[0])).collect();
    let source = include_str!("../../cli/src/output/metrics.rs");
    let program = source.split("#[cfg(test)]").next().unwrap();
    let names = program.split('"').filter(|text| text.starts_with("rawdash_sync"));
    assert_eq!(of_page, names.collect());
}
