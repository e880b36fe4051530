//! The headers of answers: `name: value`, a line each, an answer to a blank
//! line.

use auth0_connector_core::auth0::reply::Head;
use auth0_connector_core::engine::instant::Instant;
use auth0_connector_core::engine::pacing::Pacing;
use auth0_connector_core::resource::Resource;

use crate::tenant::noon;

/// The longest that pacing lets a request wait, in milliseconds.
const LONGEST_PAUSE: u64 = 120_000;

/// Reads one answer's headers after the other. A pause is never none, and
/// whatever limits the answers report, a request may be sent within two minutes.
pub fn response_headers(data: &[u8]) {
    let mut pacing = Pacing::new(&Resource::ALL, 0.8);
    let mut now = Instant::from_millis(1_000);
    for (number, lines) in data
        .split(|byte| *byte == b'\n')
        .collect::<Vec<_>>()
        .split(|line| line.is_empty())
        .enumerate()
    {
        let head = read_head(200, lines);
        let date = head.date.unwrap_or_else(noon);
        assert!(head.rate_limit.pause(date).is_none_or(|pause| pause >= 1000));
        if let Some(from) = &head.next_from {
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            assert!(!from.as_str().is_empty() && from.as_str().chars().all(legal), "{from}");
        }
        let resource = Resource::ALL.into_iter().cycle().nth(number % 3).unwrap_or(Resource::Users);
        pacing.send(resource, now);
        now = now.later_by(100);
        pacing.receive(resource, head.rate_limit, now);
        if head.rate_limit.retry_after.is_some() {
            pacing.exceed(resource, now);
        }
        let asked = now;
        while pacing.earliest(resource, now) > now {
            now = pacing.earliest(resource, now);
            let waited = now.since(asked);
            assert!(waited <= LONGEST_PAUSE, "waits {waited} ms");
        }
    }
}

/// Reads header lines as they would come over the wire.
pub(crate) fn read_head(status: u16, lines: &[&[u8]]) -> Head {
    let parts = lines.iter().filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
    });
    Head::read(status, parts)
}
