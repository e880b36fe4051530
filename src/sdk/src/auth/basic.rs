//! User name and password.

use super::header::not_requested;
use crate::authentication::{AccessToken, Authentication, TokenAnswer};
use crate::config::Secret;
use crate::http::reply::Answer;
use crate::http::request::Request;

/// `Authorization: Basic …`, of RFC 7617.
#[derive(Clone, Debug)]
pub struct Basic {
    user: String,
    password: Secret,
}

impl Basic {
    /// This user, who has no `:` in the name, with this password.
    pub fn new(user: impl Into<String>, password: Secret) -> Basic {
        Basic { user: user.into(), password }
    }
}

impl Authentication for Basic {
    fn token_request(&self) -> Option<Request> {
        None
    }

    fn read_token(&mut self, _: &Answer) -> TokenAnswer {
        not_requested()
    }

    fn authorize(&self, request: &mut Request, _: Option<&AccessToken>) {
        let pair = format!("{}:{}", self.user, self.password.reveal());
        request
            .headers
            .push(("authorization".to_owned(), format!("Basic {}", base64(pair.as_bytes()))));
    }
}

/// Base64 of RFC 4648, with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = 0u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(group.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            let letter =
                LETTERS.get((bits >> (18 - 6 * at)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_encoded_as_the_rfc_has_it() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        let mut request = Request::get("/");
        Basic::new("Aladdin", Secret::new("P", "open sesame")).authorize(&mut request, None);
        let header = ("authorization".to_owned(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
        assert_eq!(request.headers, [header]);
    }
}
