//! Objects of which one form is chosen.

use super::Kind;
use crate::config::form::Form;
use crate::config::json::{Node, Object, array};
use crate::config::place::Place;

/// The forms of an object: the word in its member `type`, and its other fields.
pub type Alternatives<T> = &'static [(&'static str, fn(&mut Form<'_>) -> T)];

/// An object whose member `type` says which fields it has.
#[derive(Clone, Copy, Debug)]
pub struct OneOf<T: 'static> {
    alternatives: Alternatives<T>,
}

impl<T> OneOf<T> {
    /// One of these; there is at least one.
    pub const fn of(alternatives: Alternatives<T>) -> OneOf<T> {
        assert!(!alternatives.is_empty(), "there is at least one alternative");
        OneOf { alternatives }
    }
}

/// Declares the member `type`, whose value is already known.
fn tag(form: &mut Form<'_>, word: &str) {
    let mut schema = Object::default();
    schema.text("title", "Type");
    schema.raw("const", &crate::config::json::quote(word));
    form.take("type", true, schema);
}

impl<T> Kind for OneOf<T> {
    type Value = T;

    fn describe(&self, schema: &mut Object) {
        let alternative = |(word, declare): &(&'static str, fn(&mut Form<'_>) -> T)| {
            let mut form = Form::new(String::new(), Vec::new(), &|_| None);
            tag(&mut form, word);
            declare(&mut form);
            let mut schema = Object::default();
            form.describe(&mut schema);
            schema.finish()
        };
        schema.raw("oneOf", &array(self.alternatives.iter().map(alternative)));
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<T> {
        let names = self.names()?;
        let Some(members) = node.members() else {
            place.refuse(format!("Write an object whose `type` is one of {names}."));
            return None;
        };
        let word = members.iter().find(|(name, _)| name == "type");
        let word = word.and_then(|(_, word)| word.string());
        let found = self.alternatives.iter().find(|(other, _)| word.as_deref() == Some(other));
        let Some((word, declare)) = found else {
            place.within("type", |place| place.refuse(format!("Write one of {names}.")));
            return None;
        };
        let mut form = Form::new(place.pointer.clone(), members, place.secrets);
        tag(&mut form, word);
        let value = declare(&mut form);
        let issues = form.into_issues();
        let whole = issues.is_empty();
        place.issues.extend(issues);
        whole.then_some(value)
    }

    #[allow(clippy::indexing_slicing, reason = "`of` refuses an empty list")]
    fn placeholder(&self) -> T {
        let mut form = Form::new(String::new(), Vec::new(), &|_| None);
        (self.alternatives[0].1)(&mut form)
    }

    fn write(&self, _: &T) -> Option<String> {
        None
    }

    fn names(&self) -> Option<String> {
        Some(self.alternatives.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "))
    }
}
