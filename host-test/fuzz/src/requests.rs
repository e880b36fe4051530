//! What may be asked: only the configured tenant, only what is known there.

use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::sync::session::Outgoing;
use http::Uri;

use crate::tenant::DOMAIN;

/// The paths that the connector knows, each with what ends it.
const PATHS: [&str; 5] =
    ["/oauth/token", "/api/v2/users?", "/api/v2/users/", "/api/v2/logs?", "/api/v2/stats/daily?"];

/// Checks a request that is about to be sent: its address, and that the token
/// goes with all but the request for it.
pub(crate) fn check_outgoing(outgoing: &Outgoing) {
    check_path(&outgoing.request);
    assert_eq!(outgoing.token.is_none(), outgoing.request.is_post(), "{outgoing:?}");
    assert_eq!(outgoing.request.is_post(), outgoing.request == Request::Token);
}

/// Checks that a request's address is one of the tenant's and that its page can
/// be had there.
pub(crate) fn check_path(request: &Request) {
    let path = request.path_and_query();
    assert!(PATHS.iter().any(|known| path.starts_with(known)), "{path}");
    let legal = |byte: u8| byte.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&byte);
    assert!(path.bytes().all(legal), "{path}");
    // An address is parsed up to 65,534 bytes; a longer one is not sent.
    if path.len() < 60_000 {
        let uri: Option<Uri> = format!("https://{DOMAIN}{path}").parse().ok();
        assert_eq!(uri.as_ref().and_then(Uri::host), Some(DOMAIN), "{path}");
        let rest = uri.as_ref().and_then(Uri::path_and_query).map(|rest| rest.as_str());
        assert_eq!(rest, Some(path.as_str()));
    }
    match request {
        Request::Users(search) => {
            assert!((1..=100).contains(&search.page.size().get()), "{search:?}");
            // Auth0 refuses pages beyond record 1000.
            assert!(search.page.number() * search.page.size().get() < 1000, "{search:?}");
        }
        Request::Logs { from, take } => {
            assert!((1..=100).contains(take), "{path}");
            let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            assert!(from.as_str().chars().all(plain), "an address may stand there: {path}");
        }
        _ => {}
    }
}
