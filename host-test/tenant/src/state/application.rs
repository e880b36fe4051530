//! The application of a tenant, and its tokens.

use super::State;
use crate::clock::whole_ms;
use std::time::Duration;

impl State {
    /// Grants exactly these scopes to tokens that are issued from now on.
    pub fn set_scopes(&mut self, scopes: &[&str]) {
        self.tokens.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Withdraws or restores the application's access to the Management API:
    /// 403 "create a client-grant".
    pub fn set_client_grant(&mut self, granted: bool) {
        self.tokens.has_client_grant = granted;
    }

    /// Withdraws or restores the grant type `client_credentials`: 403
    /// `unauthorized_client`.
    pub fn set_grant_type(&mut self, allowed: bool) {
        self.tokens.has_grant_type = allowed;
    }

    /// Replaces the client secret. Tokens stay valid.
    pub fn rotate_secret(&mut self, secret: &str) {
        secret.clone_into(&mut self.tokens.client_secret);
    }

    /// Revokes all tokens issued so far.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke_all();
    }

    /// Lets all tokens issued so far expire.
    pub fn expire_tokens(&mut self) {
        let now = self.now();
        self.tokens.expire_all(now);
    }

    pub(crate) fn lifetime_ms(&self) -> i64 {
        whole_ms(self.options.token_lifetime.max(Duration::from_millis(1)))
    }
}
