//! The refresh token grant.

use super::header::bear;
use super::oauth;
use crate::authentication::{AccessToken, Authentication, TokenAnswer};
use crate::config::Secret;
use crate::http::reply::Answer;
use crate::http::request::Request;

/// The refresh token grant of OAuth 2.0. A refresh token that the source replaces
/// with each use is handed to the host, which stores it before another request is
/// sent; the connector is exported with `rotates secrets`.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    path: &'static str,
    client_id: String,
    client_secret: Option<Secret>,
    refresh_token: Secret,
}

impl RefreshToken {
    /// Tokens from this path on the connector's host; a public client has no
    /// secret.
    pub fn new(
        path: &'static str,
        client_id: impl Into<String>,
        client_secret: Option<Secret>,
        refresh_token: Secret,
    ) -> RefreshToken {
        RefreshToken { path, client_id: client_id.into(), client_secret, refresh_token }
    }
}

impl Authentication for RefreshToken {
    fn token_request(&self) -> Option<Request> {
        let mut parameters = vec![
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id.as_str()),
            ("refresh_token", self.refresh_token.reveal()),
        ];
        parameters
            .extend(self.client_secret.as_ref().map(|secret| ("client_secret", secret.reveal())));
        Some(oauth::form_request(self.path, &parameters))
    }

    fn read_token(&mut self, answer: &Answer) -> TokenAnswer {
        let Some(grant) = oauth::read_grant(&answer.body).filter(|_| answer.head.is_success())
        else {
            return oauth::refusal(answer);
        };
        let replaced = grant.refresh_token.filter(|token| token != self.refresh_token.reveal());
        let rotated = replaced.map(|token| Secret::new(self.refresh_token.name(), token));
        if let Some(secret) = &rotated {
            self.refresh_token = secret.clone();
        }
        TokenAnswer::Granted { token: grant.token, life: grant.life, rotated }
    }

    fn authorize(&self, request: &mut Request, token: Option<&AccessToken>) {
        bear(request, token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::Head;

    fn granted(body: &str) -> Answer {
        Answer::new(Head::read(200, std::iter::empty()), body.as_bytes().to_vec())
    }

    /// A source that replaces refresh tokens revokes the old one: used again, it
    /// ends the login.
    #[test]
    fn a_replaced_refresh_token_is_handed_over_and_used_from_then_on() {
        let mut login = RefreshToken::new("/token", "id", None, Secret::new("REFRESH", "old"));
        let answer = granted(r#"{"access_token":"a","refresh_token":"new"}"#);
        let TokenAnswer::Granted { rotated, .. } = login.read_token(&answer) else {
            panic!("not granted")
        };
        assert_eq!(rotated, Some(Secret::new("REFRESH", "new")));
        let body = String::from_utf8(login.token_request().unwrap().body).unwrap();
        assert_eq!(body, "grant_type=refresh_token&client_id=id&refresh_token=new");
        let TokenAnswer::Granted { rotated, .. } = login.read_token(&answer) else {
            panic!("not granted")
        };
        assert_eq!(rotated, None, "the same token replaces nothing");
    }
}
