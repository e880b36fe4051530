//! The people whom log rows are about.

use super::history;
use crate::lucene::Document;
use crate::options::Options;
use crate::random::Random;
use crate::users::User;

const STREAM: u64 = 0x10c1;

/// A person whom log rows are about.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user_id: String,
    pub(crate) user_name: String,
    pub(crate) connection: String,
}

/// The tenant's users, then the deleted ones.
pub(super) fn people(options: &Options, users: &[User]) -> Vec<Person> {
    let known = users.iter().map(|user| Person {
        user_id: user.id().to_owned(),
        user_name: user.texts("name").concat(),
        connection: user.texts("identities.connection").concat(),
    });
    let deleted = (0..history::deleted(options)).map(|index| Person {
        user_id: format!("auth0|5{}", Random::of(options.seed, STREAM, index).hex(23)),
        user_name: format!("gone.{index}@example.com"),
        connection: "Username-Password-Authentication".to_owned(),
    });
    known.chain(deleted).collect()
}
