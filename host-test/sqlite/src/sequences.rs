//! Random sequences of steps, compared with a model that knows no SQL.

use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::Database;
use super::model::Model;
use super::tests::{batch, open, reader, strings};
use rawdash_host::contract::{
    Batch, Distribution, Edge, Effect, Entity, Event, Node, Records, Sample, Spread, Window,
};

/// One act of a random sequence.
#[derive(Clone, Debug)]
enum Act {
    Commit(Vec<Batch>),
    Abandon(&'static str),
    Reset,
    /// The process ends and another one starts.
    Reopen,
}

fn any_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        2 => Just(Effect::Merge),
        3 => (1..4_u64).prop_map(Effect::Stage),
        2 => (1..4_u64).prop_map(Effect::ReplaceAll),
    ]
}

fn any_window() -> impl Strategy<Value = (i64, i64)> {
    (0..8_i64, 0..4_i64).prop_map(|(start, length)| (start, start + length))
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let name = || prop::sample::select(vec!["one", "two"]);
    let id = || prop::sample::select(vec!["a", "b", "c", "d", "é|\u{1F600}"]);
    let attributes = || prop::sample::select(vec!["{}", r#"{"x":1}"#]);
    let event = (id(), 0..4_i64, prop::option::of(0..4_i64), attributes()).prop_map(
        |(id, start, end, attributes)| Event {
            id: id.to_owned(),
            start,
            end,
            attributes: attributes.to_owned(),
        },
    );
    let entity = (id(), 0..4_i64, attributes()).prop_map(|(id, updated_at, attributes)| Entity {
        id: id.to_owned(),
        updated_at,
        attributes: attributes.to_owned(),
    });
    let node =
        (name(), id()).prop_map(|(type_, id)| Node { type_: type_.to_owned(), id: id.to_owned() });
    let edge = (node.clone(), node, 0..4_i64, attributes()).prop_map(
        |(from, to, updated_at, attributes)| Edge {
            from,
            to,
            updated_at,
            attributes: attributes.to_owned(),
        },
    );
    let samples = any_window().prop_flat_map(move |(start, end)| {
        let sample = (start..=end, 0..3_i32, attributes()).prop_map(|(at, value, attributes)| {
            Sample { at, value: f64::from(value), attributes: attributes.to_owned() }
        });
        let window = Effect::ReplaceWindow(Window { start, end });
        vec(sample, 0..5).prop_map(move |rows| (window, Records::Samples(rows)))
    });
    let distributions = any_window().prop_flat_map(move |(start, end)| {
        let distribution =
            (start..=end, 0..3_u64, attributes()).prop_map(|(at, count, attributes)| {
                Distribution {
                    at,
                    spread: Spread::Histogram(Vec::new()),
                    count,
                    sum: 1.0,
                    attributes: attributes.to_owned(),
                }
            });
        let window = Effect::ReplaceWindow(Window { start, end });
        vec(distribution, 0..5).prop_map(move |rows| (window, Records::Distributions(rows)))
    });
    let removals = vec(id().prop_map(str::to_owned), 0..3);
    let what = prop_oneof![
        vec(event, 0..5).prop_map(|rows| (Effect::Merge, Records::Events(rows))),
        (any_effect(), vec(entity, 0..5)).prop_map(|(e, rows)| (e, Records::Entities(rows))),
        (any_effect(), vec(edge, 0..5)).prop_map(|(e, rows)| (e, Records::Edges(rows))),
        removals.prop_map(|ids| (Effect::Merge, Records::Removals(ids))),
        samples,
        distributions,
    ];
    (name(), what).prop_map(|(name, (effect, records))| {
        // A resource has one shape, so edges have names of their own.
        let name = match records {
            Records::Edges(_) => format!("{name} to"),
            _ => name.to_owned(),
        };
        batch(&name, effect, records)
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => vec(any_batch(), 0..4).prop_map(Act::Commit),
        1 => prop::sample::select(vec!["one", "two to"]).prop_map(Act::Abandon),
        1 => Just(Act::Reset),
        1 => Just(Act::Reopen),
    ]
}

/// Compares the model's rows with those in the tables.
fn assert_equal(connection: &Connection, model: &Model) {
    let rows = |sql: &str| {
        let mut rows = strings(connection, sql);
        rows.sort();
        rows
    };
    let sorted = |mut rows: Vec<String>| {
        rows.sort();
        rows
    };
    let number = |value: Option<i64>| value.map_or("-".to_owned(), |value| value.to_string());
    assert_eq!(
        rows(
            "SELECT connector_id || ' ' || name || ' ' || event_id || ' ' || start_ts || ' ' ||
             coalesce(end_ts, '-') || ' ' || attributes FROM events"
        ),
        sorted(
            model
                .events
                .iter()
                .map(|((c, r, id), (start, end, attributes))| {
                    format!("{c} {r} {id} {start} {} {attributes}", number(*end))
                })
                .collect()
        )
    );
    assert_eq!(
        rows(
            "SELECT connector_id || ' ' || type || ' ' || id || ' ' || updated_at || ' ' ||
             attributes FROM entities"
        ),
        sorted(
            model
                .entities
                .iter()
                .map(|((c, r, id), (at, attributes))| format!("{c} {r} {id} {at} {attributes}"))
                .collect()
        )
    );
    assert_eq!(
        rows(
            "SELECT connector_id || ' ' || kind || ' ' || from_type || ' ' || from_id || ' ' ||
             to_type || ' ' || to_id || ' ' || updated_at || ' ' || attributes FROM edges"
        ),
        sorted(
            model
                .edges
                .iter()
                .map(|((c, r, ends), (at, attributes))| {
                    format!("{c} {r} {} {at} {attributes}", ends.join(" "))
                })
                .collect()
        )
    );
    let spread = |(c, r, at, attributes): &(String, String, i64, String), values: &[String]| {
        let row = format!("{c} {r} {at} {attributes}");
        let rows = values.iter().map(move |value| format!("{row} {value}"));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(
        rows(
            "SELECT connector_id || ' ' || name || ' ' || ts || ' ' || attributes || ' ' ||
             CAST(value AS INTEGER) FROM metrics"
        ),
        sorted(model.samples.iter().flat_map(|(k, v)| spread(k, v)).collect())
    );
    assert_eq!(
        rows(
            "SELECT connector_id || ' ' || name || ' ' || ts || ' ' || attributes || ' ' ||
             (data ->> '$.count') || ' ' || CAST(data ->> '$.sum' AS INTEGER)
             FROM distributions"
        ),
        sorted(model.distributions.iter().flat_map(|(k, v)| spread(k, v)).collect())
    );
    assert_eq!(
        rows("SELECT connector_id || ' ' || checkpoint FROM host_checkpoints"),
        sorted(
            model.checkpoints.iter().map(|(c, checkpoint)| format!("{c} {checkpoint}")).collect()
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_steps_of_two_connectors_loses_or_doubles_a_row(
        acts in vec((prop::sample::select(vec!["auth0", "Other one"]), any_act()), 1..25)
    ) {
        let directory = TempDir::new().unwrap();
        let mut model = Model::default();
        let mut first = open(&directory, "auth0");
        let mut second = open(&directory, "Other one");
        let reader = reader(&directory);
        for (step, (connector, act)) in acts.into_iter().enumerate() {
            let database = if connector == "auth0" { &mut first } else { &mut second };
            let checkpoint = format!("checkpoint {step}");
            match act {
                Act::Commit(batches) => {
                    let stored = database.commit(&batches, &checkpoint);
                    let expected = model.commit(connector, &batches, &checkpoint);
                    prop_assert_eq!(stored.is_ok(), expected, "{:?}", stored);
                }
                Act::Abandon(resource) => {
                    database.abandon(resource, &checkpoint).unwrap();
                    model.abandon(connector, resource, &checkpoint);
                }
                Act::Reset => {
                    database.reset().unwrap();
                    model.reset(connector);
                }
                Act::Reopen => {
                    let path = database.path().to_owned();
                    // The old one holds the lock, so it must be dropped first.
                    let elsewhere = TempDir::new().unwrap();
                    *database = open(&elsewhere, connector);
                    *database = Database::open(&path, connector).unwrap();
                }
            }
            assert_equal(&reader, &model);
        }
    }
}
