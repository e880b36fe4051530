//! The origins of a manifest: host names of which a part stands for what a
//! configuration holds.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::origin::{Origin, host_name};
use super::origin_error::OriginError;

/// An origin as a manifest writes it. A part of the host name may stand for
/// others: `{/pointer}` for what the configuration holds there, a host name,
/// some of its labels, or a URL whose host is meant; `{/pointer|default}` for
/// that or the default; `*` for any one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    text: String,
    parts: Vec<Part>,
}

/// What stands between two dots of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Label(String),
    Any,
    Pointer { pointer: String, default: Option<String> },
}

/// One label of a host name under a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    Exactly(String),
    Any,
}

impl FromStr for OriginPattern {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Pattern { text: text.to_owned(), problem };
        let host = text.strip_prefix("https://").ok_or_else(|| wrong("is not https"))?;
        let parts = parts(host).map_err(wrong)?;
        // With a label in place of each part, what is declared must be a host.
        let sample: Vec<&str> = parts
            .iter()
            .map(|part| match part {
                Part::Label(label) => label.as_str(),
                Part::Any => "any",
                Part::Pointer { default, .. } => default.as_deref().unwrap_or("label"),
            })
            .collect();
        host_name(&sample.join(".")).map_err(wrong)?;
        if parts.iter().rev().take(2).any(|part| *part == Part::Any) {
            return Err(wrong("leaves one of its last two labels open"));
        }
        Ok(OriginPattern { text: text.to_owned(), parts })
    }
}

fn parts(host: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = Some(host);
    while let Some(text) = rest {
        let (part, after) = match text.strip_prefix('{') {
            Some(braced) => {
                let (inside, after) = braced.split_once('}').ok_or("lacks a closing brace")?;
                (braces(inside)?, after)
            }
            None => {
                let end = text.find('.').unwrap_or(text.len());
                let (label, after) = text.split_at(end);
                (if label == "*" { Part::Any } else { Part::Label(label.to_owned()) }, after)
            }
        };
        parts.push(part);
        rest = match after.strip_prefix('.') {
            Some(next) => Some(next),
            None if after.is_empty() => None,
            None => return Err("has braces that end in the middle of a label"),
        };
    }
    Ok(parts)
}

fn braces(inside: &str) -> Result<Part, &'static str> {
    let (pointer, default) = match inside.split_once('|') {
        Some((pointer, default)) => (pointer, Some(default.to_owned())),
        None => (inside, None),
    };
    if !pointer.starts_with('/') {
        return Err("has no JSON Pointer in its braces");
    }
    Ok(Part::Pointer { pointer: pointer.to_owned(), default })
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl OriginPattern {
    /// The JSON Pointers in it.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Pointer { pointer, .. } => Some(pointer.as_str()),
            _ => None,
        })
    }

    /// The JSON Pointers in it that have a default, each with it.
    pub fn defaults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Pointer { pointer, default: Some(default) } => Some((&**pointer, &**default)),
            _ => None,
        })
    }

    /// What the pattern means under a configuration; `None` where it allows
    /// nothing, because the configuration holds nothing at a pointer.
    ///
    /// # Errors
    /// What the configuration holds there is not a part of a host name.
    pub fn resolve(&self, configuration: &Value) -> Result<Option<ResolvedOrigin>, OriginError> {
        let mut labels = Vec::new();
        for part in &self.parts {
            match part {
                Part::Label(label) => labels.push(Label::Exactly(label.to_ascii_lowercase())),
                Part::Any => labels.push(Label::Any),
                Part::Pointer { pointer, default } => {
                    let Some(host) = configured(configuration, pointer, default.as_deref())? else {
                        return Ok(None);
                    };
                    labels.extend(host.split('.').map(|label| Label::Exactly(label.to_owned())));
                }
            }
        }
        let resolved = ResolvedOrigin { labels };
        let name = resolved.name("any");
        let pointer = self.pointers().next().unwrap_or_default().to_owned();
        host_name(&name).map_err(|problem| OriginError::Configuration { pointer, problem })?;
        Ok(Some(resolved))
    }
}

/// The host name or labels at a pointer.
fn configured(
    configuration: &Value,
    pointer: &str,
    default: Option<&str>,
) -> Result<Option<String>, OriginError> {
    let wrong = |problem| OriginError::Configuration { pointer: pointer.to_owned(), problem };
    let text = match configuration.pointer(pointer) {
        None | Some(Value::Null) => return Ok(default.map(str::to_ascii_lowercase)),
        Some(value) => value.as_str().ok_or_else(|| wrong("is not a string"))?,
    };
    if let Some((scheme, rest)) = text.split_once("://") {
        if !is_scheme(scheme) {
            return Err(wrong("is not a URL"));
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // Requests go to the host on port 443 without a user: what asks for more
        // cannot be had.
        return host_name(authority).map(Some).map_err(wrong);
    }
    host_name(text).map(Some).map_err(wrong)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A pattern under a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedOrigin {
    labels: Vec<Label>,
}

impl ResolvedOrigin {
    fn name(&self, any: &str) -> String {
        let labels = self.labels.iter().map(|label| match label {
            Label::Exactly(label) => label.as_str(),
            Label::Any => any,
        });
        labels.collect::<Vec<_>>().join(".")
    }

    /// Whether the origin is this one, or one of these.
    pub fn allows(&self, origin: &Origin) -> bool {
        let mut found = origin.host().split('.');
        let fits = |label: &Label| match (label, found.next()) {
            (Label::Any, Some(_)) => true,
            (Label::Exactly(label), Some(found)) => label == found,
            (_, None) => false,
        };
        self.labels.iter().all(fits) && found.next().is_none()
    }
}

impl fmt::Display for ResolvedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.name("*"))
    }
}
