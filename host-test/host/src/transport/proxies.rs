//! Which proxy, if any, the requests to a host go through.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;

use crate::contract::Secret;

/// The variables that name the proxy of https requests, the preferred one first.
/// Components send only https; the last serves machines that set no other.
const NAMING: [&str; 3] = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/// The proxy that requests go through, and the hosts that are reached without it.
///
/// ```
/// use rawdash_host::transport::Proxies;
///
/// let proxies = Proxies::from_variables(|name| match name {
///     "HTTPS_PROXY" => Some("http://user:password@proxy.example:3128".into()),
///     "NO_PROXY" => Some("internal.example".into()),
///     _ => None,
/// })?;
/// let proxy = proxies.for_host("acme.eu.auth0.com").unwrap();
/// assert_eq!(proxy.to_string(), "http://proxy.example:3128");
/// assert!(proxies.for_host("api.internal.example").is_none());
/// # Ok::<(), rawdash_host::transport::UnusableProxy>(())
/// ```
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Rules>>);

struct Rules {
    proxy: Proxy,
    /// Only for the exceptions.
    matcher: Matcher,
    secrets: Vec<Secret>,
}

/// A proxy. Its text is its address, without credentials.
#[derive(Clone)]
pub struct Proxy {
    uri: Uri,
    authorization: Option<HeaderValue>,
}

/// The address of a proxy cannot be used. Its text does not show the address,
/// which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableProxy {
    variable: String,
    problem: &'static str,
}

impl Proxies {
    /// The proxy that variables of the environment name: `HTTPS_PROXY`, else
    /// `ALL_PROXY`, else `HTTP_PROXY`, each in lower case first, and without the hosts
    /// in `NO_PROXY`. An empty variable is the same as none.
    ///
    /// # Errors
    /// When the variable that applies is not the URL of an HTTP proxy.
    pub fn from_variables(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Proxies, UnusableProxy> {
        let value = |name: &str| {
            let spellings = [name.to_ascii_lowercase(), name.to_owned()];
            let set = |spelling: String| Some((lookup(&spelling)?, spelling));
            spellings.into_iter().filter_map(set).find(|(value, _)| !value.trim().is_empty())
        };
        let Some((url, variable)) = NAMING.into_iter().find_map(value) else {
            return Ok(Proxies::default());
        };
        let except = value("NO_PROXY").map(|(list, _)| list).unwrap_or_default();
        Rules::new(url.trim(), &except)
            .map(|rules| Proxies(Some(Arc::new(rules))))
            .map_err(|problem| UnusableProxy { variable, problem })
    }

    /// The proxy that requests to the host go through.
    pub fn for_host(&self, host: &str) -> Option<&Proxy> {
        let rules = self.0.as_deref()?;
        let url = Uri::builder().scheme("https").authority(host).path_and_query("/").build();
        rules.matcher.intercept(&url.ok()?).map(|_| &rules.proxy)
    }

    /// What must not appear in messages.
    pub fn secrets(&self) -> &[Secret] {
        self.0.as_deref().map_or(&[], |rules| &rules.secrets)
    }
}

impl Rules {
    fn new(url: &str, except: &str) -> Result<Rules, &'static str> {
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let parsed: Uri = url.parse().map_err(|_| {
            "is not a URL: write http://HOST:PORT, and percent-encode special characters of a \
             user name and a password"
        })?;
        if !matches!(parsed.scheme_str(), Some("http" | "https")) {
            return Err("names neither an http:// nor an https:// proxy: other kinds are not \
                        supported");
        }
        let (user, place) = split(parsed.authority().map_or("", |authority| authority.as_str()));
        // What is taken for a port may be a part of a password.
        let after_host = place.rsplit(']').next().unwrap_or_default();
        if place.contains('@') || (after_host.contains(':') && parsed.port_u16().is_none()) {
            return Err("has no valid port: write http://HOST:PORT, and percent-encode special \
                        characters of a user name and a password");
        }
        // The same reading with and without exceptions: the first must find a proxy.
        let found = Matcher::builder().https(&url).build();
        let found = found.intercept(&Uri::from_static("https://host/"));
        let found = found.ok_or("names no host: write http://HOST:PORT")?;
        let proxy = Proxy { uri: found.uri().clone(), authorization: found.basic_auth().cloned() };
        let except = except.split_whitespace().collect::<Vec<_>>().join(",");
        let matcher = Matcher::builder().https(&url).no(except).build();
        Ok(Rules { proxy, matcher, secrets: user.map(secrets).unwrap_or_default() })
    }
}

/// The user information of an authority, and the rest of it.
fn split(authority: &str) -> (Option<&str>, &str) {
    match authority.split_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    }
}

/// The credentials as they are sent, and the part that is secret: the password, or a
/// user name without one, which is a token.
fn secrets(user_information: &str) -> Vec<Secret> {
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = match user_information.split_once(':') {
        Some((user, password)) => (decoded(user), decoded(password)),
        None => (decoded(user_information), String::new()),
    };
    let alone = if password.is_empty() { user.clone() } else { password.clone() };
    let secret = |value| Secret { name: "proxy credentials".to_owned(), value };
    vec![secret(format!("{user}:{password}")), secret(alone)]
}

impl Proxy {
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.uri.authority().map_or("", |authority| authority.as_str());
        write!(f, "{}://{place}", self.uri.scheme_str().unwrap_or_default())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxies").field(&self.0.as_deref().map(|rules| &rules.proxy)).finish()
    }
}

impl fmt::Display for UnusableProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnusableProxy { variable, problem } = self;
        write!(
            f,
            "the environment variable {variable} {problem}. To go without a proxy, use --no-proxy"
        )
    }
}

impl std::error::Error for UnusableProxy {}

#[cfg(test)]
mod tests;
