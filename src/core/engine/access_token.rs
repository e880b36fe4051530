//! An access token.

/// A bearer token. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// A token that can stand in a header: visible ASCII, at least one character.
    pub fn new(token: String) -> Option<AccessToken> {
        let legal = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        legal.then_some(AccessToken(token))
    }

    /// The token itself, for the `Authorization` header alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(hidden)")
    }
}
