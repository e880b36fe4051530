//! What may be requested: of the configured tenant alone, and only what it serves.

use http::Uri;
use rawdash_connector_sdk::engine::outgoing::Outgoing;

use crate::asked::Asked;
use crate::tenant::{DOMAIN, SECRET};

/// Auth0 refuses pages that begin at this record or later.
const PAGEABLE: u32 = 1000;

/// Checks a request that is about to be sent: its address, and which credentials
/// go with it. Returns what is requested.
pub(crate) fn check_outgoing(outgoing: &Outgoing) -> Option<Asked> {
    let request = &outgoing.request;
    let path = request.path.as_str();
    assert_eq!(outgoing.host, DOMAIN, "{path}");
    check_address(path);
    let asked = Asked::read(request);
    assert!(asked.is_some(), "no endpoint of the tenant: {path}");
    let named = |name: &str| request.headers.iter().filter(|(known, _)| known == name).count();
    let is_for_token = asked == Some(Asked::Token);
    assert_eq!(named("authorization"), usize::from(!is_for_token), "{path}");
    assert_eq!(request.body.is_empty(), !is_for_token, "{path}");
    for (name, value) in &request.headers {
        assert!(
            value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '),
            "{name}: {value}"
        );
        assert!(!value.contains(SECRET), "{name} holds the secret");
    }
    match &asked {
        Some(Asked::Users(search)) => {
            assert!((1..=100).contains(&search.size), "{path}");
            assert!(search.page.saturating_mul(search.size) < PAGEABLE, "{path}");
        }
        Some(Asked::User(id)) => assert!(!id.is_empty(), "a user without an id: {path}"),
        Some(Asked::Logs { take, .. }) => assert!((1..=100).contains(take), "{path}"),
        _ => {}
    }
    asked
}

/// Checks that an address stays on the tenant's host.
fn check_address(path: &str) {
    assert!(path.starts_with('/'), "{path}");
    let legal = |byte: u8| byte.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&byte);
    assert!(path.bytes().all(legal), "{path}");
    // An address is parsed up to 65,534 bytes; a longer one is not sent.
    if path.len() < 60_000 {
        let uri: Option<Uri> = format!("https://{DOMAIN}{path}").parse().ok();
        assert_eq!(uri.as_ref().and_then(Uri::host), Some(DOMAIN), "{path}");
        let rest = uri.as_ref().and_then(Uri::path_and_query).map(|rest| rest.as_str());
        assert_eq!(rest, Some(path));
    }
}
