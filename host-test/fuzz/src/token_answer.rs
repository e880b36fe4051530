//! The token endpoint's answer: two bytes of status, and the body.

use arbitrary::Unstructured;
use auth0_connector::api::token;
use rawdash_connector_sdk::authentication::TokenAnswer;
use rawdash_connector_sdk::http::reply::{Answer as Complete, Head};
use rawdash_connector_sdk::time::instant::Instant;
use rawdash_connector_sdk::time::moment::Moment;
use serde_json::json;

use crate::answers;
use crate::asked::Asked;
use crate::batches::check_message;
use crate::drive::{Drive, Setting};
use crate::requests::check_outgoing;
use crate::script::{Answer, Arrival};
use crate::tenant::{self, DOMAIN, configuration, noon};

/// Answers of the token endpoint in one sync.
const ANSWERS: usize = 12;
/// Requests of a check: a token and each resource.
const MOST_CHECKED: u32 = 4;

/// Reads a token, and the meaning of a refusal. A token can stand in a header
/// and is used for a while; a refusal says what to do. A sync ends, and a check of
/// the credentials reports on each resource, whatever the endpoint answers.
pub fn token_answer(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let status = input.arbitrary().unwrap_or(200);
    let body = input.take_rest();
    judge(status, body);
    let setting = Setting::of(configuration(json!({}))).with_input(data);
    let answer = Arrival::of(Answer::Page(&["/oauth/token"], status, body));
    if let Some(drive) = Drive::new(setting, std::iter::repeat_n(answer, ANSWERS)) {
        drive.finish();
    }
    check(status, body);
}

fn judge(status: u16, body: &[u8]) {
    match token::judge(DOMAIN, &Complete::new(Head::of(status), body.to_vec())) {
        TokenAnswer::Granted { token, life, rotated } => {
            assert!(!token.reveal().is_empty());
            assert!(token.reveal().bytes().all(|byte| byte.is_ascii_graphic()));
            assert!((1_000..=1_000_000_000_000).contains(&life), "{life}");
            assert_eq!((format!("{token:?}").as_str(), rotated), ("AccessToken(hidden)", None));
        }
        TokenAnswer::Failed(failure) => check_message(&failure.message),
        TokenAnswer::Transient(what) => check_message(&what),
        TokenAnswer::Limited => {}
    }
}

/// The check of the credentials.
fn check(status: u16, body: &[u8]) {
    let Ok((mut engine, configured)) = tenant::engine(&configuration(json!({})), None) else {
        return;
    };
    let mut check = engine.check(Moment { instant: Instant::START, wall: noon() });
    let mut requests = 0;
    while let Some(outgoing) = check.request() {
        requests += 1;
        assert!(requests <= MOST_CHECKED, "{outgoing:?}, again and again");
        let Some(asked) = check_outgoing(&outgoing) else { return };
        let answer = match asked {
            Asked::Token => Answer::Page(&["/oauth/token"], status, body),
            _ => Answer::Quiet,
        };
        check.receive(answers::reply(&answer, &asked, &outgoing.request.path, noon(), ""));
    }
    let outcomes = check.outcomes();
    let names = configured.resources.iter().map(|resource| &resource.name);
    assert!(outcomes.iter().map(|(name, _)| name).eq(names), "{outcomes:?}");
    for (_, outcome) in &outcomes {
        if let Err(failure) = outcome {
            check_message(&failure.message);
        }
    }
}
