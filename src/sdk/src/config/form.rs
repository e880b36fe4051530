//! The form that a configuration fills: its fields, declared one by one.

use super::Secrets;
use super::field::Field;
use super::issue::{Issue, escape};
use super::json::{Node, Object, array, quote};
use super::kinds::Kind;
use super::kinds::choice::Choice;
use super::kinds::flag::Flag;
use super::kinds::host::HostName;
use super::kinds::list::List;
use super::kinds::number::Number;
use super::kinds::one_of::{Alternatives, OneOf};
use super::kinds::secret::SecretReference;
use super::kinds::setting::Setting;
use super::kinds::text::Text;
use super::kinds::whole::Whole;
use crate::connector::Connector;

/// An object of the configuration. Each method that takes a name declares a
/// field; `what` says what it is, as a phrase: `the tenant's own domain`. The
/// phrase stands in the schema and in messages.
pub struct Form<'a> {
    pub(super) pointer: String,
    members: Vec<(String, Node<'a>)>,
    pub(super) secrets: Secrets<'a>,
    declared: Vec<&'static str>,
    required: Vec<&'static str>,
    properties: Object,
    pub(super) issues: Vec<Issue>,
}

impl<'a> Form<'a> {
    pub(super) fn new(
        pointer: String,
        members: Vec<(String, Node<'a>)>,
        secrets: Secrets<'a>,
    ) -> Form<'a> {
        let (declared, required) = (Vec::new(), Vec::new());
        let (properties, issues) = (Object::default(), Vec::new());
        Form { pointer, members, secrets, declared, required, properties, issues }
    }

    /// A string that is not empty.
    pub fn text<'f>(&'f mut self, name: &'static str, what: &'static str) -> Field<'f, 'a, Text> {
        self.field(name, what, Text::new())
    }

    /// A host name.
    pub fn host<'f>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
    ) -> Field<'f, 'a, HostName> {
        self.field(name, what, HostName::new())
    }

    /// A whole number.
    pub fn whole<'f>(&'f mut self, name: &'static str, what: &'static str) -> Field<'f, 'a, Whole> {
        self.field(name, what, Whole::new())
    }

    /// A number.
    pub fn number<'f>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
    ) -> Field<'f, 'a, Number> {
        self.field(name, what, Number::new())
    }

    /// `true` or `false`.
    pub fn flag<'f>(&'f mut self, name: &'static str, what: &'static str) -> Field<'f, 'a, Flag> {
        self.field(name, what, Flag)
    }

    /// A reference to a secret, `{"$secret": "NAME"}`.
    pub fn secret<'f>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
    ) -> Field<'f, 'a, SecretReference> {
        self.field(name, what, SecretReference)
    }

    /// One of some words, each with the value that it stands for.
    pub fn choice<'f, T: Copy + PartialEq + 'static>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
        words: &'static [(&'static str, T)],
    ) -> Field<'f, 'a, Choice<T>> {
        self.field(name, what, Choice::of(words))
    }

    /// A list of one or more values of a kind.
    pub fn list<'f, K: Kind>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
        items: K,
    ) -> Field<'f, 'a, List<K>> {
        self.field(name, what, List::of(items))
    }

    /// An object whose member `type` says which fields it has.
    pub fn one_of<'f, T: 'static>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
        alternatives: Alternatives<T>,
    ) -> Field<'f, 'a, OneOf<T>> {
        self.field(name, what, OneOf::of(alternatives))
    }

    /// The option `resources`: which of the connector's resources to sync, by
    /// their settings; all of them where it is absent.
    pub fn resources<C: Connector>(&mut self) -> Vec<String> {
        let mut settings: Vec<String> = Vec::new();
        for setting in C::resources().into_iter().filter_map(|resource| resource.info().setting) {
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
        let what = "what to sync; all of it when absent";
        self.list("resources", what, Setting::of(settings)).or_all()
    }

    /// Adds an issue of the connector's own, such as two fields that contradict
    /// each other. The message says what to do.
    pub fn refuse(&mut self, path: &str, message: impl Into<String>) {
        let path = format!("{}{path}", self.pointer);
        self.issues.push(Issue { path, message: message.into() });
    }

    fn field<'f, K: Kind>(
        &'f mut self,
        name: &'static str,
        what: &'static str,
        kind: K,
    ) -> Field<'f, 'a, K> {
        Field::new(self, name, what, kind)
    }

    /// The value of a field; its schema is added to the properties.
    pub(super) fn take(
        &mut self,
        name: &'static str,
        required: bool,
        schema: Object,
    ) -> Option<Node<'a>> {
        self.declared.push(name);
        if required {
            self.required.push(name);
        }
        self.properties.raw(name, &schema.finish());
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// The names of the required fields, as a sentence lists them.
    pub(super) fn required_names(&self) -> Option<String> {
        let quoted: Vec<_> = self.required.iter().map(|name| format!("`{name}`")).collect();
        let (last, others) = quoted.split_last()?;
        Some(match others {
            [] => last.clone(),
            _ => format!("{} and {last}", others.join(", ")),
        })
    }

    /// Writes the object's schema.
    pub(super) fn describe(self, schema: &mut Object) {
        schema.text("type", "object");
        if !self.required.is_empty() {
            schema.raw("required", &array(self.required.iter().map(|name| quote(name))));
        }
        schema.raw("additionalProperties", "false");
        schema.raw("properties", &self.properties.finish());
    }

    /// Every issue: those of fields that do not exist come first.
    pub(super) fn into_issues(self) -> Vec<Issue> {
        let Form { pointer, members, declared, issues, .. } = self;
        let unknown = members.iter().filter(|(name, _)| !declared.contains(&name.as_str()));
        let unknown = unknown.map(|(name, _)| Issue {
            path: format!("{pointer}/{}", escape(name)),
            message: correction(name, &declared),
        });
        unknown.chain(issues).collect()
    }
}

/// What to do about a field that does not exist.
fn correction(name: &str, declared: &[&'static str]) -> String {
    let distance =
        |field: &str| strsim::osa_distance(&name.to_ascii_lowercase(), &field.to_ascii_lowercase());
    let nearest = declared.iter().map(|field| (distance(field), field)).min();
    match nearest.filter(|(distance, field)| *distance <= field.len() / 2) {
        Some((_, field)) => {
            format!("Rename or remove it: this field does not exist; did you mean `{field}`?")
        }
        None => {
            format!("Remove it: this field does not exist; the fields are {}.", declared.join(", "))
        }
    }
}
