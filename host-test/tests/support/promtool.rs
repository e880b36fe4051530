//! The program promtool, which knows what Prometheus accepts.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::left_out;

/// Sees that Prometheus reads the metrics in a file, and that their names follow its
/// conventions.
pub(crate) fn checks_metrics(file: &Path) {
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(std::fs::File::open(file).unwrap());
    checks(command);
}

/// Sees that Prometheus loads the rules in a file.
pub(crate) fn checks_rules(file: &Path) {
    let mut command = Command::new("promtool");
    command.args(["check", "rules"]).arg(file).stdin(Stdio::null());
    checks(command);
}

fn checks(mut command: Command) {
    match command.output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        }
        Err(error) if error.kind() == ErrorKind::NotFound && !is_expected() => {
            left_out("a check of metrics or rules; it needs promtool, of the package prometheus");
        }
        Err(error) => panic!("promtool cannot be started: {error}"),
    }
}

/// Whether the program must be there: a test that cannot start it then fails.
fn is_expected() -> bool {
    std::env::var_os("RAWDASH_WITH_PROMTOOL").is_some()
}
