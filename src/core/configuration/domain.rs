//! The tenant's domain.

use std::fmt;

/// A tenant's host name, such as `acme.eu.auth0.com`: lower-case, and the only
/// host that the connector sends requests to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Reads a host name of the form `labels.auth0.com`, in any case.
    pub fn parse(text: &str) -> Option<Domain> {
        let domain = text.to_ascii_lowercase();
        let labels = domain.strip_suffix(".auth0.com")?;
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        labels.split('.').all(label).then_some(Domain(domain))
    }

    /// The domain in a URL or a `host:port`, where a bare one was expected.
    pub fn in_url(text: &str) -> Option<Domain> {
        Domain::parse(bare_host(text))
    }

    /// The host name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The audience of the tenant's Management API.
    pub fn audience(&self) -> String {
        format!("https://{}/api/v2/", self.0)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host name of a URL, without scheme, credentials, port and path.
fn bare_host(text: &str) -> &str {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_auth0_are_domains() {
        for bad in [
            "auth0.com",
            ".auth0.com",
            "a..auth0.com",
            "acme.auth0.com.evil.org",
            "acme.auth0app.com",
            "a_b.auth0.com",
            "acme.auth0.com:443",
            "127.0.0.1",
        ] {
            assert_eq!(Domain::parse(bad), None, "{bad}");
        }
    }
}
