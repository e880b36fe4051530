//! What any connector needs: nothing in this folder knows Auth0.

pub mod access;
pub mod access_token;
pub mod envelope;
pub mod failure_kind;
pub mod instant;
pub mod lane;
pub mod pacing;
pub mod rate_limit;
pub mod small_map;
pub mod timestamp;
