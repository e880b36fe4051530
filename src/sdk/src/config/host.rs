//! A configured host name.

use std::fmt;

/// A DNS host name, in lower case, without scheme, port or path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Reads a host name of two or more labels, in any case.
    pub fn parse(text: &str) -> Option<Host> {
        let host = text.to_ascii_lowercase();
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        // A name whose last label is a number is an address.
        let named = host.rsplit('.').next().is_some_and(|last| last.parse::<u64>().is_err());
        let legal = host.len() <= 253 && host.contains('.') && named && host.split('.').all(label);
        legal.then_some(Host(host))
    }

    /// The host name in a URL or a `host:port`, where a bare one was expected.
    pub fn in_url(text: &str) -> Option<Host> {
        let text = text.trim();
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        Host::parse(host.split(':').next().unwrap_or(host))
    }

    /// Whether the name ends in this domain, and is not the domain itself.
    pub fn is_under(&self, domain: &str) -> bool {
        let rest = self.0.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
        rest.is_some_and(|rest| !rest.is_empty())
    }

    /// What stands for a host name that could not be read.
    pub(super) fn placeholder() -> Host {
        Host("host.invalid".to_owned())
    }

    /// The host name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_port_or_path_is_a_host_name() {
        for bad in
            ["", "localhost", "127.0.0.1", "a..b.com", "a_b.com", "a.com:443", "a.com/x", "[::1]"]
        {
            assert_eq!(Host::parse(bad), None, "{bad}");
        }
        assert_eq!(Host::parse("Acme.EU.Auth0.com").unwrap().as_str(), "acme.eu.auth0.com");
    }

    #[test]
    fn a_lookalike_is_not_under_a_domain() {
        for bad in ["auth0.com.evil.org", "acme.myauth0.com", "acme.auth0.com.evil.org"] {
            assert!(!Host::parse(bad).unwrap().is_under("auth0.com"), "{bad}");
        }
        assert!(!Host::parse("auth0.com").unwrap().is_under("auth0.com"));
        assert!(Host::parse("a.auth0.com").unwrap().is_under("auth0.com"));
    }
}
