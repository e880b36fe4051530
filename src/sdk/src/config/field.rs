//! One field that is declared.

use super::form::Form;
use super::json::Object;
use super::kinds::Kind;
use super::place::Place;

/// A field under declaration; [`required`](Field::required),
/// [`optional`](Field::optional) or [`or`](Field::or) completes and reads it.
#[must_use = "a field is declared when it is completed by `required`, `optional` or `or`"]
pub struct Field<'f, 'a, K> {
    form: &'f mut Form<'a>,
    name: &'static str,
    what: &'static str,
    title: Option<&'static str>,
    example: Option<&'static str>,
    pub(super) kind: K,
}

impl<'f, 'a, K: Kind> Field<'f, 'a, K> {
    pub(super) fn new(
        form: &'f mut Form<'a>,
        name: &'static str,
        what: &'static str,
        kind: K,
    ) -> Field<'f, 'a, K> {
        Field { form, name, what, title: None, example: None, kind }
    }

    /// The title in the schema, where the one made of the name will not do.
    pub fn title(self, title: &'static str) -> Self {
        Field { title: Some(title), ..self }
    }

    /// An example, for the schema and for messages.
    pub fn such_as(self, example: &'static str) -> Self {
        Field { example: Some(example), ..self }
    }

    /// A field that must be there.
    pub fn required(self) -> K::Value {
        let kind_message = self.kind.missing();
        self.complete(true, None, |place| {
            let such_as = place.such_as();
            let message = match kind_message {
                Some(message) => message(place),
                None => format!("Add {}{such_as}.", place.what),
            };
            place.refuse(message);
            None
        })
        .1
    }

    /// A field that may be absent.
    pub fn optional(self) -> Option<K::Value> {
        let (read, value) = self.complete(false, None, |_| None);
        read.then_some(value)
    }

    /// A field that has a default.
    pub fn or(self, default: K::Value) -> K::Value {
        let written = self.kind.write(&default);
        self.or_else(written, default)
    }

    pub(super) fn or_else(self, written: Option<String>, default: K::Value) -> K::Value {
        self.complete(false, written, |_| Some(default)).1
    }

    /// Whether the field was there and legal, and its value; a placeholder where
    /// it has none.
    fn complete(
        self,
        required: bool,
        default: Option<String>,
        absent: impl FnOnce(&mut Place<'_>) -> Option<K::Value>,
    ) -> (bool, K::Value) {
        let Field { form, name, what, title, example, kind } = self;
        let mut schema = Object::default();
        schema.text("title", &title.map_or_else(|| words(name), str::to_owned));
        schema.text("description", &sentence(what, example));
        kind.describe(&mut schema);
        if let Some(default) = default {
            schema.raw("default", &default);
        }
        let node = form.take(name, required, schema);
        let mut place = Place {
            pointer: format!("{}/{name}", form.pointer),
            what,
            example,
            secrets: form.secrets,
            issues: &mut form.issues,
        };
        let read = match node {
            Some(node) => kind.read(node, &mut place),
            None => match absent(&mut place) {
                Some(default) => return (false, default),
                None => None,
            },
        };
        (read.is_some(), read.unwrap_or_else(|| kind.placeholder()))
    }
}

/// `clientId` as `Client id`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.chars().enumerate() {
        match (at, letter.is_ascii_uppercase()) {
            (0, _) => words.push(letter.to_ascii_uppercase()),
            (_, true) => {
                words.push(' ');
                words.push(letter.to_ascii_lowercase());
            }
            (_, false) => words.push(letter),
        }
    }
    words
}

/// `the tenant's domain` as `The tenant's domain, such as X.`
fn sentence(what: &str, example: Option<&str>) -> String {
    let mut letters = what.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let example = example.map_or_else(String::new, |example| format!(", such as {example}"));
    format!("{}{}{example}.", first.map_or_else(String::new, String::from), letters.as_str())
}
