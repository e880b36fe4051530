//! The way to a tenant as it is in earnest: https, with certificates that are
//! verified. Where the server does not prove that it is the tenant, it gets
//! nothing, and the command says why.

use crate::support::auth0::Auth0;
use crate::support::history::{History, Phase, carry, difference};
use crate::support::leaks;
use crate::support::tls::{Authority, Meets, TlsServer, VALID};
use auth0_tenant::Options;
use http::Version;
use rawdash_host::contract::Mode;
use rawdash_host::failure::FailureReport;
use rawdash_host::transport::Roots;
use time::OffsetDateTime;
use time::macros::datetime;

const OVER: (OffsetDateTime, OffsetDateTime) = (VALID.0, datetime!(2001-02-03 4:05:06 UTC));
const TO_COME: (OffsetDateTime, OffsetDateTime) = (datetime!(2199-01-01 0:00 UTC), VALID.1);
const BOTH: &[&str] = &["h2", "http/1.1"];

async fn tenant() -> Auth0 {
    Auth0::new(Options { users: 450, logs: 900, odd: false, ..Options::default() }).await
}

/// The operator trusts the authority, and the tenant is behind the server.
async fn behind(
    auth0: &mut Auth0,
    authority: &Authority,
    protocols: &[&str],
    meets: Meets,
) -> TlsServer {
    let server = TlsServer::start(&auth0.tenant.url(), protocols, meets).await;
    auth0.settings.routes = vec![format!("https://{{/domain}}={}", server.url).parse().unwrap()];
    auth0.settings.network.roots = Roots::Only(vec![authority.certificate.clone()]);
    server
}

