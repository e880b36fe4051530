//! Standard output that cannot be written: a result that is lost in silence is taken
//! for none.
#![cfg(target_os = "linux")]

use std::fs::OpenOptions;

use super::*;

/// Where every write fails, as on a full disk.
pub(super) fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

fn assert_reported(arguments: &str, output: &Output) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(74), "{arguments}: {said}");
    assert!(said.contains("standard output cannot be written"), "{arguments}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_or_check_whose_result_cannot_be_written_exits_74_and_keeps_its_rows() {
    let operator = Operator::new().await;
    operator.report(operator.sync_into("whole.db", &[]), 0).await;
    for (name, mut command) in [("sync", operator.sync(&[])), ("check", operator.command("check"))]
    {
        let output = tokio::task::spawn_blocking(move || command.stdout(full()).output().unwrap());
        assert_reported(name, &output.await.unwrap());
    }
    assert_eq!(rows(&operator.path("rawdash.db")), rows(&operator.path("whole.db")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_graver_than_the_output_keeps_its_status() {
    let operator = Operator::new().await;
    for component in ["auth0.json", "absent.wasm"] {
        let mut command = operator.sync(&["--component"]);
        command.arg(operator.path(component)).stdout(full());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{said}");
        assert!(said.contains("standard output cannot be written"), "{said}");
    }
}

#[test]
fn no_command_exits_0_without_its_result() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("crate");
    let path = path.to_str().unwrap();
    let no_component = env!("CARGO_MANIFEST_DIR");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["sync", "--help"],
        &["describe"],
        &["describe", "--json"],
        &["describe", "--json", "--component", no_component],
        &["verify", env!("RAWDASH_COMPONENT")],
        &["new", "my-service", "--path", path],
        &["tenant", "--users", "3"],
        &["demo", "--users", "3", "--logs", "3"],
    ] {
        let output = host(arguments).stdout(full()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("standard output cannot be written"), "{arguments:?}: {said}");
        let graver = if arguments.contains(&no_component) { 70 } else { 74 };
        assert_eq!(output.status.code(), Some(graver), "{arguments:?}: {said}");
    }
}

#[test]
fn a_reader_that_left_is_reported_as_well() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = host(&["describe"]).stdout(writer).output().unwrap();
    assert_reported("describe", &output);
}
