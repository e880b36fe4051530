//! The configuration's text, as an operator or another program writes it.

use std::fmt::Debug;

use auth0_connector::configuration::{Auth0Configuration, Setting};
use http::Uri;
use rawdash_connector_sdk::config::{self, Configuration, Issue};
use rawdash_connector_sdk::contract::configuration::ConfigureError;
use serde_json::Value;

use crate::batches::check_message;
use crate::every_kind::EveryKind;
use crate::tenant::{self, RESOURCES, SECRET};

/// Reads a configuration. What is accepted names a host of Auth0 and is within
/// its ranges; every refusal names a location that exists, and never the secret.
/// So it is with a configuration of every kind of field.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = read::<Auth0Configuration>(text);
    match (&read, tenant::engine(text, None)) {
        (Some(read), Ok((_, configured))) => {
            check(read);
            assert_eq!(configured.origins, [format!("https://{}", read.domain)]);
            let names = configured.resources.iter().map(|resource| resource.name.as_str());
            let allowed = RESOURCES.into_iter().filter(|(_, setting)| {
                read.resources.iter().any(|Setting(allowed)| allowed == setting)
            });
            assert!(names.eq(allowed.map(|(name, _)| name)), "{configured:?}");
        }
        (None, Err(ConfigureError::Configuration(_))) => {}
        (_, other) => unreachable!("{:?} of {text}", other.map(|(_, configured)| configured)),
    }
    if let Some(read) = self::read::<EveryKind>(text) {
        check_host(read.host.as_str());
        assert!((1..=400).contains(&read.days) && read.share > 0.0 && read.share <= 1.0);
        assert!(!read.name.is_empty() && !read.words.is_empty() && !read.codes.is_empty());
    }
}

/// Reads it twice; `None` where it is refused.
fn read<C: Configuration + Debug + PartialEq>(text: &str) -> Option<C> {
    let secrets = |_: &str| Some(SECRET.to_owned());
    let read = config::read::<C>(text, &secrets);
    assert_eq!(config::read::<C>(text, &secrets), read);
    match read {
        Ok(read) => {
            // Where the text itself has it, a field may show it.
            assert!(text.contains(SECRET) || !format!("{read:?}").contains(SECRET));
            Some(read)
        }
        Err(issues) => {
            assert!(!issues.is_empty(), "refused without a reason");
            issues.iter().for_each(|issue| check_issue(issue, text));
            None
        }
    }
}

fn check(read: &Auth0Configuration) {
    assert!(read.domain.as_str().ends_with(".auth0.com"), "{}", read.domain);
    check_host(read.domain.as_str());
    assert!(!read.client_id.is_empty() && !read.resources.is_empty());
    let resources: Vec<_> = read.resources.iter().map(|Setting(setting)| setting).collect();
    let is_repeated = resources
        .iter()
        .enumerate()
        .any(|(at, one)| resources.iter().skip(at + 1).any(|other| one == other));
    assert!(!is_repeated, "{resources:?}");
    assert!((1..=100_000).contains(&read.stats_lookback_days));
    assert!(read.rate_limit_share > 0.0 && read.rate_limit_share <= 1.0);
    assert!(!read.log_types.is_empty() && read.log_types.iter().all(|code| !code.is_empty()));
}

fn check_host(host: &str) {
    let address = format!("https://{host}/");
    let uri: Option<Uri> = address.parse().ok();
    assert_eq!(uri.as_ref().and_then(Uri::host), Some(host), "the host of {address}");
    assert!(uri.is_some_and(|uri| uri.port().is_none()));
}

fn check_issue(issue: &Issue, text: &str) {
    let Issue { path, message } = issue;
    assert!(path.is_empty() || path.starts_with('/'), "{issue:?}");
    assert!(!message.is_empty(), "{issue:?}");
    assert!(text.contains(SECRET) || !message.contains(SECRET), "{issue:?}");
    if !text.contains(char::is_control) && !text.contains('\\') {
        check_message(message);
    }
    // A field that is missing has no place of its own, but what lacks it has.
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        assert!(whole.pointer(parent).is_some(), "{issue:?} in {text}");
    }
}
