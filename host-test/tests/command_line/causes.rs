//! A sync that returns later says what it waits for: "later" alone is nothing that an
//! operator can act on.

use super::*;
use crate::support::server::Nobody;
use auth0_tenant::{Fault, Rule};

/// Exits with 75 and says `cause` to people and to programs.
async fn returns_later(operator: &Operator, mut command: Command, causes: &[&str]) {
    command.args(["--max-wait", "1s"]);
    let ended = operator.end(command).await;
    assert_eq!(ended.status, Some(75), "{}", ended.stderr);
    for cause in causes {
        assert!(ended.stderr.contains(cause), "{cause}: {}", ended.stderr);
        assert!(ended.stdout.contains(cause), "{cause}: {}", ended.stdout);
    }
    assert!(ended.json()["failure"]["message"].as_str().unwrap().contains("sync again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_names_what_every_kind_of_outage_is() {
    let operator = Operator::new().await;
    for (fault, cause) in [
        (Fault::bad_gateway(), "502"),
        (Fault::internal_error(), "500"),
        (Fault::token_quota(600), "429"),
        (Fault::edge_challenge(), "network edge"),
        (Fault::ResetBeforeHeaders, "connection"),
    ] {
        let outage = operator.tenant.state().switch_on(Rule::any(fault).always());
        returns_later(&operator, operator.sync(&[]), &[cause]).await;
        operator.tenant.state().switch_off(outage);
    }
    operator.report(operator.sync(&[]), 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_the_connection_is_named_as_that() {
    let operator = Operator::new().await;
    let nobody = Nobody::new();
    let mut command = host(&["sync", "--json", "--config"]);
    command.arg(operator.path("auth0.json")).arg("--db").arg(operator.path("rawdash.db"));
    let route = format!("https://{}={}", operator.tenant.domain(), nobody.url);
    command.args(["--route", &route]).env(SECRET, operator.tenant.client_secret());
    returns_later(&operator, command, &["refused"]).await;
}