fn all_came(auth0: &Auth0) {
    assert_eq!(auth0.contents().changed(), auth0.users());
    assert_eq!(auth0.contents().event_ids(), auth0.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_tenant_is_read_whole_over_one_connection_of_http_2() {
    let (authority, mut auth0) = (Authority::new("the operator's"), tenant().await);
    let identity = authority.identity(&auth0.tenant.domain(), VALID);
    let server = behind(&mut auth0, &authority, BOTH, Meets::Tls(identity)).await;
    server.answer_together(2);
    auth0.sync_well(Mode::Full).await;
    all_came(&auth0);
    let requests = server.requests();
    assert!(requests.len() > 12, "{requests:?}");
    assert!(requests.iter().all(|version| *version == Version::HTTP_2), "{requests:?}");
    assert_eq!((server.connections(), server.secured()), (1, 1));
    assert!(server.most_under_way() > 1, "they went one by one");
    leaks::none_in("what went over the wire", server.wire());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_only_http_1_is_read_whole_over_kept_connections() {
    let (authority, mut auth0) = (Authority::new("the operator's"), tenant().await);
    let identity = authority.identity(&auth0.tenant.domain(), VALID);
    let server = behind(&mut auth0, &authority, &["http/1.1"], Meets::Tls(identity)).await;
    // As a process reads them that runs many syncs.
    auth0.settings.network.roots = auth0.settings.network.roots.read().unwrap();
    auth0.sync_well(Mode::Full).await;
    all_came(&auth0);
    let requests = server.requests();
    assert!(requests.iter().all(|version| *version == Version::HTTP_11), "{requests:?}");
    // One for each of the requests that are under way at once.
    assert!(server.connections() < requests.len() / 2, "{}", server.connections());
    leaks::none_in("what went over the wire", server.wire());
}

/// What tells each failure, and no other.
const TELLING: [&str; 6] = [
    "an authority that this machine does not trust",
    "is for other.auth0.com; check the spelling of the host name",
    "expired (2001-02-03T04:05:06Z)",
    "is not valid yet (2199-01-01T00:00:00Z)",
    "ended during the TLS handshake",
    "the TLS handshake failed (",
];
/// The number of reported certificates that waiting does not repair.
const CERTIFICATES: usize = 4;

/// Whether the failure tells this and no other, and of whom.
fn tells(failure: &FailureReport, telling: &str, auth0: &Auth0) {
    let message = &failure.message;
    for other in TELLING {
        assert_eq!(message.contains(other), other == telling, "{telling}: {message}");
    }
    assert!(message.contains(&auth0.tenant.domain()), "{message}");
    if TELLING[..CERTIFICATES].contains(&telling) {
        assert_eq!(failure.kind, "untrusted", "{message}");
        assert_eq!(failure.retry_after_ms, None, "{message}");
        let remedy =
            "Check the configured host name, this machine's clock and the certificate authorities";
        assert!(message.contains(remedy), "{message}");
    } else {
        assert_eq!(failure.kind, "transient", "{message}");
    }
}

/// Ends as one of these failures, and the server has seen no request: at once
/// where waiting does not repair it, else after its attempts.
async fn refused(auth0: &mut Auth0, server: &TlsServer, telling: &str) {
    let report = auth0.sync_mode(Mode::Full).await;
    tells(report.failure.as_ref().unwrap(), telling, auth0);
    let lasting = TELLING[..CERTIFICATES].contains(&telling);
    let (status, tries) = if lasting { (78, 1) } else { (75, 5) };
    assert_eq!(report.exit().code(), status, "{report:#?}");
    assert_eq!(server.connections(), tries, "{telling}");
    assert_eq!(auth0.watcher.waits.len(), tries - 1, "{telling}");
    nothing_reached(auth0, server, telling);
}

fn nothing_reached(auth0: &Auth0, server: &TlsServer, telling: &str) {
    assert!(auth0.tenant.requests().is_empty() && server.requests().is_empty(), "{telling}");
    assert_eq!(server.secured(), 0, "{telling}: TLS was agreed on");
    let wire = server.wire();
    leaks::none_in("what went over the wire", &wire);
    for text in ["POST", "oauth", "audience", &auth0.tenant.client_id()] {
        assert!(memchr::memmem::find(&wire, text.as_bytes()).is_none(), "{telling}: {text}");
    }
}

/// What does not prove to be the tenant, each with what tells it.
fn impostors(authority: &Authority, domain: &str) -> [(Meets, &'static str); 5] {
    let stranger = |name| Meets::Tls(Authority::new(name).identity(domain, VALID));
    [
        (stranger("a stranger's"), TELLING[0]),
        (stranger("the operator's"), TELLING[0]),
        (Meets::Tls(authority.identity("other.auth0.com", VALID)), TELLING[1]),
        (Meets::Tls(authority.identity(domain, OVER)), TELLING[2]),
        (Meets::Tls(authority.identity(domain, TO_COME)), TELLING[3]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_proved_to_be_the_tenant_gets_nothing_and_is_told() {
    let authority = Authority::new("the operator's");
    let domain = tenant().await.tenant.domain();
    let broken = [(Meets::TheEnd, TELLING[4]), (Meets::PlainHttp, TELLING[5])];
    for (meets, telling) in impostors(&authority, &domain).into_iter().chain(broken) {
        let mut auth0 = tenant().await;
        let server = behind(&mut auth0, &authority, BOTH, meets).await;
        refused(&mut auth0, &server, telling).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_the_credentials_does_not_give_them_to_a_server_that_is_not_the_tenant() {
    let authority = Authority::new("the operator's");
    let domain = tenant().await.tenant.domain();
    for (meets, telling) in impostors(&authority, &domain) {
        let mut auth0 = tenant().await;
        let server = behind(&mut auth0, &authority, BOTH, meets).await;
        let checked = auth0.check().await;
        assert_eq!(checked.len(), 3);
        for (_, result) in checked {
            let failure = result.unwrap_err();
            tells(&failure, telling, &auth0);
            assert_eq!(failure.exit().code(), 78);
        }
        assert_eq!(server.connections(), 1, "{telling}");
        nothing_reached(&auth0, &server, telling);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_the_machine_does_not_know_is_not_trusted() {
    let authority = Authority::new("the operator's");
    for roots in [Roots::System, Roots::System.read().unwrap()] {
        let mut auth0 = tenant().await;
        let identity = authority.identity(&auth0.tenant.domain(), VALID);
        let server = behind(&mut auth0, &authority, BOTH, Meets::Tls(identity)).await;
        auth0.settings.network.roots = roots;
        refused(&mut auth0, &server, TELLING[0]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_sent_to_a_server_that_took_the_tenants_place_in_mid_run() {
    let authority = Authority::new("the operator's");
    let stranger = Authority::new("a stranger's");
    let mut auth0 = tenant().await;
    let domain = auth0.tenant.domain();
    let meets = Meets::Tls(authority.identity(&domain, VALID));
    let server = behind(&mut auth0, &authority, &["http/1.1"], meets).await;
    server.after(1, Meets::Tls(stranger.identity(&domain, VALID)));
    let report = auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 78, "{report:#?}");
    tells(report.failure.as_ref().unwrap(), TELLING[0], &auth0);
    let paths: Vec<String> = auth0.tenant.requests().into_iter().map(|sent| sent.path).collect();
    assert_eq!(paths, ["/oauth/token"]);
    assert_eq!((server.requests().len(), server.secured()), (1, 1));
    assert!(server.connections() > 1, "the stranger was not met");
    leaks::none_in("what went over the wire", server.wire());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_turns_bad_at_any_request_ends_the_run_and_costs_no_row_once_it_is_replaced()
 {
    let history = History::without_faults().await;
    let authority = Authority::new("the operator's");
    let domain = history.before(Phase::Full).await.tenant.domain();
    let good = Meets::Tls(authority.identity(&domain, VALID));
    let impostors = impostors(&authority, &domain);
    for phase in Phase::BOTH {
        for answered in 1.. {
            let (bad, telling) = &impostors[answered % impostors.len()];
            let mut auth0 = history.before(phase).await;
            let server = behind(&mut auth0, &authority, &["http/1.1"], good.clone()).await;
            server.after(answered, bad.clone());
            let report = auth0.sync_mode(phase.mode()).await;
            let last = report.exit().code() == 0;
            if !last {
                assert_eq!(report.exit().code(), 78, "{answered}: {report:#?}");
                tells(report.failure.as_ref().unwrap(), telling, &auth0);
                assert!(server.connections() > server.secured(), "{telling} was not met");
                // No lane tried it again: it would have waited before.
                assert!(auth0.watcher.waits.is_empty(), "{telling} {answered}");
            }
            server.now(good.clone());
            carry(&mut auth0, phase).await.unwrap();
            let wanted = history.contents(phase);
            assert_eq!(difference(wanted, &auth0.contents()), None, "{answered} of {phase:?}");
            leaks::none_in("what went over the wire", server.wire());
            if last {
                assert!(answered > 6, "{answered} requests in {phase:?}");
                break;
            }
        }
    }
}
