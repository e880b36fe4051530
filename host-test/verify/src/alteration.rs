//! What may become of a source's answers on their way to the component. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

/// The end of a text that was changed.
pub(super) const MARK: &str = "-changed";

/// What becomes of the answers of an endpoint.
#[derive(Clone, Debug)]
pub(super) enum Alteration {
    /// Status 503.
    Down,
    /// A page for people with status 200, as a proxy or a notice of maintenance.
    Page,
    /// Every list in them is empty.
    Empty,
    /// Rows of lists that hold this text or number are left out.
    Without(String),
    /// Texts that are one of these end with [`MARK`].
    Changed(BTreeSet<String>),
}

impl Alteration {
    /// The altered body of an answer; `None` where it is not JSON, and stays.
    pub(super) fn apply(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut value = serde_json::from_slice(body).ok()?;
        match self {
            Alteration::Down | Alteration::Page => return None,
            Alteration::Empty => empty(&mut value),
            Alteration::Without(text) => leave_out(&mut value, text),
            Alteration::Changed(texts) => mark(&mut value, texts),
        }
        serde_json::to_vec(&value).ok()
    }
}

fn children(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(members) => Box::new(members.values_mut()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Counts beside a list say that there is nothing, too.
fn empty(value: &mut Value) {
    match value {
        Value::Array(items) => items.clear(),
        Value::Object(members) => {
            let has_list = members.values().any(Value::is_array);
            for (name, member) in members {
                let counts = name.contains("count") || name.contains("total");
                if has_list && counts && member.is_number() {
                    *member = Value::from(0);
                }
                empty(member);
            }
        }
        _ => {}
    }
}

/// From within: the row of an outer list goes only if it holds the text itself.
fn leave_out(value: &mut Value, text: &str) {
    children(value).for_each(|child| leave_out(child, text));
    if let Value::Array(items) = value {
        items.retain(|item| !holds(item, text));
    }
}

fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Number(number) => number.to_string() == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(members) => members.values().any(|member| holds(member, text)),
        Value::Null | Value::Bool(_) => false,
    }
}

fn mark(value: &mut Value, texts: &BTreeSet<String>) {
    if let Value::String(text) = value
        && texts.contains(text.as_str())
    {
        text.push_str(MARK);
    }
    children(value).for_each(|child| mark(child, texts));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn altered(alteration: &Alteration, body: &Value) -> Value {
        let bytes = alteration.apply(body.to_string().as_bytes()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn an_empty_list_is_counted_as_one_and_keeps_its_place() {
        let body = json!({ "total_count": 2, "limit": 50, "rows": [{ "count": 7 }, {}] });
        let expected = json!({ "total_count": 0, "limit": 50, "rows": [] });
        assert_eq!(altered(&Alteration::Empty, &body), expected);
        assert_eq!(altered(&Alteration::Empty, &json!([1])), json!([]));
    }

    #[test]
    fn a_row_goes_without_the_row_that_it_is_listed_in() {
        let review = |login: &str| json!({ "user": { "login": login } });
        let pull = |reviews: Vec<Value>| json!({ "number": 5, "reviews": reviews });
        let body = json!([pull(vec![review("ada"), review("bob")])]);
        let without = |text: &str| altered(&Alteration::Without(text.to_owned()), &body);
        assert_eq!(without("bob"), json!([pull(vec![review("ada")])]));
        assert_eq!(without("5"), json!([]));
    }

    #[test]
    fn a_text_is_changed_wherever_it_stands_and_no_other() {
        let texts = BTreeSet::from(["open".to_owned()]);
        let body = json!([{ "state": "open", "title": "open it" }]);
        let expected = json!([{ "state": format!("open{MARK}"), "title": "open it" }]);
        assert_eq!(altered(&Alteration::Changed(texts), &body), expected);
    }

    #[test]
    fn what_is_not_json_stays() {
        assert_eq!(Alteration::Empty.apply(b"[1"), None);
    }
}
