//! A panic is a bug in this program: it is reported as that, in the form of every other
//! message, and ends the command with a documented status.

use std::{panic, process};

use crate::output::log::{Entry, Level, Log};
use crate::output::terminal;
use rawdash_host::failure::Exit;

const BUG: &str = "this is a bug in rawdash-host: report it with this message";

/// From now on a panic of any thread ends the process, with a message of this form.
pub(crate) fn report(log: Log) {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        match log {
            Log::Text => {
                default(panic);
                terminal::tell(BUG);
            }
            Log::Json => {
                log.tell(&Entry::new(Level::Error, format!("{BUG}: {panic}")).with("code", "bug"));
            }
        }
        // Here, because a release does not unwind: it would abort.
        process::exit(Exit::Component.code().into());
    }));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use serde_json::Value;

    /// In a process of its own, because all its threads share what is done on a panic.
    #[test]
    fn a_panic_exits_70_and_is_an_entry_for_a_reader_of_json() {
        const FORM: &str = "RAWDASH_TEST_PANIC";
        if let Ok(form) = std::env::var(FORM) {
            let log = if form == "json" { Log::Json } else { Log::Text };
            report(log);
            panic!("two\nlines");
        }
        let panicked = |form: &str| {
            let name =
                "process::panics::tests::a_panic_exits_70_and_is_an_entry_for_a_reader_of_json";
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", name, "--nocapture"]).env(FORM, form);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(70), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let entry: Value = serde_json::from_str(&panicked("json")).unwrap();
        assert_eq!((&entry["level"], &entry["code"]), (&"error".into(), &"bug".into()));
        let said = panicked("text");
        for message in [entry["message"].as_str().unwrap(), &said] {
            assert!(message.contains(BUG) && message.contains("two\nlines"), "{message}");
        }
    }
}
