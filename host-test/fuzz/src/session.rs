//! Syncs, driven as the component drives them, with any answers in any order.

use arbitrary::Unstructured;
use rawdash_connector_sdk::contract::request::{Condition, Mode, SyncRequest, Want};
use rawdash_connector_sdk::time::timestamp::{DAY, Timestamp};
use serde_json::{Value, json};

use crate::drive::{Drive, SLOWEST_PACE, Setting};
use crate::parts;
use crate::script::{Opening, Requested, Stored, arrivals};
use crate::seal::sealed;
use crate::tenant::{DOMAIN, RESOURCES, configuration, noon};
use auth0_connector::api::auth0_began;

/// Milliseconds of patience.
const PATIENCE: [Option<u32>; 8] =
    [None, Some(0), Some(1), Some(50), Some(1_000), Some(30_000), Some(u32::MAX), None];

/// Drives syncs through a script, then on with a quiet tenant until one is done.
///
/// Nothing panics; every step is one that the contract allows where it is returned;
/// every turn waits, requests, or returns a step; every checkpoint is read back as
/// it was; no event of a page that was left is missing; and the end is reached.
pub fn session(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(opening) = Opening::read(&mut input) else { return };
    let names = RESOURCES.map(|(name, _)| name.to_owned());
    let wanted = request_of(opening.requested, &names);
    let setting = Setting {
        checkpoint: match opening.state {
            Stored::None => None,
            Stored::Whole(state) => Some(sealed(DOMAIN, state)),
            Stored::Parts(state) => Some(sealed(DOMAIN, &parts::read(state).write())),
        },
        request: wanted,
        wall: match opening.clock % 4 {
            1 => Timestamp::EPOCH,
            // A later one makes a sync request statistics year by year up to then.
            2 => noon().later_by(1_000 * DAY),
            _ => noon(),
        },
        longest_pace: SLOWEST_PACE,
        lost_after: opening.lost_after.into(),
        meaning: request_of,
        ..Setting::of(configuration(fields_of(&opening)))
    };
    if let Some(drive) = Drive::new(setting.with_input(data), arrivals(input)) {
        drive.finish();
    }
}

/// The resources whose bits are set.
fn some_of<T: Clone>(mask: u8, all: &[T]) -> Vec<T> {
    let chosen = |(at, _): &(usize, &T)| mask >> at & 1 == 1;
    all.iter().enumerate().filter(chosen).map(|(_, one)| one.clone()).collect()
}

fn fields_of(opening: &Opening<'_>) -> Value {
    let [resources, share, days, types] = opening.configured;
    let resources = some_of(resources, &RESOURCES.map(|(_, setting)| setting));
    let (shares, lookbacks) = ([1.0, 0.8, 0.01, 0.25], [30, 1, 400]);
    let mut fields = json!({
        "rateLimitShare": shares.get(usize::from(share % 4)),
        "statsLookbackDays": lookbacks.get(usize::from(days % 3)),
    });
    if let Value::Object(fields) = &mut fields {
        if !resources.is_empty() {
            fields.insert("resources".to_owned(), json!(resources));
        }
        if types % 2 == 1 {
            fields.insert("logTypes".to_owned(), json!(["s", "gd_auth_succeed", "unheard of"]));
        }
    }
    fields
}

/// What numbers mean as a request: a mode, a bound and a condition for each resource
/// that is named. One that is not configured is illegal, and so is one that is named
/// twice.
fn request_of(requested: Requested, names: &[String]) -> SyncRequest {
    let want = |at: usize, name: &str| Want {
        resource: name.to_owned(),
        mode: match digit(requested.modes, 3, at) {
            0 => Mode::Auto,
            1 => Mode::Full,
            _ => Mode::Latest,
        },
        since: match digit(requested.since, 6, at) {
            1 => Timestamp::from_millis(0),
            2 => Some(auth0_began()),
            3 => Some(noon().earlier_by(DAY)),
            4 => Some(noon().later_by(DAY)),
            5 => Some(noon().later_by(i64::MAX)),
            _ => None,
        },
        conditions: (requested.resources >> 5 & 1 == 1)
            .then(|| Condition {
                field: "type".to_owned(),
                op: "eq".to_owned(),
                values: vec!["s".to_owned()],
            })
            .into_iter()
            .collect(),
    };
    let named = some_of(requested.resources, names);
    let mut wants: Vec<Want> = named.iter().enumerate().map(|(at, name)| want(at, name)).collect();
    if requested.resources >> 6 & 1 == 1 {
        wants.extend(wants.first().cloned());
    }
    if requested.resources >> 7 & 1 == 1 {
        wants.push(Want::auto("auth0_nothing"));
    }
    let patience = PATIENCE.get(usize::from(requested.patience % 8)).copied().flatten();
    SyncRequest { wants, patience }
}

fn digit(number: u8, base: u8, place: usize) -> u8 {
    let place = u32::try_from(place).unwrap_or(0);
    number / base.checked_pow(place).unwrap_or(u8::MAX) % base
}
