//! Users: how they are generated, stored, indexed and searched.

mod generation;
mod hidden;
mod index;
mod odd;
mod search;
mod store;
mod user;

pub(crate) use generation::{generate, newcomer};
pub use hidden::Hidden;
pub(crate) use search::{list, one};
pub(crate) use store::Users;
pub use user::User;
