//! The position in the `Link` to the next page.

use rawdash_connector_sdk::http::reply::Head;
use rawdash_connector_sdk::paging::next_link;

use crate::api::log_id::LogId;

/// The `from` of the link whose relation is `next`. Nothing else of a link is ever
/// used, its host least of all.
pub fn next_from(head: &Head) -> Option<LogId> {
    head.all("link").find_map(position)
}

fn position(value: &str) -> Option<LogId> {
    let address = next_link(value)?;
    let query = address.split_once('?')?.1;
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from="))?;
    LogId::parse(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_position_is_taken_from_a_link() {
        let evil = "<https://evil.example/api/v2/logs?from=900123&take=2>; rel=\"next\"";
        assert_eq!(position(evil), LogId::parse("900123"));
        assert_eq!(position("<http://a/?from=1>; rel=\"first\""), None);
        assert_eq!(position("rel=\"next\" nonsense"), None);
    }
}
