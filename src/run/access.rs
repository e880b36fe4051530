//! The access token of a session: minted when it is needed, renewed once for
//! each that is refused.

use crate::auth0::token::AccessToken;
use crate::run::Instant;
use crate::run::lane::Lane;

/// Tokens refused one after the other, none ever accepted, before the
/// credentials are at fault. A fresh token may be refused for a moment, while
/// the tenant's signing keys change.
const REFUSALS: u32 = 3;

/// The token, and how to come by another.
#[derive(Debug, Default)]
pub struct Access {
    token: Option<(AccessToken, Instant)>,
    /// Counts the tokens, so that answers to requests with an older one do not
    /// cost the newer.
    serial: u32,
    refused_in_a_row: u32,
    /// The chain of token requests.
    pub lane: Lane,
}

impl Access {
    /// The token and its number, while it may be used.
    pub fn token(&self, now: Instant) -> Option<(&AccessToken, u32)> {
        let (token, until) = self.token.as_ref()?;
        (now < *until).then_some((token, self.serial))
    }

    /// Takes a new token.
    pub fn accept(&mut self, token: AccessToken, life: u64, now: Instant) {
        self.token = Some((token, now.saturating_add(life)));
        self.serial = self.serial.wrapping_add(1);
        self.lane.succeed();
    }

    /// Notes that a token of this number was accepted by the Management API.
    pub fn prove(&mut self, serial: u32) {
        if serial == self.serial {
            self.refused_in_a_row = 0;
        }
    }

    /// Notes that the token of this number was refused. False when a new one
    /// is no longer worth asking for.
    pub fn refuse(&mut self, serial: u32) -> bool {
        if serial == self.serial && self.token.take().is_some() {
            self.refused_in_a_row += 1;
        }
        self.refused_in_a_row < REFUSALS
    }

    /// Forgets refusals, for a session that is taken up again.
    pub fn begin_anew(&mut self) {
        self.refused_in_a_row = 0;
        self.lane.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth0::token;

    #[test]
    fn answers_to_an_older_token_do_not_cost_the_newer() {
        let mint = || token::read(r#"{"access_token":"a.b.c"}"#).unwrap().0;
        let mut access = Access::default();
        access.accept(mint(), 1000, 0);
        assert!(access.refuse(1), "one new token");
        assert!(access.token(0).is_none());
        access.accept(mint(), 1000, 0);
        assert!(access.refuse(1), "the second answer to the first token");
        assert!(access.token(0).is_some());
        assert!(access.token(1000).is_none(), "and it ends");
    }

    #[test]
    fn credentials_whose_tokens_are_never_accepted_are_given_up() {
        let mint = || token::read(r#"{"access_token":"a.b.c"}"#).unwrap().0;
        let mut access = Access::default();
        for serial in 1..=3 {
            access.accept(mint(), 1000, 0);
            assert_eq!(access.refuse(serial), serial < 3);
        }
    }
}
