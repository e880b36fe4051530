//! User name and password.

use data_encoding::BASE64;

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
        let pair = BASE64.encode(pair.as_bytes());
        request.headers.push(("authorization".to_owned(), format!("Basic {pair}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_encoded_as_the_rfc_has_it() {
        let mut request = Request::get("/");
        Basic::new("Aladdin", Secret::new("P", "open sesame")).authorize(&mut request, None);
        let header = ("authorization".to_owned(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
        assert_eq!(request.headers, [header]);
    }
}
