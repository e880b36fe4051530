//! A page of users, as the body of an answer.

use rawdash_connector_sdk::contract::request::{Mode, SyncRequest, Want};
use serde_json::json;

use crate::drive::{Drive, Setting};
use crate::script::{Answer, Arrival};
use crate::tenant::{RESOURCES, configuration};

/// Answers of the same page.
const ANSWERS: usize = 30;

/// Walks over all users and then over those that changed, with the same page for
/// every search and every user.
pub fn users_page(data: &[u8]) {
    let [(users, setting), ..] = RESOURCES;
    let mut checkpoint = None;
    for mode in [Mode::Full, Mode::Latest] {
        let want = Want { mode, ..Want::auto(users) };
        let setting = Setting {
            checkpoint,
            request: SyncRequest { wants: vec![want], patience: None },
            ..Setting::of(configuration(json!({ "resources": [setting] })))
        };
        let page = Arrival::of(Answer::Page(&["/api/v2/users"], 200, data));
        let Some(drive) = Drive::new(setting.with_input(data), std::iter::repeat_n(page, ANSWERS))
        else {
            unreachable!("its own checkpoint is refused")
        };
        checkpoint = Some(drive.finish());
    }
}
