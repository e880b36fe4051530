//! The command, with few tenants and kills.

use std::process::Command;

use scale_test::programs::Programs;

#[test]
fn a_worker_engine_or_store_that_is_killed_loses_no_row_and_doubles_none() {
    if let Err(message) = Programs::find() {
        return crate::left_out(&message);
    }
    let ended = Command::new(env!("CARGO_BIN_EXE_scale-test"))
        .args(["--tenants", "4", "--workers", "2", "--kills", "8"])
        .args(["--logs", "1000", "--latency", "100ms"])
        .output()
        .unwrap();
    let table = String::from_utf8_lossy(&ended.stdout);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{table}\n{said}");
    println!("{table}");
    // The columns with the killed workers, engines and stores.
    let last = table.lines().rfind(|line| line.starts_with("| 4 |")).unwrap_or_default();
    assert!(last.starts_with("| 4 | 2 | 6 | 1 | 1 |"), "{table}\n{said}");
}
