//! Samples and distributions.

use tempfile::TempDir;

use super::fixture::{batch, changed, open, publish, reader, strings};
use rawdash_host::contract::{
    Distribution, Effect, Field, Quantile, Records, ResourceInfo, Sample, Shape, Spread, Window,
};

#[test]
fn a_sample_whose_measure_changed_takes_the_place_of_the_earlier_one() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let field = |name: &str| Field { name: name.to_owned(), description: String::new() };
    let mut resource = ResourceInfo::named("cost", Shape::Metric);
    (resource.dimensions, resource.measures) = (vec![field("region")], vec![field("hours")]);
    database.prepare(&[resource]);
    let sample = |value, attributes: &str| {
        let sample = Sample { at: 1, value, attributes: attributes.to_owned() };
        batch("cost", Effect::Merge, Records::Samples(vec![sample]))
    };
    database.commit(&[sample(1.0, r#"{"region":"eu","hours":3}"#)], "1").unwrap();
    database.commit(&[sample(2.0, r#"{"hours":4,"region":"eu"}"#)], "2").unwrap();
    database.commit(&[sample(5.0, r#"{"region":"us","hours":4}"#)], "3").unwrap();
    let stored = "SELECT value || attributes FROM metrics ORDER BY value";
    assert_eq!(
        strings(&reader(&directory), stored),
        [r#"2.0{"hours":4,"region":"eu"}"#, r#"5.0{"region":"us","hours":4}"#]
    );
}

#[test]
fn only_the_window_of_the_batch_is_replaced() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let days = |start, end, values: &[(i64, f64)]| {
        let samples = values
            .iter()
            .map(|(at, value)| Sample {
                at: *at,
                value: *value,
                attributes: r#"{"kind":"logins"}"#.to_owned(),
            })
            .collect();
        let window = Effect::ReplaceWindow(Window { start, end });
        batch("daily", window, Records::Samples(samples))
    };
    database.commit(&[days(1, 4, &[(1, 10.0), (2, 20.0), (3, 30.0), (4, 40.0)])], "1").unwrap();
    let latest = database.commit(&[days(2, 4, &[(2, 20.0), (3, 31.0)])], "2").unwrap();
    assert_eq!(latest.batches, changed(1, 1), "one new value, one day gone");
    assert_eq!(
        strings(&reader(&directory), "SELECT ts || ':' || value FROM metrics ORDER BY ts"),
        ["1:10.0", "2:20.0", "3:31.0"]
    );
}

#[test]
fn a_replacement_does_not_restore_an_older_value() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let samples = |effect, values: &[f64]| {
        let sample = |value: &f64| Sample { at: 1, value: *value, attributes: "{}".to_owned() };
        batch("daily", effect, Records::Samples(values.iter().map(sample).collect()))
    };
    database.commit(&[samples(Effect::Stage(1), &[1.0])], "1").unwrap();
    database.commit(&[samples(Effect::Merge, &[2.0])], "2").unwrap();
    database.commit(&[samples(publish(1), &[])], "3").unwrap();
    assert_eq!(strings(&reader(&directory), "SELECT value || '' FROM metrics"), ["2.0"]);
}

#[test]
fn a_distribution_is_stored_as_rawdash_reads_it() {
    let directory = TempDir::new().unwrap();
    let mut database = open(&directory, "auth0");
    let summary = Distribution {
        at: 5,
        spread: Spread::Summary(vec![Quantile { q: 0.5, value: 2.5 }]),
        count: 3,
        sum: 7.5,
        attributes: "{}".to_owned(),
    };
    let window = Effect::ReplaceWindow(Window { start: 0, end: 9 });
    database.commit(&[batch("d", window, Records::Distributions(vec![summary]))], "1").unwrap();
    let reader = reader(&directory);
    let data: serde_json::Value =
        serde_json::from_str(&strings(&reader, "SELECT data FROM distributions")[0]).unwrap();
    assert_eq!(
        data,
        serde_json::json!({"quantiles": [{"q": 0.5, "value": 2.5}], "count": 3, "sum": 7.5})
    );
    assert_eq!(strings(&reader, "SELECT kind FROM distributions"), ["summary"]);
}
