use super::*;
use crate::contract::{Bucket, Node, Progress, Quantile};

fn resources() -> Vec<ResourceInfo> {
    let resource = |name: &str, shape| ResourceInfo::named(name, shape);
    vec![
        resource("event", Shape::Event),
        resource("entity", Shape::Entity),
        resource("metric", Shape::Metric),
        resource("edge", Shape::Edge),
        resource("distribution", Shape::Distribution),
    ]
}

const WINDOW: Effect = Effect::ReplaceWindow(Window { start: 10, end: 20 });

fn problem(resource: &str, records: Records, effect: Effect) -> Option<(Option<usize>, Problem)> {
    let progress = Progress { pages: 1, records: 1, expected: None };
    let resource = resource.to_owned();
    let batch = Batch { resource, records, effect, progress, warnings: Vec::new() };
    check(&resources(), &[batch]).err().map(|violation| (violation.row, violation.problem))
}

fn event(id: &str, start: i64, attributes: &str) -> Event {
    Event { id: id.to_owned(), start, end: None, attributes: attributes.to_owned() }
}

fn sample(at: i64, value: f64) -> Records {
    Records::Samples(vec![Sample { at, value, attributes: "{}".to_owned() }])
}

fn distribution(at: i64, sum: f64, spread: Spread) -> Records {
    let attributes = "{}".to_owned();
    Records::Distributions(vec![Distribution { at, spread, count: 1, sum, attributes }])
}

fn edge(from: &str, to: &str) -> Records {
    let node = |id: &str| Node { type_: "n".to_owned(), id: id.to_owned() };
    let attributes = "{}".to_owned();
    Records::Edges(vec![Edge { from: node(from), to: node(to), updated_at: 0, attributes }])
}

#[test]
fn a_batch_for_another_resource_or_shape_is_refused() {
    let events = || Records::Events(Vec::new());
    assert_eq!(problem("event", events(), Effect::Merge), None);
    assert_eq!(problem("x", events(), Effect::Merge), Some((None, Problem::UnknownResource)));
    let shape = Problem::Shape(Shape::Entity);
    assert_eq!(problem("entity", events(), Effect::Merge), Some((None, shape)));
    let removals = Records::Removals(Vec::new());
    let shape = Problem::Shape(Shape::Edge);
    assert_eq!(problem("edge", removals, Effect::Merge), Some((None, shape)));
}

fn publish(scope: Option<Window>) -> Effect {
    Effect::Publish(Publication { generation: 1, scope, empty_is_true: false })
}

#[test]
fn each_shape_allows_its_own_effects_only() {
    let window = Window { start: 10, end: 20 };
    let effects = [
        Effect::Merge,
        Effect::Stage(1),
        publish(None),
        WINDOW,
        publish(Some(window)),
        Effect::ReplaceFrom(Vec::new()),
    ];
    let timed = [true, true, true, true, true, false];
    let removals = [true, false, false, false, false, false];
    let table = [
        ("event", Records::Events(Vec::new()), timed),
        ("event", Records::Removals(Vec::new()), removals),
        ("entity", Records::Entities(Vec::new()), [true, true, true, false, false, false]),
        ("entity", Records::Removals(Vec::new()), removals),
        ("edge", Records::Edges(Vec::new()), [true, true, true, false, false, true]),
        ("edge", Records::EdgeRemovals(Vec::new()), removals),
        ("metric", Records::Samples(Vec::new()), timed),
        ("distribution", Records::Distributions(Vec::new()), timed),
    ];
    for (resource, records, allowed) in table {
        for (effect, allowed) in effects.iter().zip(allowed) {
            let refused = problem(resource, records.clone(), effect.clone());
            assert_eq!(refused.is_none(), allowed, "{resource} {effect:?}: {refused:?}");
        }
    }
    for (resource, records) in
        [("metric", Records::Removals(Vec::new())), ("entity", Records::EdgeRemovals(Vec::new()))]
    {
        assert!(problem(resource, records, Effect::Merge).is_some(), "{resource}");
    }
}

#[test]
fn an_edge_of_another_node_than_those_replaced_would_stay_for_ever_and_is_refused() {
    let node = |id: &str| Node { type_: "n".to_owned(), id: id.to_owned() };
    let from = |ids: &[&str]| Effect::ReplaceFrom(ids.iter().map(|id| node(id)).collect());
    assert_eq!(problem("edge", edge("a", "b"), from(&["c", "a"])), None);
    let expected = Some((Some(0), Problem::OutsideNodes));
    assert_eq!(problem("edge", edge("a", "b"), from(&["b"])), expected);
    assert!(problem("edge", edge("a", "b"), from(&["a", ""])).is_some());
    let removal = Records::EdgeRemovals(vec![(node("a"), node(""))]);
    assert!(problem("edge", removal, Effect::Merge).is_some());
}

