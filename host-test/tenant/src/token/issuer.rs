//! The application, and the tokens that it was issued.

use super::form::Form;
use super::refusal::{EXPIRED, REVOKED, insufficient_scope};
use crate::http::Answer;
use crate::random::Random;
use serde_json::json;

const STREAM: u64 = 0x70c3;

/// The beginning of every client secret of a simulated tenant, by which a test
/// finds a secret that has leaked.
pub const CLIENT_SECRET_MARK: &str = "SimulatedClientSecret";

/// A part of every access token of a simulated tenant, near its beginning.
pub const ACCESS_TOKEN_MARK: &str = "SimulatedAccessToken";

/// An issued token.
#[derive(Clone, Debug)]
struct AccessToken {
    token: String,
    scopes: Vec<String>,
    expires_at: i64,
    revoked: bool,
}

/// The machine-to-machine application and its tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    seed: u64,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) scopes: Vec<String>,
    /// Whether the application may use the Management API at all.
    pub(crate) has_client_grant: bool,
    /// Whether the application may use the grant type `client_credentials`.
    pub(crate) has_grant_type: bool,
    issued: Vec<AccessToken>,
}

/// The answer to a token request.
pub(crate) enum Issued {
    Refused(Answer),
    Token(Answer),
}

impl Tokens {
    pub(crate) fn new(seed: u64, scopes: &[String]) -> Self {
        let mut random = Random::of(seed, STREAM, 0);
        Self {
            seed,
            client_id: random.letters(32),
            client_secret: format!("{CLIENT_SECRET_MARK}{}", random.letters(43)),
            scopes: scopes.to_vec(),
            has_client_grant: true,
            has_grant_type: true,
            issued: Vec::new(),
        }
    }

    /// Answers a token request of the tenant `domain`.
    pub(crate) fn request(
        &mut self,
        content_type: &str,
        body: &[u8],
        domain: &str,
        lifetime_ms: i64,
        now: i64,
    ) -> Issued {
        match self.check(content_type, body, domain) {
            Err(refusal) => Issued::Refused(refusal),
            Ok(()) => Issued::Token(self.issue(lifetime_ms, now)),
        }
    }

    fn check(&self, content_type: &str, body: &[u8], domain: &str) -> Result<(), Answer> {
        let form = Form::parse(content_type, body)?;
        let grant_type = form.required("grant_type")?;
        if grant_type != "client_credentials" || !self.has_grant_type {
            return Err(Answer::oauth_error(
                403,
                "unauthorized_client",
                &format!("Grant type '{grant_type}' not allowed for the client."),
            ));
        }
        let client_id = form.required("client_id")?;
        let client_secret = form.required("client_secret")?;
        if client_id != self.client_id || client_secret != self.client_secret {
            return Err(Answer::oauth_error(401, "access_denied", "Unauthorized"));
        }
        let audience = form.required("audience")?;
        if audience != format!("https://{domain}/api/v2/") {
            return Err(Answer::oauth_error(
                403,
                "access_denied",
                &format!("Service not enabled within domain: {audience}"),
            ));
        }
        if !self.has_client_grant {
            return Err(Answer::oauth_error(
                403,
                "access_denied",
                &format!(
                    "Client is not authorized to access \"{audience}\". You need to create a \
                     \"client-grant\" associated to this API. \
                     See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
                ),
            ));
        }
        Ok(())
    }

    fn issue(&mut self, lifetime_ms: i64, now: i64) -> Answer {
        let mut random = Random::of(self.seed, STREAM, 1 + self.issued.len() as u64);
        let token = format!(
            "eyJ{ACCESS_TOKEN_MARK}{}.eyJ{}.{}",
            random.letters(13),
            random.letters(120),
            random.letters(86)
        );
        self.issued.push(AccessToken {
            token: token.clone(),
            scopes: self.scopes.clone(),
            expires_at: now + lifetime_ms,
            revoked: false,
        });
        let body = json!({
            "access_token": token,
            "scope": self.scopes.join(" "),
            "expires_in": lifetime_ms / 1_000,
            "token_type": "Bearer",
        });
        Answer::json(200, body.to_string()).with("cache-control", "no-store")
    }

    pub(crate) fn revoke_all(&mut self) {
        self.issued.iter_mut().for_each(|issued| issued.revoked = true);
    }

    pub(crate) fn expire_all(&mut self, now: i64) {
        self.issued.iter_mut().for_each(|issued| issued.expires_at = now);
    }

    /// Checks an `Authorization` header: its form, its token, its scopes.
    pub(crate) fn authorize(
        &self,
        header: Option<&str>,
        scopes: &[&str],
        now: i64,
    ) -> Result<(), Answer> {
        let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
            return Err(Answer::error(401, None, "Missing authentication")
                .with("www-authenticate", "Bearer"));
        };
        if token.matches('.').count() != 2 {
            return Err(Answer::error(400, None, "Bad HTTP authentication header format"));
        }
        let issued = self.issued.iter().find(|issued| issued.token == token);
        match issued {
            None => Err(Answer::unauthorized("Invalid token")),
            Some(issued) if issued.revoked => Err(Answer::unauthorized(REVOKED)),
            Some(issued) if issued.expires_at <= now => Err(Answer::unauthorized(EXPIRED)),
            Some(issued) if scopes.iter().any(|scope| issued.has(scope)) => Ok(()),
            Some(_) => Err(insufficient_scope(scopes)),
        }
    }
}

impl AccessToken {
    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}
