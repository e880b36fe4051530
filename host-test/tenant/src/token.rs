//! `POST /oauth/token`, and the tokens that it issues.

mod form;
mod issuer;
mod refusal;

pub use issuer::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK};
pub(crate) use issuer::{Issued, Tokens};
pub(crate) use refusal::{EXPIRED, REVOKED, insufficient_scope};
