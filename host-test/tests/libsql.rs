//! Whole syncs into a libSQL server.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Barrier, mpsc};

use crate::support::auth0::Auth0;
use crate::support::rows::{ROWS, rows};
use crate::support::tls::{Authority, Meets, TlsServer, VALID};
use crate::support::{PATIENCE, leaks};
use auth0_tenant::Options;
use rawdash_host::contract::Mode;
use sqld::{Access, Sqld, TOKEN};
use tokio::task::block_in_place;

async fn tenant() -> Auth0 {
    let options =
        Options { users: 150, logs: 250, page_limit: 50, odd: false, ..Options::default() };
    Auth0::new(options).await
}

/// The rows of a command that stored into a file.
async fn in_a_file() -> Vec<String> {
    let auth0 = tenant().await;
    let output = output(auth0.command(Mode::Full));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    rows(&auth0.path(), None)
}

async fn on(sqld: &Sqld) -> Vec<String> {
    sqld.strings("default", &ROWS.replace("?1", "NULL")).await
}

fn output(mut command: Command) -> Output {
    block_in_place(|| command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap())
}

fn said(output: &Output) -> String {
    let said = [output.stdout.clone(), output.stderr.clone()].concat();
    let said = String::from_utf8(said).unwrap();
    leaks::none_in("what the command said", &said);
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_stored_on_a_server_as_it_is_in_a_file() {
    let Some(sqld) = Sqld::start() else { return };
    let wanted = in_a_file().await;
    let mut auth0 = tenant().await;
    auth0.store_at(&sqld.url("default"));
    for mode in [Mode::Full, Mode::Auto, Mode::Full] {
        let output = output(auth0.command(mode));
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert_eq!(on(&sqld).await, wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_killed_at_any_request_is_carried_on_by_the_next() {
    let Some(sqld) = Sqld::start() else { return };
    let wanted = in_a_file().await;
    let mut auth0 = tenant().await;
    auth0.store_at(&sqld.url("default"));
    for nth in [1, 3, 4, 6] {
        let (asked, at_request) = mpsc::channel();
        let (killed, held) = mpsc::channel::<()>();
        let mut command = auth0.command(Mode::Auto);
        auth0.tenant.state().forget_requests();
        // Unanswered until it is killed: it could end before, and the next one, with
        // little left to read, would not come to its request.
        auth0.tenant.state().at_request(nth, move |_| {
            asked.send(()).unwrap();
            let _ = block_in_place(|| held.recv_timeout(PATIENCE));
        });
        let mut child = command.spawn().unwrap();
        let status = block_in_place(|| {
            at_request.recv_timeout(PATIENCE).unwrap();
            child.kill().unwrap();
            child.wait().unwrap()
        });
        drop(killed);
        assert!(!status.success(), "{status} at request {nth}");
    }
    let output = output(auth0.command(Mode::Auto));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(on(&sqld).await, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn of_three_commands_at_once_one_is_done_and_two_say_who_goes_on() {
    let Some(sqld) = Sqld::start() else { return };
    let wanted = in_a_file().await;
    // The same tenant, served three times: one that is held answers nobody else.
    let mut tenants = [tenant().await, tenant().await, tenant().await];
    tenants.iter_mut().for_each(|auth0| auth0.store_at(&sqld.url("default")));
    assert_eq!(output(tenants[0].command(Mode::Full)).status.code(), Some(0));
    // None is answered before all three have begun.
    let begun = Arc::new(Barrier::new(3));
    for auth0 in &tenants {
        let begun = begun.clone();
        auth0.tenant.state().forget_requests();
        auth0.tenant.state().at_request(1, move |_| {
            block_in_place(|| begun.wait());
        });
    }
    let commands = tenants.each_ref().map(|auth0| {
        let mut command = auth0.command(Mode::Full);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let ended = block_in_place(|| commands.map(|command| command.wait_with_output().unwrap()));
    let mut statuses = ended.each_ref().map(|output| output.status.code().unwrap());
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 75, 75], "{}", ended.iter().map(said).collect::<String>());
    for output in ended.iter().filter(|output| output.status.code() == Some(75)) {
        let said = said(output);
        assert!(said.contains("another process is syncing the connector auth0"), "{said}");
        assert!(said.contains("process ") && said.contains("since 2"), "{said}");
    }
    assert_eq!(on(&sqld).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_used_is_reported_before_anything_is_requested() {
    let mut auth0 = tenant().await;
    for (place, status, expected) in [
        ("http://db.example", 64, "--insecure-db"),
        ("https://user:hunter2@db.example", 64, "write libsql://HOST"),
    ] {
        auth0.store_at(place);
        let output = output(auth0.command(Mode::Full));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(said.contains(expected) && !said.contains("hunter2"), "{said}");
    }
    assert!(auth0.tenant.requests().is_empty());
}

/// Without this, a token or records could be given to whoever answers at the address.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_tls_gets_the_token_only_if_its_authority_is_trusted() {
    let Some(sqld) = Sqld::start_with(Access::WithToken) else { return };
    let wanted = in_a_file().await;
    let authority = Authority::new("the operator's");
    let identity = authority.identity("default.localhost", VALID);
    let upstream = format!("http://{}", sqld.address());
    let server = TlsServer::start(&upstream, &["h2", "http/1.1"], Meets::Tls(identity)).await;
    let (_, port) = server.url.rsplit_once(':').unwrap();
    let mut auth0 = tenant().await;
    auth0.store_at(&format!("libsql://default.localhost:{port}"));
    let directory = tempfile::TempDir::new().unwrap();
    let trusted = directory.path().join("authority.pem");
    std::fs::write(&trusted, authority.pem()).unwrap();
    let with = |authorities: Option<&Path>, token: Option<&str>| {
        let mut command = auth0.command(Mode::Full);
        command
            .env_remove("SSL_CERT_DIR")
            .env_remove("SSL_CERT_FILE")
            .env_remove("RAWDASH_DB_TOKEN");
        command.envs(authorities.map(|path| ("SSL_CERT_FILE", path)));
        command.envs(token.map(|token| ("RAWDASH_DB_TOKEN", token)));
        output(command)
    };
    let (header, _) = TOKEN.rsplit_once('.').unwrap();
    let forged = format!("{header}.{}", "A".repeat(86));
    for (token, expected) in
        [(None, "RAWDASH_DB_TOKEN"), (Some(forged.as_str()), "refuses the token")]
    {
        let refused = with(Some(&trusted), token);
        let said = said(&refused);
        assert_eq!(refused.status.code(), Some(74), "{said}");
        assert!(said.contains(expected) && !said.contains("AAAA"), "{said}");
    }
    let seen = server.requests().len();
    let untrusted = with(None, Some(TOKEN));
    assert_ne!(untrusted.status.code(), Some(0), "{}", said(&untrusted));
    assert_eq!(server.requests().len(), seen, "a request was sent to a server nobody vouches for");
    assert!(auth0.tenant.requests().is_empty(), "the source was read for nothing");
    let stored = with(Some(&trusted), Some(TOKEN));
    let said = said(&stored);
    assert_eq!(stored.status.code(), Some(0), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
    assert_eq!(on(&sqld).await, wanted);
}
