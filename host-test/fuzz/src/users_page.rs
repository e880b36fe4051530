//! A page of users, as the body of an answer.

use auth0_connector_core::engine::timestamp::DAY;
use auth0_connector_core::json::anomalies::Anomalies;
use auth0_connector_core::sync::users::Users;

use crate::batches::check_outcome;
use crate::requests::check_path;
use crate::tenant::noon;

/// Answers of the same page before a walk must have left it.
const ANSWERS: usize = 24;

/// Walks over all users and over those that changed, with the same page for
/// every answer.
pub fn users_page(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    for full in [true, false] {
        let mut users = Users { watermark: Some(noon().earlier_by(DAY)), ..Users::default() };
        users.begin(full, 7, noon());
        let Some(walk) = &mut users.walk else { continue };
        for _ in 0..ANSWERS {
            let requests = walk.requests();
            let Some((lane, request)) = requests.into_iter().next_back() else { break };
            check_path(&request);
            let odd = &mut Anomalies::default();
            match walk.take(lane, body, odd) {
                Some(brought) => check_outcome(&brought),
                None if walk.shrink(lane) => {}
                None => match walk.skip(lane) {
                    Some(brought) => check_outcome(&brought),
                    None => break,
                },
            }
            assert!(odd.summary().is_ascii());
        }
    }
}
