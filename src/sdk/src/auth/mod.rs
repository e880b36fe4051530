//! Kinds of authentication that a connector plugs in.

mod basic;
mod client_credentials;
mod header;
pub mod oauth;
mod refresh_token;

pub use self::basic::Basic;
pub use self::client_credentials::ClientCredentials;
pub use self::header::Header;
pub use self::refresh_token::RefreshToken;
