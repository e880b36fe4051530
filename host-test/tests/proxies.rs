//! A machine whose only way out is a proxy: the tenant is read through it, and what
//! the proxy refuses is reported as the proxy's.

use crate::support::auth0::Auth0;
use crate::support::leaks;
use crate::support::proxy::{Answer, StandIn, Tinyproxy, secured, through};
use crate::support::server::Nobody;
use crate::support::tls::{Authority, Meets, TlsServer, VALID};
use auth0_tenant::Options;
use rawdash_host::contract::Mode;
use rawdash_host::transport::Roots;
use std::ffi::OsString;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::unix::ffi::OsStringExt;
use tokio::task::block_in_place;

/// A tenant that proves to be the one, and a proxy behind which it is found.
struct ProxiedTenant {
    auth0: Auth0,
    authority: Authority,
    server: TlsServer,
    outside: StandIn,
}

impl ProxiedTenant {
    async fn new() -> ProxiedTenant {
        let options = Options { users: 450, logs: 900, odd: false, ..Options::default() };
        let mut auth0 = Auth0::new(options).await;
        let authority = Authority::new("the operator's");
        let identity = authority.identity(&auth0.tenant.domain(), VALID);
        let protocols = ["h2", "http/1.1"];
        let meets = Meets::Tls(identity);
        let server = TlsServer::start(&auth0.tenant.url(), &protocols, meets).await;
        auth0.settings.routes.clear();
        auth0.settings.network.roots = Roots::Only(vec![authority.certificate.clone()]);
        let address = server.url.strip_prefix("https://").unwrap().parse().unwrap();
        let outside = StandIn::start(Answer::Lead(address)).await;
        ProxiedTenant { auth0, authority, server, outside }
    }

    fn assert_complete(&self) {
        assert_eq!(self.auth0.contents().changed(), self.auth0.users());
        assert_eq!(self.auth0.contents().event_ids(), self.auth0.events());
        self.went_through_the_proxy();
    }

    fn went_through_the_proxy(&self) {
        let line = format!("CONNECT {}:443 HTTP/1.1", self.auth0.tenant.domain());
        // Read first: the proxy notes each request before it opens the connection.
        let connections = self.server.connections();
        let connects = self.outside.connects();
        assert!(connects.iter().all(|connect| *connect == line), "{connects:?}");
        assert!(connections > 0 && connects.len() >= connections, "{connects:?}");
        // Neither the tenant's secrets nor the proxy's, of which none belongs there.
        leaks::none_in("what went over the wire", self.server.wire());
    }

    /// Ends with the status, reports each of the texts, and sends the tenant nothing.
    async fn refused(&mut self, proxy: &str, status: u8, telling: &[&str]) {
        self.auth0.settings.network.proxies = through(proxy);
        let report = self.auth0.sync_mode(Mode::Full).await;
        assert_eq!(report.exit().code(), status, "{report:#?}");
        let message = &report.failure.as_ref().unwrap().message;
        let place = proxy.rsplit(['/', '@']).next().unwrap();
        assert!(message.contains(&format!("the proxy http://{place} ")), "{message}");
        for telling in telling {
            assert!(message.contains(telling), "{telling}: {message}");
        }
        assert!(self.auth0.tenant.requests().is_empty(), "{message}");
    }
}

