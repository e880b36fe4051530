//! Daily statistics, as the body of an answer.

use auth0_connector::api::auth0_began;
use rawdash_connector_sdk::contract::request::{Mode, SyncRequest, Want};
use rawdash_connector_sdk::time::timestamp::{DAY, Timestamp};
use serde_json::json;

use crate::drive::{Drive, Setting};
use crate::script::{Answer, Arrival};
use crate::tenant::{RESOURCES, configuration, noon};

/// Answers of the same page.
const ANSWERS: usize = 40;

/// A sync: its mode, the tenant's date, `since` and the lookback.
type Sync = (Mode, Timestamp, Option<Timestamp>, u32);

/// Reads the statistics of some syncs, with the same page for every answer; each
/// sync ends.
pub fn stats_page(data: &[u8]) {
    let tomorrow = noon().later_by(DAY);
    read(
        data,
        &[
            (Mode::Full, noon(), None, 30),
            (Mode::Latest, tomorrow, None, 1),
            (Mode::Full, tomorrow, Some(auth0_began()), 100_000),
        ],
    );
    // Tenants whose clock is wrong, each alone: what lies between them is read
    // a year at a time.
    read(data, &[(Mode::Full, Timestamp::EPOCH, None, 30)]);
    read(data, &[(Mode::Full, Timestamp::EPOCH.later_by(i64::MAX), None, 30)]);
}

fn read(data: &[u8], syncs: &[Sync]) {
    let [_, _, (stats, setting)] = RESOURCES;
    let mut checkpoint = None;
    for (mode, date, since, lookback) in syncs {
        let want = Want { mode: *mode, since: *since, ..Want::auto(stats) };
        let fields = json!({ "resources": [setting], "statsLookbackDays": lookback });
        let setting = Setting {
            checkpoint,
            request: SyncRequest { wants: vec![want], patience: None },
            date: *date,
            ..Setting::of(configuration(fields))
        };
        let page = Arrival::of(Answer::Page(&["/api/v2/stats"], 200, data));
        let Some(drive) = Drive::new(setting.with_input(data), std::iter::repeat_n(page, ANSWERS))
        else {
            unreachable!("its own checkpoint is refused")
        };
        checkpoint = Some(drive.finish());
    }
}
