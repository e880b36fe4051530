//! One origin: a host name that is reached by https.

use std::fmt;
use std::str::FromStr;

use super::origin_error::OriginError;

/// One https origin: a host name, on port 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    host: String,
}

impl Origin {
    /// The origin of a host name.
    pub(super) fn of(host: &str) -> Result<Origin, &'static str> {
        Ok(Origin { host: host_name(host)? })
    }

    /// The host name, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem| OriginError::Pattern { text: text.to_owned(), problem };
        let host = text.strip_prefix("https://").ok_or_else(|| wrong("is not https"))?;
        Origin::of(host).map_err(wrong)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)
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
