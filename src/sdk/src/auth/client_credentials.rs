//! The client credentials grant.

use super::header::bear;
use super::oauth;
use crate::authentication::{AccessToken, Authentication, TokenAnswer};
use crate::config::Secret;
use crate::http::reply::Answer;
use crate::http::request::Request;

/// The client credentials grant of OAuth 2.0, client and secret in the body.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    path: &'static str,
    client_id: String,
    client_secret: Secret,
    parameters: Vec<(&'static str, String)>,
}

impl ClientCredentials {
    /// Tokens from this path on the connector's host.
    pub fn new(
        path: &'static str,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> ClientCredentials {
        let client_id = client_id.into();
        ClientCredentials { path, client_id, client_secret, parameters: Vec::new() }
    }

    /// Sends one more parameter, such as `scope` or `audience`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> ClientCredentials {
        self.parameters.push((name, value.into()));
        self
    }
}

impl Authentication for ClientCredentials {
    fn token_request(&self) -> Option<Request> {
        let mut parameters = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.reveal()),
        ];
        parameters.extend(self.parameters.iter().map(|(name, value)| (*name, value.as_str())));
        Some(oauth::form_request(self.path, &parameters))
    }

    fn read_token(&mut self, answer: &Answer) -> TokenAnswer {
        match oauth::read_grant(&answer.body).filter(|_| answer.head.is_success()) {
            Some(grant) => {
                TokenAnswer::Granted { token: grant.token, life: grant.life, rotated: None }
            }
            None => oauth::refusal(answer),
        }
    }

    fn authorize(&self, request: &mut Request, token: Option<&AccessToken>) {
        bear(request, token);
    }
}
