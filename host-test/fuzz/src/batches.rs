//! What a host accepts: the rules of the contract, and the limits that hosts set
//! to records.

use rawdash_connector_sdk::contract::batch::{Batch, Effect, Warning, Window};
use rawdash_connector_sdk::contract::manifest::Shape;
use rawdash_connector_sdk::contract::records::{Entity, Event, Records, Sample};
use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde_json::{Map, Value};

/// Bytes of one record's attributes, as the host of this repository takes them.
const LONGEST_ATTRIBUTES: usize = 1 << 20;
/// Bytes of one id.
const LONGEST_ID: usize = 4096;
/// 9999-12-31T23:59:59.999Z
const LAST: i64 = 253_402_300_799_999;

/// Checks a batch of a resource of this shape.
pub(crate) fn check_batch(batch: &Batch, shape: Shape) {
    let fits = match &batch.records {
        Records::Events(events) => {
            events.iter().for_each(check_event);
            shape == Shape::Event
        }
        Records::Entities(entities) => {
            entities.iter().for_each(check_entity);
            shape == Shape::Entity
        }
        Records::Samples(samples) => {
            samples.iter().for_each(check_sample);
            shape == Shape::Metric
        }
        Records::Removals(ids) => {
            ids.iter().for_each(|id| check_id(id));
            matches!(shape, Shape::Event | Shape::Entity)
        }
        _ => false,
    };
    assert!(fits, "{:?} for {} of shape {shape:?}", batch.records, batch.resource);
    check_effect(&batch.records, &batch.effect);
    batch.warnings.iter().for_each(check_warning);
}

/// Checks that every record lies within what it replaces, and that the effect is
/// one of those that a connector of Auth0 has a use for.
fn check_effect(records: &Records, effect: &Effect) {
    match effect {
        Effect::Merge => {
            let replaces = matches!(records, Records::Samples(samples) if !samples.is_empty());
            assert!(!replaces, "samples that replace none: {records:?}");
        }
        Effect::ReplaceWindow(window) => {
            assert!(matches!(records, Records::Samples(_)), "{effect:?} of {records:?}");
            check_window(*window, records);
        }
        Effect::Stage(_) => {
            assert!(matches!(records, Records::Entities(_)), "{effect:?} of {records:?}");
        }
        Effect::Publish(publication) => {
            assert!(matches!(records, Records::Entities(_)), "{effect:?} of {records:?}");
            assert_eq!(publication.scope, None, "entities have no window");
            assert!(!publication.empty_is_true, "Auth0 does not say that there is nobody");
        }
        Effect::ReplaceFrom(_) => unreachable!("{effect:?} of {records:?}"),
    }
}

fn check_window(window: Window, records: &Records) {
    check_time(window.start);
    check_time(window.end);
    assert!(window.start <= window.end, "{window:?}");
    if let Records::Samples(samples) = records {
        for sample in samples {
            let within = (window.start..=window.end).contains(&sample.at);
            assert!(within, "{} outside of {window:?}", sample.at);
        }
    }
}

fn check_event(event: &Event) {
    check_id(&event.id);
    check_time(event.start);
    assert!(event.end.is_none_or(|end| end >= event.start), "{event:?}");
    check_attributes(&event.attributes);
}

fn check_entity(entity: &Entity) {
    check_id(&entity.id);
    check_time(entity.updated_at);
    check_attributes(&entity.attributes);
}

fn check_sample(sample: &Sample) {
    check_time(sample.at);
    assert!(sample.value.is_finite(), "{sample:?}");
    check_attributes(&sample.attributes);
}

fn check_time(at: Timestamp) {
    assert!((0..=LAST).contains(&at.millis()), "{} ms", at.millis());
}

fn check_id(id: &str) {
    assert!((1..=LONGEST_ID).contains(&id.len()), "an id of {} bytes", id.len());
}

fn check_attributes(text: &str) {
    assert!(text.len() <= LONGEST_ATTRIBUTES, "attributes of {} bytes", text.len());
    let object = serde_json::from_str::<Map<String, Value>>(text);
    assert!(object.is_ok(), "not a JSON object: {text}");
}

/// A warning is read by a person, in a terminal.
fn check_warning(warning: &Warning) {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    assert!(!warning.code.is_empty() && warning.code.bytes().all(legal), "{warning:?}");
    check_message(&warning.message);
    assert!(warning.count > 0, "{warning:?}");
}

/// So is the message of a failure.
pub(crate) fn check_message(message: &str) {
    assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
}
