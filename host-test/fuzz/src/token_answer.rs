//! The token endpoint's answer: two bytes of status, and the body.

use arbitrary::Unstructured;
use auth0_connector_core::auth0::reply::Head;
use auth0_connector_core::auth0::token::{self, TokenRefusal};

/// Reads a token, and the meaning of a refusal. A token can stand in a header
/// and is used for a while; a refusal tells what to do in words of our own.
pub fn token_answer(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let status = input.arbitrary().unwrap_or(200);
    let body = String::from_utf8_lossy(input.take_rest());
    if let Some((token, life)) = token::read(&body) {
        assert!(!token.reveal().is_empty());
        assert!(token.reveal().bytes().all(|byte| byte.is_ascii_graphic()));
        assert!((1_000..=1_000_000_000_000).contains(&life), "{life}");
        let shown = format!("{token:?}");
        assert_eq!(shown, "AccessToken(hidden)");
    }
    let head = Head { status, ..Head::default() };
    if let TokenRefusal::Credentials(remedy) = token::refusal(&head, &body) {
        assert!(!remedy.is_empty() && remedy.is_ascii(), "{remedy}");
    }
}
