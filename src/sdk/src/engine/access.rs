//! The access token of an instance: requested when it is needed, and again for
//! each that is refused.

use crate::authentication::AccessToken;
use crate::engine::lane_state::LaneState;
use crate::time::instant::Instant;

/// Tokens refused in a row before the credentials are at fault. A fresh token may
/// be refused for a moment, while the source's signing keys change.
const REFUSALS: u32 = 3;

/// The token, and the lane that requests another.
#[derive(Debug, Default)]
pub(super) struct Access {
    token: Option<(AccessToken, Instant)>,
    /// Counts the tokens, so that replies to requests with an older one do not
    /// discard the newer.
    serial: u32,
    refused_in_a_row: u32,
    /// The lane of token requests.
    pub(super) lane: LaneState,
}

impl Access {
    /// The token and its number, while it may be used.
    pub(super) fn token(&self, now: Instant) -> Option<(&AccessToken, u32)> {
        let (token, until) = self.token.as_ref()?;
        (now < *until).then_some((token, self.serial))
    }

    /// Takes a new token.
    pub(super) fn accept(&mut self, token: AccessToken, life: u64, now: Instant) {
        self.token = Some((token, now.later_by(life)));
        self.serial = self.serial.wrapping_add(1);
        self.lane.succeed();
    }

    /// Records that the token of this number was accepted.
    pub(super) fn prove(&mut self, serial: u32) {
        if serial == self.serial {
            self.refused_in_a_row = 0;
        }
    }

    /// Records that the token of this number was refused. False when requesting a
    /// new one no longer makes sense.
    pub(super) fn refuse(&mut self, serial: u32) -> bool {
        if serial == self.serial && self.token.take().is_some() {
            self.refused_in_a_row += 1;
        }
        self.refused_in_a_row < REFUSALS
    }

    /// Forgets refusals, for a sync that is called again.
    pub(super) fn begin_anew(&mut self) {
        self.refused_in_a_row = 0;
        self.lane.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_to_an_older_token_do_not_discard_the_newer() {
        let mint = || AccessToken::new("a.b.c".to_owned()).unwrap();
        let mut access = Access::default();
        access.accept(mint(), 1000, Instant::START);
        assert!(access.refuse(1), "one new token");
        assert!(access.token(Instant::START).is_none());
        access.accept(mint(), 1000, Instant::START);
        assert!(access.refuse(1), "the second reply to the first token");
        assert!(access.token(Instant::START).is_some());
        assert!(access.token(Instant::from_millis(1000)).is_none(), "and it expires");
    }

    #[test]
    fn credentials_whose_tokens_are_never_accepted_are_given_up() {
        let mint = || AccessToken::new("a.b.c".to_owned()).unwrap();
        let mut access = Access::default();
        for serial in 1..=3 {
            access.accept(mint(), 1000, Instant::START);
            assert_eq!(access.refuse(serial), serial < 3);
        }
    }
}
