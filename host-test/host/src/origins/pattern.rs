//! An origin as a manifest writes it, and what it stands for.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::origin_error::OriginError;

/// An origin as a manifest writes it: `https://api.example`, or with the host
/// name or its first labels taken from the configuration: `https://{/domain}`,
/// `https://{/tenant}.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    pub(super) text: String,
    /// The JSON Pointer in the braces.
    pointer: Option<String>,
    /// The host name, or what follows the braces.
    rest: String,
}

/// One https origin: a host name, on port 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub(super) host: String,
}

impl Origin {
    /// The host name, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)
    }
}

impl FromStr for OriginPattern {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Pattern { text: text.to_owned(), problem };
        let host = text.strip_prefix("https://").ok_or_else(|| wrong("is not https"))?;
        let (pointer, rest) = match host.strip_prefix('{') {
            None => (None, host),
            Some(braced) => {
                let (pointer, rest) =
                    braced.split_once('}').ok_or_else(|| wrong("lacks a closing brace"))?;
                if !pointer.starts_with('/') {
                    return Err(wrong("has no JSON Pointer in its braces"));
                }
                if !rest.is_empty() && !rest.starts_with('.') {
                    return Err(wrong("has braces that end in the middle of a label"));
                }
                (Some(pointer.to_owned()), rest)
            }
        };
        // With a label in place of the braces, the rest must be a host name.
        let sample = if pointer.is_some() { format!("label{rest}") } else { rest.to_owned() };
        host_name(&sample).map_err(wrong)?;
        Ok(OriginPattern { text: text.to_owned(), pointer, rest: rest.to_owned() })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl OriginPattern {
    /// The origin that the pattern resolves to under a configuration.
    pub fn resolve(&self, configuration: &Value) -> Result<Origin, OriginError> {
        let Some(pointer) = &self.pointer else {
            return Ok(Origin { host: self.rest.to_ascii_lowercase() });
        };
        let wrong = |problem| OriginError::Configuration { pointer: pointer.clone(), problem };
        let value = configuration.pointer(pointer).ok_or_else(|| wrong("is absent"))?;
        let labels = value.as_str().ok_or_else(|| wrong("is not a string"))?;
        let host = host_name(&format!("{labels}{}", self.rest)).map_err(wrong)?;
        Ok(Origin { host })
    }
}

/// The host name in lower case, or what is wrong with it. Names only: an IP
/// address, also in one of its old spellings, is not a name.
pub(super) fn host_name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.len() > 253 {
        return Err("has no host name of 1 to 253 characters");
    }
    for label in text.split('.') {
        let fits = (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !fits {
            return Err("is not a plain host name");
        }
    }
    let last = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return Err("is an IP address");
    }
    Ok(text.to_ascii_lowercase())
}
