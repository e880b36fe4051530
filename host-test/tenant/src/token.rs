//! `POST /oauth/token`, and the tokens that it gave out.

use crate::answer::Answer;
use crate::random::Random;
use serde_json::{Value, json};

const STREAM: u64 = 0x70c3;

/// What every client secret of a simulated tenant begins with: a test finds a
/// secret by it wherever one has leaked to.
pub const CLIENT_SECRET_MARK: &str = "SimulatedClientSecret";

/// What every access token of a simulated tenant has near its beginning.
pub const ACCESS_TOKEN_MARK: &str = "SimulatedAccessToken";

/// A token that was given out.
#[derive(Clone, Debug)]
struct Issued {
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
    /// Whether the application may use the grant `client_credentials`.
    pub(crate) has_grant_type: bool,
    issued: Vec<Issued>,
}

/// What comes of a token request.
pub(crate) enum Minted {
    Refused(Answer),
    Given(Answer),
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
    pub(crate) fn mint(
        &mut self,
        content_type: &str,
        body: &[u8],
        domain: &str,
        lifetime_ms: i64,
        now: i64,
    ) -> Minted {
        match self.judge(content_type, body, domain) {
            Err(refusal) => Minted::Refused(refusal),
            Ok(()) => Minted::Given(self.issue(lifetime_ms, now)),
        }
    }

    fn judge(&self, content_type: &str, body: &[u8], domain: &str) -> Result<(), Answer> {
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
        self.issued.push(Issued {
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

    /// Judges an `Authorization` header: its form, its token, its scopes.
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

/// What a 401 says of a token that has run out.
pub(crate) const EXPIRED: &str = "Expired token received for JSON Web Token validation";
/// What a 401 says of a token that counts no more.
pub(crate) const REVOKED: &str = "Invalid signature received for JSON Web Token validation";

/// The 403 for a token that lacks every one of these scopes.
pub(crate) fn insufficient_scope(scopes: &[&str]) -> Answer {
    Answer::error(
        403,
        Some("insufficient_scope"),
        &format!("Insufficient scope, expected any of: {}", scopes.join(",")),
    )
}

impl Issued {
    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// The fields of a token request, in JSON or as a form.
struct Form(Vec<(String, String)>);

impl Form {
    fn parse(content_type: &str, body: &[u8]) -> Result<Self, Answer> {
        if !content_type.contains("json") {
            return Ok(Self(form_urlencoded::parse(body).into_owned().collect()));
        }
        let refused = || Answer::oauth_error(400, "invalid_request", "The body is no JSON object.");
        let fields: Value = serde_json::from_slice(body).map_err(|_| refused())?;
        let fields = fields.as_object().ok_or_else(refused)?;
        Ok(Self(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
        ))
    }

    fn required(&self, name: &str) -> Result<&str, Answer> {
        self.0
            .iter()
            .find_map(|(other, value)| (other == name).then_some(value.as_str()))
            .ok_or_else(|| {
                Answer::oauth_error(
                    400,
                    "invalid_request",
                    &format!("Missing required parameter: {name}"),
                )
            })
    }
}
