//! The headers of answers: `name: value`, a line each, an answer to a blank
//! line.

use auth0_connector::api::next_link::next_from;
use rawdash_connector_sdk::http::rate_limit::RateLimit;
use rawdash_connector_sdk::time::timestamp::DAY;
use serde_json::json;

use crate::answers::read_head;
use crate::drive::{Drive, SLOWEST_PACE, Setting};
use crate::script::{Answer, Arrival};
use crate::tenant::configuration;

/// Answers with headers: each block is used at least once.
const ANSWERS: usize = 100;
/// Blocks that are read.
const MOST: usize = 200;

/// Reads one answer's headers after the other. A pause is at least a second and at
/// most a day; and whatever limits the answers state, a sync goes on within two
/// minutes, or within eight with the least share of the limit, and ends.
pub fn response_headers(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let blocks: Vec<&[&[u8]]> = lines.split(|line| line.is_empty()).take(MOST).collect();
    blocks.iter().for_each(|lines| check(lines));
    let usual = Setting::of(configuration(json!({})));
    let least = Setting {
        longest_pace: SLOWEST_PACE,
        ..Setting::of(configuration(json!({ "rateLimitShare": 0.01 })))
    };
    for setting in [usual, least] {
        let answers = blocks.iter().cycle().take(ANSWERS.max(blocks.len()));
        let arrivals = answers.map(|lines| Arrival::of(Answer::Headers(lines)));
        if let Some(drive) = Drive::new(setting.with_input(data), arrivals) {
            drive.finish();
        }
    }
}

fn check(lines: &[&[u8]]) {
    let head = read_head(200, lines);
    let limit = RateLimit::read(&head);
    let day = u64::try_from(DAY).unwrap_or(u64::MAX);
    for pause in [limit.pause(head.date), limit.stated_pause(head.date)] {
        assert!(pause.is_none_or(|pause| (1000..=day).contains(&pause)), "{pause:?}");
    }
    for (name, value) in head.lines() {
        assert_eq!(name, name.to_ascii_lowercase());
        assert_eq!(value, value.trim());
    }
    if let Some(from) = next_from(&head) {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(!from.as_str().is_empty() && from.as_str().chars().all(legal), "{from}");
    }
}
