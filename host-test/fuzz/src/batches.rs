//! What a host accepts: the rules of the contract, and the limits that hosts
//! set to records.

use auth0_connector_core::rawdash::record::{Batch, Effect, Records, Warning};
use auth0_connector_core::resource::Resource;
use auth0_connector_core::sync::page_outcome::PageOutcome;
use serde_json::{Map, Value};

/// Bytes of one record's attributes, as the host of this repository takes them.
const LONGEST_ATTRIBUTES: usize = 1 << 20;
/// Bytes of one id.
const LONGEST_ID: usize = 4096;

/// Checks every batch of a step.
pub(crate) fn check_batches(batches: &[Batch]) {
    for batch in batches {
        let fits = match &batch.records {
            Records::Events(_) => batch.resource == Resource::LoginEvents,
            Records::Entities(_) | Records::Removals(_) => batch.resource == Resource::Users,
            Records::Samples(_) => batch.resource == Resource::DailyActiveUsers,
        };
        assert!(fits, "{:?} of another shape", batch.resource);
        check_records(&batch.records, batch.effect);
        batch.warnings.iter().for_each(check_warning);
    }
}

/// Checks what a page brought.
pub(crate) fn check_outcome(brought: &PageOutcome) {
    brought.records.iter().for_each(|(records, effect)| check_records(records, *effect));
    brought.warnings.iter().for_each(check_warning);
}

fn check_records(records: &Records, effect: Effect) {
    match (records, effect) {
        (Records::Events(events), Effect::Merge) => {
            for event in events {
                check_id(&event.id);
                check_attributes(&event.attributes);
            }
        }
        (Records::Entities(entities), Effect::Merge | Effect::Stage(_) | Effect::ReplaceAll(_)) => {
            for entity in entities {
                check_id(&entity.id);
                check_attributes(&entity.attributes);
            }
        }
        (Records::Removals(ids), Effect::Merge) => ids.iter().for_each(|id| check_id(id)),
        (Records::Samples(samples), Effect::ReplaceWindow(start, end)) => {
            assert!(start <= end, "the window {start} to {end}");
            for sample in samples {
                assert!(sample.value.is_finite());
                assert!((start..=end).contains(&sample.at), "{} outside", sample.at);
                check_attributes(&sample.attributes);
            }
        }
        _ => unreachable!("{records:?} do not {effect:?}"),
    }
}

fn check_id(id: &str) {
    assert!((1..=LONGEST_ID).contains(&id.len()), "an id of {} bytes", id.len());
}

fn check_attributes(text: &str) {
    assert!(text.len() <= LONGEST_ATTRIBUTES, "attributes of {} bytes", text.len());
    let object = serde_json::from_str::<Map<String, Value>>(text);
    assert!(object.is_ok(), "no JSON object: {text}");
}

/// A warning is read by a person, in a terminal.
fn check_warning(warning: &Warning) {
    assert!(warning.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
    assert!(!warning.message.is_empty() && !warning.message.contains(char::is_control));
    assert!(warning.count > 0, "{warning:?}");
}
