//! What serde_json accepts is accepted, with the same values, and nothing else: a
//! text that one of the two reads otherwise would lose a row, or make one up.

#![allow(clippy::indexing_slicing)]

use json_rows::{Raw, Rows, Said, Value, first, items, member, members, object, row};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use serde_json::value::RawValue;

fn string() -> BoxedStrategy<String> {
    let inner = prop_oneof![
        4 => "[a-z0-9|@.:-]{0,40}",
        2 => "a|b1|date",
        1 => r#"([ -!#-\[\]-~é😀\x7f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,24}"#,
    ];
    inner.prop_map(|inner| format!("\"{inner}\"")).boxed()
}

/// A text of JSON, written in one of its many ways.
fn json() -> impl Strategy<Value = String> {
    let string = string();
    let number = r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        4 => string.clone(),
        2 => number,
        1 => Just("true".to_owned()),
        1 => Just("false".to_owned()),
        1 => Just("null".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 8, move |value| {
        let space = "[ \n\t\r]{0,2}";
        let item = (space, value, space).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (space, string.clone(), space, item.clone())
            .prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
        prop_oneof![
            proptest::collection::vec(item, 0..8)
                .prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec(member, 0..8)
                .prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

/// A text of which some bytes are other ones, or missing, or added.
fn damaged() -> impl Strategy<Value = String> {
    (json(), damages()).prop_filter_map("UTF-8", |(text, damages)| damage(text, damages))
}

type Damage = (prop::sample::Index, usize, usize);

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let damage = (any::<prop::sample::Index>(), 0..3_usize, 0..ALPHABET.len());
    proptest::collection::vec(damage, 0..4)
}

fn damage(text: String, damages: Vec<Damage>) -> Option<String> {
    let mut bytes = text.into_bytes();
    for (at, how, byte) in damages {
        let at = at.index(bytes.len().max(1));
        match how {
            0 if at < bytes.len() => bytes[at] = ALPHABET[byte],
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at, ALPHABET[byte]),
        }
    }
    String::from_utf8(bytes).ok()
}

const ALPHABET: &[u8] = b"\"\\[]{}:,0123456789.eE+-truefalsn \n\t\x00\x01\x1f\x0b\x7fu/ab";

/// Rows whose members have an order, which some leave out or change.
fn alike() -> impl Strategy<Value = Vec<String>> {
    let names = [
        "date",
        "type",
        "strategy",
        "strategy_type",
        "strategy_typ",
        "strategy_typed",
        "a",
        "",
        "much_longer_than_most",
        "much_longer_than",
        r"\u0061",
        "é",
        "date ",
        "b",
        "c",
        "d",
    ];
    let member = (any::<proptest::sample::Index>(), "[ \n]{0,2}", "[ \n]{0,2}", -9..9_i32);
    let others = proptest::collection::vec(member, 0..4);
    let all = names.map(|name| format!("\"{name}\":\"{name}\""));
    let kept = proptest::sample::subsequence(all.to_vec(), 0..=names.len());
    let row = (kept, others).prop_map(move |(mut members, others)| {
        for (at, before, behind, value) in others {
            let member = format!("{before}\"{}\"{behind}:{value}", names[at.index(names.len())]);
            members.insert(at.index(members.len() + 1), member);
        }
        format!("{{{}}}", members.join(","))
    });
    proptest::collection::vec(row, 0..40)
}

fn accepts(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The value, by serde_json; a string by itself first.
fn read(raw: Raw<'_>) -> Option<Json> {
    let whole = serde_json::from_str(raw.get()).ok();
    match raw.string() {
        Some(text) => {
            assert_eq!(whole, Some(Json::String(text.clone().into_owned())));
            Some(Json::String(text.into_owned()))
        }
        None => whole.filter(|value: &Json| !value.is_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_text_is_json_where_serde_json_says_so(text in damaged()) {
        let raw = Raw::read(&text);
        prop_assert_eq!(raw.is_some(), accepts(&text), "{}", text);
        if let Some(raw) = raw {
            prop_assert_eq!(raw.get(), text.trim_matches([' ', '\n', '\t', '\r']));
            prop_assert_eq!(read(raw), serde_json::from_str::<Json>(&text).ok());
        }
    }

    #[test]
    fn members_are_those_that_serde_json_reads(text in damaged()) {
        let mut found = serde_json::Map::new();
        let whole = members(&text, &mut |name, value| {
            found.insert(name.to_owned(), read(value).unwrap_or_default());
        });
        match serde_json::from_str::<Json>(&text) {
            Ok(Json::Object(wanted)) => {
                prop_assert!(whole.is_some());
                prop_assert_eq!(found, wanted);
            }
            Ok(_) => prop_assert!(whole.is_none()),
            // A value that cannot be read, within a text that is JSON.
            Err(_) => prop_assert!(whole.is_none() || accepts(&text)),
        }
    }

    #[test]
    fn rows_are_the_items_that_serde_json_reads(
        texts in proptest::collection::vec(damaged(), 0..5), most in 0_usize..5,
        name in "[a-z0-9]{0,2}",
    ) {
        let text = format!("[{}]", texts.join(","));
        let page = serde_json::from_str::<Vec<Box<RawValue>>>(&text).ok();
        let wanted = page.map(|items| {
            items.iter().take(most).map(|item| item.get().to_owned()).collect::<Vec<_>>()
        });
        let found = items(&text, most).map(|all| {
            all.into_iter().map(|item| item.get().to_owned()).collect::<Vec<_>>()
        });
        prop_assert_eq!(&found, &wanted);
        let names = [name.as_str(), "date"];
        let rows = Rows::read(&text, &names, most);
        prop_assert_eq!(rows.is_some(), wanted.is_some());
        let rows = rows.map(|rows| rows.iter().map(|row| row.map(<[_]>::to_vec)).collect());
        let wanted = wanted.as_ref().map(|all| all.iter().map(|item| row(item, &names)).collect());
        let text = |rows: Option<Vec<Option<Vec<Option<Raw<'_>>>>>>| format!("{rows:?}");
        prop_assert_eq!(text(rows), text(wanted));
    }

    #[test]
    fn a_row_is_read_as_if_there_were_no_other_before_it(rows in alike()) {
        let text = format!("[{}]", rows.join(","));
        let names = ["date", "strategy", "strategy_type", "a", "", "much_longer_than_most"];
        let read = Rows::read(&text, &names, rows.len()).unwrap();
        let alone: Vec<_> = rows.iter().map(|text| row(text, &names).unwrap()).collect();
        let read: Vec<_> = read.iter().map(|row| row.unwrap().to_vec()).collect();
        prop_assert_eq!(format!("{read:?}"), format!("{alone:?}"));
    }

    #[test]
    fn a_list_within_an_object_is_read_as_one_alone(
        rows in alike(), others in (json(), json()), other in json(), damages in damages(),
    ) {
        let list = match other.len() % 5 {
            0 => other,
            _ => format!("[{}]", rows.join(", ")),
        };
        let before = match others.0.len() % 3 {
            0 => format!("\"users\":{},", others.1),
            _ => String::new(),
        };
        let text =
            format!("{{{before}\"limit\":{},\"users\":{list},\"a\":{}}}", others.0, others.1);
        let text = damage(text, damages).unwrap_or_default();
        let names = ["date", "strategy", "a"];
        let within = Rows::read_within(&text, "users", &names, 20, &["a", "limit"]);
        let alone = row(&text, &["users", "a", "limit"]).and_then(|values| {
            Some((Rows::read(values[0]?.get(), &names, 20)?, values[1..].to_vec()))
        });
        prop_assert_eq!(format!("{within:?}"), format!("{alone:?}"));
    }

    #[test]
    fn one_item_or_member_is_the_one_that_all_have(text in damaged(), name in "[a-z0-9]{0,2}") {
        if let Some(raw) = Raw::read(&text) {
            let all = items(&text, 1).map(|items| items.first().copied());
            prop_assert_eq!(first(raw), all);
            prop_assert_eq!(member(raw, &name), row(&text, &[&name]).map(|values| values[0]));
        }
    }

    #[test]
    fn a_row_has_the_last_of_each_member(text in damaged(), more in string()) {
        let names = ["a", "b1", "date", "", "|"];
        let text = match text.strip_suffix('}') {
            Some(object) if object.len() > 2 => format!("{object},\"a\":{more},\"b1\":1}}"),
            _ => text,
        };
        let read_row = row(&text, &names);
        let mut wanted = None;
        let whole = members(&text, &mut |name, value| {
            let values = wanted.get_or_insert_with(|| vec![None; names.len()]);
            if let Some(place) = names.iter().position(|wanted| *wanted == name) {
                values[place] = Some(value);
            }
        });
        let wanted = whole.map(|()| wanted.unwrap_or_else(|| vec![None; names.len()]));
        prop_assert_eq!(read_row, wanted);
    }

    #[test]
    fn what_is_written_is_what_serde_json_writes(
        raw in proptest::option::of(string()), text in any::<Option<String>>(), number in any::<Option<i64>>(),
        flag in any::<bool>(), control in "[\u{0}-\u{22}\\\\\u{7f}é]{0,40}",
    ) {
        // What is read from a page is written as it stands, or anew.
        let read = raw.as_ref().map(|raw| Raw::read(raw).unwrap().said());
        let read = match &read {
            Some(Said::Text(read)) => Some(read),
            _ => None,
        };
        let written = object! {
            "name": Value::Text(text.as_deref()),
            "number": Value::Integer(number),
            "flag": Value::Flag(flag),
            "control": Value::Text(Some(&control)),
            "é": Value::Read(read),
        };
        let wanted = format!(
            "{{\"name\":{},\"number\":{},\"flag\":{flag},\"control\":{},\"é\":{}}}",
            Json::from(text), Json::from(number), Json::from(control),
            Json::from(read.map(|text| text.to_string())),
        );
        prop_assert_eq!(written, wanted);
    }
}

#[test]
fn both_kinds_of_texts_are_met() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut told = [0; 2];
    for _ in 0..1_000 {
        let text = damaged().new_tree(&mut runner).unwrap().current();
        told[usize::from(accepts(&text))] += 1;
    }
    assert!(told[0] > 150 && told[1] > 150, "{told:?}");
}

#[test]
fn a_text_of_any_depth_is_read() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |depth: usize, inner: &str| {
            format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
        };
        for depth in [63, 64, 65, 128, 129, 100_000] {
            assert!(Raw::read(&deep(depth, "1")).is_some(), "{depth}");
            assert!(Raw::read(&deep(depth, "[{\"b\":[]}]")).is_some(), "{depth}");
            assert!(Raw::read(&deep(depth, "]")).is_none(), "{depth}");
            assert!(Raw::read(&format!("{}{close}", deep(depth, "1"))).is_none(), "{depth}");
        }
    }
}
