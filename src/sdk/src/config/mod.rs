//! A connector's configuration, from one declaration: read whole, every issue
//! reported at once, with its JSON Schema.
//!
//! ```
//! use rawdash_connector_sdk::config::{self, Configuration, Form, Host, Secret};
//!
//! struct Weather {
//!     host: Host,
//!     key: Secret,
//!     days: i64,
//! }
//!
//! impl Configuration for Weather {
//!     const TITLE: &'static str = "Weather";
//!     const DESCRIPTION: &'static str = "A weather service.";
//!
//!     fn declare(form: &mut Form<'_>) -> Weather {
//!         Weather {
//!             host: form.host("host", "the service's host name").such_as("weather.example").required(),
//!             key: form.secret("key", "the key that the service gave you").required(),
//!             days: form.whole("days", "how many days a full run reads").from(1).or(30),
//!         }
//!     }
//! }
//!
//! let secrets = |name: &str| (name == "KEY").then(|| "k3y".to_owned());
//! let text = r#"{ "host": "weather.example", "key": { "$secret": "KEY" } }"#;
//! let read = config::read::<Weather>(text, &secrets).unwrap();
//! assert_eq!((read.host.as_str(), read.key.reveal(), read.days), ("weather.example", "k3y", 30));
//!
//! let text = r#"{ "hots": "weather.example", "days": "7" }"#;
//! let issues = config::read::<Weather>(text, &secrets).err().unwrap();
//! let paths: Vec<_> = issues.iter().map(|issue| issue.path.as_str()).collect();
//! assert_eq!(paths, ["/hots", "/host", "/key", "/days"]);
//! ```

mod field;
mod form;
mod host;
mod issue;
mod json;
mod kinds;
mod place;
mod secret;

pub use self::field::Field;
pub use self::form::Form;
pub use self::host::Host;
pub use self::issue::Issue;
pub use self::kinds::choice::Choice;
pub use self::kinds::flag::Flag;
pub use self::kinds::host::HostName;
pub use self::kinds::list::List;
pub use self::kinds::number::Number;
pub use self::kinds::one_of::{Alternatives, OneOf};
pub use self::kinds::secret::SecretReference;
pub use self::kinds::setting::Setting;
pub use self::kinds::text::Text;
pub use self::kinds::whole::Whole;
pub use self::secret::Secret;

use self::json::{Node, Object};

/// Looks up a secret by the name in its reference.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a connector is configured with.
pub trait Configuration: Sized + 'static {
    /// The title of the JSON Schema.
    const TITLE: &'static str;
    /// What the configuration describes, in one sentence.
    const DESCRIPTION: &'static str;

    /// Declares and reads every field. A field that cannot be read adds an issue
    /// and takes a placeholder; the result is then discarded. So this never
    /// returns early, and every issue is reported at once.
    fn declare(form: &mut Form<'_>) -> Self;
}

/// Reads a configuration's JSON text; reports every issue of it.
pub fn read<C: Configuration>(text: &str, secrets: Secrets<'_>) -> Result<C, Vec<Issue>> {
    let whole = |message: String| vec![Issue { path: String::new(), message }];
    let node = Node::parse(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        whole(format!("Fix the JSON at line {line}, column {column}: it cannot be read."))
    })?;
    let Some(members) = node.members() else {
        let mut form = Form::new(String::new(), Vec::new(), secrets);
        let _ = C::declare(&mut form);
        return Err(whole(match form.required_names() {
            Some(names) => format!("Make the configuration a JSON object with {names}."),
            None => "Make the configuration a JSON object.".to_owned(),
        }));
    };
    let mut form = Form::new(String::new(), members, secrets);
    let configuration = C::declare(&mut form);
    match form.into_issues() {
        issues if issues.is_empty() => Ok(configuration),
        issues => Err(issues),
    }
}

/// The configuration's JSON Schema, in the dialect of 2020-12.
pub fn schema<C: Configuration>() -> String {
    let mut form = Form::new(String::new(), Vec::new(), &|_| None);
    let _ = C::declare(&mut form);
    let mut schema = Object::default();
    schema.text("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.text("title", C::TITLE);
    schema.text("description", C::DESCRIPTION);
    form.describe(&mut schema);
    schema.finish()
}

#[cfg(test)]
mod tests;
