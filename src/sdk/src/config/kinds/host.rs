//! Host names.

use super::Kind;
use crate::config::field::Field;
use crate::config::host::Host;
use crate::config::json::{Node, Object, quote};
use crate::config::place::Place;

/// A host name, possibly under one domain.
#[derive(Clone, Copy, Debug)]
pub struct HostName {
    domain: Option<&'static str>,
    remark: Option<&'static str>,
}

impl HostName {
    /// Any host name.
    pub const fn new() -> HostName {
        HostName { domain: None, remark: None }
    }
}

impl Default for HostName {
    fn default() -> HostName {
        HostName::new()
    }
}

impl Field<'_, '_, HostName> {
    /// Only host names that end in this domain, in lower case; `remark` is added
    /// to the message for others, such as `custom domains are not supported`.
    pub fn under(mut self, domain: &'static str, remark: &'static str) -> Self {
        self.kind = HostName { domain: Some(domain), remark: Some(remark) };
        self
    }
}

impl Kind for HostName {
    type Value = Host;

    fn describe(&self, schema: &mut Object) {
        schema.text("type", "string");
        let end = self.domain.map_or_else(|| "[A-Za-z0-9-]+".to_owned(), any_case);
        schema.text("pattern", &format!("^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*\\.{end}$"));
    }

    fn read(&self, node: Node<'_>, place: &mut Place<'_>) -> Option<Host> {
        let such_as = place.such_as();
        let Some(text) = node.string() else {
            place.refuse(format!("Write {} as a string{such_as}.", place.what));
            return None;
        };
        let legal = |host: &Host| self.domain.is_none_or(|domain| host.is_under(domain));
        if let Some(host) = Host::parse(&text).filter(legal) {
            return Some(host);
        }
        place.refuse(match (Host::in_url(&text).filter(legal), self.domain) {
            (Some(host), _) => {
                format!("Write the host name alone, without scheme, port or path: `{host}`.")
            }
            (None, Some(domain)) => {
                let remark = self.remark.map_or_else(String::new, |remark| format!("; {remark}"));
                format!("Write {}, which ends in `.{domain}`{such_as}{remark}.", place.what)
            }
            (None, None) => format!("Write {} as a host name{such_as}.", place.what),
        });
        None
    }

    fn placeholder(&self) -> Host {
        Host::placeholder()
    }

    fn write(&self, value: &Host) -> Option<String> {
        Some(quote(value.as_str()))
    }
}

/// A pattern for a domain in upper and lower case: `[Cc][Oo][Mm]`.
fn any_case(domain: &'static str) -> String {
    let letter = |letter: char| match letter {
        '.' => "\\.".to_owned(),
        'a'..='z' => format!("[{}{letter}]", letter.to_ascii_uppercase()),
        other => other.to_string(),
    };
    domain.chars().map(letter).collect()
}