#[test]
fn a_number_that_javascript_or_sqlite_cannot_hold_is_refused_with_its_row() {
    for at in [-1, MAX_TIMESTAMP + 1, i64::MIN, i64::MAX] {
        let rows = vec![event("a", 0, "{}"), event("b", at, "{}")];
        let expected = Some((Some(1), Problem::Timestamp(at)));
        assert_eq!(problem("event", Records::Events(rows), Effect::Merge), expected);
    }
    let mut late = event("a", 0, "{}");
    late.end = Some(MAX_TIMESTAMP + 1);
    assert!(problem("event", Records::Events(vec![late]), Effect::Merge).is_some());
    assert_eq!(problem("metric", sample(10, 1.0), WINDOW), None);
    assert_eq!(problem("metric", sample(20, 1.0), WINDOW), None);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(problem("metric", sample(10, value), WINDOW).is_some(), "{value}");
        let bucket = Spread::Histogram(vec![Bucket { le: value, count: 1 }]);
        assert!(problem("distribution", distribution(10, 1.0, bucket), WINDOW).is_some());
        let summary = Spread::Summary(vec![Quantile { q: 0.5, value }]);
        assert!(problem("distribution", distribution(10, 1.0, summary), WINDOW).is_some());
        let empty = Spread::Summary(Vec::new());
        assert!(problem("distribution", distribution(10, value, empty), WINDOW).is_some());
    }
    for count in [1 << 53, u64::MAX] {
        let bucket = Spread::Histogram(vec![Bucket { le: 1.0, count }]);
        assert!(problem("distribution", distribution(10, 1.0, bucket), WINDOW).is_some());
    }
    for q in [-0.1, 1.1, f64::NAN] {
        let summary = Spread::Summary(vec![Quantile { q, value: 1.0 }]);
        assert!(problem("distribution", distribution(10, 1.0, summary), WINDOW).is_some(), "{q}");
    }
}

#[test]
fn a_sample_outside_its_window_would_double_and_is_refused() {
    for at in [9, 21] {
        let expected = Some((Some(0), Problem::OutsideWindow(at)));
        assert_eq!(problem("metric", sample(at, 1.0), WINDOW), expected);
        let spread = Spread::Summary(Vec::new());
        assert_eq!(problem("distribution", distribution(at, 1.0, spread), WINDOW), expected);
    }
    let late = || Records::Events(vec![event("a", 21, "{}")]);
    let expected = Some((Some(0), Problem::OutsideWindow(21)));
    assert_eq!(problem("event", late(), WINDOW), expected);
    let window = Window { start: 10, end: 20 };
    assert_eq!(problem("event", late(), publish(Some(window))), expected);
    for (start, end) in [(20, 10), (-1, 10), (0, MAX_TIMESTAMP + 1)] {
        let window = Effect::ReplaceWindow(Window { start, end });
        let expected = Some((None, Problem::Window));
        assert_eq!(problem("metric", Records::Samples(Vec::new()), window), expected);
    }
}

#[test]
fn an_empty_or_endless_id_is_refused() {
    let endless = "x".repeat(MAX_ID + 1);
    for id in ["", endless.as_str()] {
        let event = Records::Events(vec![event(id, 0, "{}")]);
        assert!(problem("event", event, Effect::Merge).is_some());
        let removal = Records::Removals(vec![id.to_owned()]);
        assert!(problem("entity", removal, Effect::Merge).is_some());
        assert!(problem("edge", edge(id, "b"), Effect::Merge).is_some());
        assert!(problem("edge", edge("a", id), Effect::Merge).is_some());
    }
    assert_eq!(problem("edge", edge("a", "b"), Effect::Merge), None);
}

#[test]
fn attributes_that_are_not_a_json_object_are_refused() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(100_000), "1");
    for bad in ["", "[]", "1", "null", "\"{}\"", "{", "{}x", "{a:1}", "{\"a\":}", deep.as_str()] {
        let events = Records::Events(vec![event("a", 0, bad)]);
        let refused = problem("event", events, Effect::Merge);
        assert!(matches!(refused, Some((Some(0), Problem::Attributes(_)))), "{bad:.20}");
    }
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_ATTRIBUTES));
    let events = Records::Events(vec![event("a", 0, &long)]);
    assert!(problem("event", events, Effect::Merge).is_some());
    for good in ["{}", " \n{ \"a\" : [1, {\"b\": null}] }"] {
        let events = Records::Events(vec![event("a", 0, good)]);
        assert_eq!(problem("event", events, Effect::Merge), None, "{good}");
    }
}