/// A password of which no text may hold a trace.
fn address_with(password: &str, proxy: SocketAddr) -> String {
    format!("http://operator:{password}@{proxy}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_read_whole_through_a_proxy() {
    let mut tenant = ProxiedTenant::new().await;
    tenant.auth0.settings.network.proxies = through(&tenant.outside.url());
    tenant.auth0.sync_well(Mode::Full).await;
    tenant.assert_complete();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_read_whole_through_a_proxy_that_speaks_tls_and_only_if_it_is_trusted() {
    let mut tenant = ProxiedTenant::new().await;
    let identity = tenant.authority.identity("localhost", VALID);
    let (port, trusted) = secured(tenant.outside.address, &identity).await;
    tenant.auth0.settings.network.proxies = through(&format!("https://localhost:{port}"));
    tenant.auth0.sync_well(Mode::Full).await;
    tenant.assert_complete();
    trusted.abort();

    let mut tenant = ProxiedTenant::new().await;
    let stranger = Authority::new("a stranger's").identity("localhost", VALID);
    let (port, _untrusted) = secured(tenant.outside.address, &stranger).await;
    tenant.auth0.settings.network.proxies = through(&format!("https://localhost:{port}"));
    let report = tenant.auth0.sync_mode(Mode::Full).await;
    assert_eq!(report.exit().code(), 78, "{report:#?}");
    let message = report.failure.unwrap().message;
    let telling = format!("the proxy https://localhost:{port} could not be verified");
    assert!(message.contains(&telling), "{message}");
    assert!(tenant.outside.connects().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_refuses_is_reported_of_the_proxy_and_not_of_the_tenant() {
    let password = leaks::secret();
    for (says, status, telling) in [
        ("HTTP/1.1 407 No\r\n\r\n", 78, &["refuses the credentials", "407", "USER:PASSWORD"][..]),
        ("HTTP/1.0 401 No\r\n\r\n", 78, &["refuses the credentials", "401", "USER:PASSWORD"]),
        ("HTTP/1.1 403 No\r\n\r\n", 78, &["refuses to open", "403 Forbidden", "administrator"]),
        ("HTTP/1.1 429 No\r\n\r\n", 75, &["could not open", "429 Too Many", "--no-proxy"]),
        ("HTTP/1.1 502 No\r\n\r\n", 75, &["could not open", "502 Bad Gateway", "NO_PROXY"]),
        ("SSH-2.0-OpenSSH_9.2\r\n", 75, &["does not answer as an HTTP proxy", "HTTPS_PROXY"]),
        ("", 75, &["does not answer as an HTTP proxy", "HTTPS_PROXY"]),
    ] {
        let mut tenant = ProxiedTenant::new().await;
        let proxy = StandIn::start(Answer::Say(says)).await;
        tenant.refused(&address_with(&password, proxy.address), status, telling).await;
        assert!(!proxy.connects().is_empty());
    }
    let mut tenant = ProxiedTenant::new().await;
    let proxy = StandIn::start(Answer::Say("HTTP/1.1 407 No\r\n\r\n")).await;
    let telling = ["demands credentials", "407", "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"];
    tenant.refused(&proxy.url(), 78, &telling).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_reported_with_its_address() {
    let mut tenant = ProxiedTenant::new().await;
    let nobody = Nobody::new();
    let address = nobody.url.strip_prefix("http://").unwrap().parse().unwrap();
    let proxy = address_with(&leaks::secret(), address);
    tenant.refused(&proxy, 75, &["cannot be reached", "refused", "HTTPS_PROXY"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_goes_without_a_proxy() {
    let mut tenant = ProxiedTenant::new().await;
    let route = format!("https://{{/domain}}={}", tenant.server.url);
    tenant.auth0.settings.routes = vec![route.parse().unwrap()];
    let proxy = StandIn::start(Answer::Say("HTTP/1.1 502 No\r\n\r\n")).await;
    tenant.auth0.settings.network.proxies = through(&proxy.url());
    tenant.auth0.sync_well(Mode::Full).await;
    assert!(proxy.connects().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_proxy_leads_the_command_to_the_tenant_and_its_password_stays_secret() {
    let tenant = ProxiedTenant::new().await;
    let directory = tempfile::tempdir().unwrap();
    let password = leaks::secret();
    let proxy = Tinyproxy::start(directory.path(), &password, 443, tenant.outside.address);
    let Some(proxy) = proxy else { return };
    let authorities = directory.path().join("authorities.pem");
    std::fs::write(&authorities, tenant.authority.pem()).unwrap();
    let mut command = tenant.auth0.command_without_route(Mode::Full);
    command.env("HTTPS_PROXY", address_with(&password, proxy.address));
    command.env("SSL_CERT_FILE", &authorities).env("NO_PROXY", "other.example");
    let status = block_in_place(|| command.status().unwrap());
    let said = tenant.auth0.said();
    assert_eq!(status.code(), Some(0), "{said}");
    tenant.assert_complete();
    let line = format!(
        "requests to https://{} go through the proxy http://{}\n",
        tenant.auth0.tenant.domain(),
        proxy.address
    );
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    leaks::none_in("what the command said", &said);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_real_proxy_refuses_is_reported_of_the_proxy() {
    let password = leaks::secret();
    let wrong = format!("{password}More");
    for (port, sent, status, telling) in [
        (443, Some(&wrong), 78, "refuses the credentials in its address"),
        (443, None, 78, "demands credentials"),
        (563, Some(&password), 78, "refuses to open a connection to this host (status 403"),
    ] {
        let mut tenant = ProxiedTenant::new().await;
        let directory = tempfile::tempdir().unwrap();
        let proxy = Tinyproxy::start(directory.path(), &password, port, tenant.outside.address);
        let Some(proxy) = proxy else { return };
        let url = match sent {
            Some(sent) => address_with(sent, proxy.address),
            None => format!("http://{}", proxy.address),
        };
        tenant.refused(&url, status, &[telling]).await;
        assert!(tenant.outside.connects().is_empty());
    }
    let mut tenant = ProxiedTenant::new().await;
    let directory = tempfile::tempdir().unwrap();
    let gone = StandIn::start(Answer::Say("HTTP/1.1 502 No\r\n\r\n")).await;
    let proxy = Tinyproxy::start(directory.path(), &password, 443, gone.address);
    let Some(proxy) = proxy else { return };
    let telling = ["could not open a connection to this host (status 50"];
    tenant.refused(&address_with(&password, proxy.address), 75, &telling).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_that_cannot_be_read_are_not_replaced_by_others() {
    let tenant = ProxiedTenant::new().await;
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.pem");
    let mut command = tenant.auth0.command_without_route(Mode::Full);
    command.env("HTTPS_PROXY", tenant.outside.url()).env("SSL_CERT_FILE", &missing);
    let status = block_in_place(|| command.status().unwrap());
    let said = tenant.auth0.said();
    assert_eq!(status.code(), Some(78), "{said}");
    for telling in ["authorities cannot be read", "missing.pem", "let SSL_CERT_FILE name"] {
        assert!(said.contains(telling), "{telling}: {said}");
    }
    assert!(tenant.outside.connects().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_that_cannot_be_used_is_an_error_unless_it_is_to_be_ignored() {
    let auth0 = Auth0::new(Options { users: 20, logs: 20, ..Options::default() }).await;
    let proxy = OsString::from(format!("socks5://operator:{}@127.0.0.1:1", leaks::secret()));
    let mut unusable = vec![(proxy.clone(), "names neither an http://")];
    #[cfg(unix)]
    unusable.push((OsString::from_vec(b"http://pr\xf6xy.example:3128".to_vec()), "is not a URL"));
    for (proxy, problem) in unusable {
        let mut command = auth0.command(Mode::Full);
        command.env("https_proxy", &proxy);
        let status = block_in_place(|| command.status().unwrap());
        let said = auth0.said();
        assert_eq!(status.code(), Some(78), "{said}");
        let expected = format!("the environment variable https_proxy {problem}");
        assert!(said.contains(&expected), "{said}");
        assert!(!auth0.path().exists(), "a database was made");
    }
    let mut command = auth0.command(Mode::Full);
    command.env("https_proxy", &proxy).arg("--no-proxy");
    let status = block_in_place(|| command.status().unwrap());
    assert_eq!(status.code(), Some(0), "{}", auth0.said());
    assert!(!auth0.said().contains("go through the proxy"), "{}", auth0.said());
}
