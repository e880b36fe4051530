//! The configuration's text, as an operator or another program writes it.

use auth0_connector_core::configuration::Configuration;
use http::Uri;

use crate::tenant::SECRET;

/// Reads a configuration. What is accepted names a host of Auth0 and is within
/// its ranges; every refusal names its location, and never the secret.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Configuration::read(text, |_| Some(SECRET)) {
        Ok(read) => {
            let domain = read.domain.as_str();
            let address = format!("https://{domain}/");
            assert!(domain.ends_with(".auth0.com"), "{domain}");
            // An address is parsed up to 65,534 bytes.
            if domain.len() < 60_000 {
                let uri: Option<Uri> = address.parse().ok();
                let host = uri.as_ref().and_then(Uri::host);
                assert_eq!(host, Some(domain), "the host of {address}");
                assert!(uri.is_some_and(|uri| uri.port().is_none()));
            }
            assert!(!read.client_id.is_empty() && !read.resources.is_empty());
            assert!(read.resources.is_sorted_by(|a, b| a < b), "{:?}", read.resources);
            assert!((1..=100_000).contains(&read.stats_lookback_days));
            assert!(read.rate_limit_share > 0.0 && read.rate_limit_share <= 1.0);
            let again = Configuration::read(text, |_| Some(SECRET));
            assert_eq!(again.as_ref(), Ok(&read));
            // Where the text itself has it, the client id may show it.
            assert!(text.contains(SECRET) || !format!("{read:?}").contains(SECRET));
        }
        Err(issues) => {
            assert!(!issues.is_empty(), "refused without a reason");
            for issue in issues {
                assert!(issue.path.is_empty() || issue.path.starts_with('/'), "{issue:?}");
                assert!(!issue.message.is_empty());
                assert!(text.contains(SECRET) || !issue.message.contains(SECRET), "{issue:?}");
            }
        }
    }
}
