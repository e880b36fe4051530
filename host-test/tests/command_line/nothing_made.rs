//! A sync that cannot begin leaves nothing behind that a later one would take for a
//! decision.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn no_sync_that_cannot_begin_makes_a_database_a_lock_or_a_request() {
    let operator = Operator::new().await;
    let configured = operator.path("auth0.json");
    let no_component = configured.to_str().unwrap();
    let route = "https://elsewhere.example=http://127.0.0.1:1";
    let none = ("RAWDASH_NOT_READ", "");
    for (status, more, (name, value)) in [
        (64, &["--resources", "no-such"][..], none),
        (64, &["--since", "1960-01-01"], none),
        (64, &["--route", route], none),
        (70, &["--component", no_component], none),
        (70, &["--component", "/nowhere/component.wasm"], none),
        (78, &["--config", "/nowhere/auth0.json"], none),
        (78, &[], (SECRET, "")),
        (78, &[], ("HTTPS_PROXY", "socks5://127.0.0.1:1")),
    ] {
        let mut command = operator.sync(&[]);
        if more.first() == Some(&"--config") {
            command = host(&["sync", "--db", "unused.db"]);
            command.current_dir(operator.directory.path());
        }
        command.args(more).env(name, value);
        let ended = operator.end(command).await;
        assert_eq!(ended.status, Some(status), "{more:?}: {}", ended.stderr);
        let files = std::fs::read_dir(operator.directory.path()).unwrap();
        let files: Vec<_> = files.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(files, ["auth0.json"], "{more:?} {name}");
    }
    assert!(operator.tenant.requests().is_empty());
}
