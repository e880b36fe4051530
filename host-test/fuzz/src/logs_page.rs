//! A page of log rows, as the body of an answer.

use rawdash_connector_sdk::time::timestamp::DAY;
use serde_json::json;

use crate::drive::{Drive, Setting};
use crate::script::{Answer, Arrival};
use crate::tenant::{RESOURCES, configuration, noon};

/// Answers of the same page.
const ANSWERS: usize = 40;

/// Reads the log from its oldest row on, with the same page for every answer, then
/// again a day later; its deleted users are requested too, with the page for an
/// answer.
pub fn logs_page(data: &[u8]) {
    let [(_, users), (_, logs), _] = RESOURCES;
    let mut checkpoint = None;
    for date in [noon(), noon().later_by(DAY)] {
        let setting = Setting {
            checkpoint,
            date,
            ..Setting::of(configuration(json!({ "resources": [logs, users] })))
        };
        let endpoints = &["/api/v2/logs", "/api/v2/users/"];
        let page = Arrival::of(Answer::Page(endpoints, 200, data));
        let Some(drive) = Drive::new(setting.with_input(data), std::iter::repeat_n(page, ANSWERS))
        else {
            unreachable!("its own checkpoint is refused")
        };
        checkpoint = Some(drive.finish());
    }
}
