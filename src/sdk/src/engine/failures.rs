//! The failures that concern all resources alike.

use crate::contract::failure::{Failure, FailureKind};
use crate::http::reply::{Broken, Head};

/// What a broken exchange means.
pub(super) enum Breakage {
    /// It may pass: one clause that says what happened.
    Passing(String),
    /// Every request would meet the same.
    Lasting(Failure),
}

/// Judges a broken exchange with a host; `worked` says that the source was reached
/// before.
pub(super) fn judge(broken: Broken, host: &str, worked: bool) -> Breakage {
    match broken {
        Broken::Connection(what) => Breakage::Passing(what),
        Broken::HostNotFound if worked => {
            Breakage::Passing(format!("the host name {host} was not found"))
        }
        Broken::HostNotFound => Breakage::Lasting(not_found(host)),
        Broken::Denied => Breakage::Lasting(denied(host)),
        Broken::Untrusted => Breakage::Lasting(untrusted(host)),
    }
}

fn not_found(host: &str) -> Failure {
    let message = format!(
        "The host name {host} was not found, and has never been reached from here: check it for typing errors, and this machine's name resolution."
    );
    Failure::new(FailureKind::Misdirected, message)
}

fn denied(host: &str) -> Failure {
    let message = format!(
        "The host of this connector denied a request to {host}: allow the host name in its network policy. Records read before are stored."
    );
    Failure::new(FailureKind::Denied, message)
}

fn untrusted(host: &str) -> Failure {
    let message = format!(
        "Could not verify the identity of the server at {host}: its certificate was refused, and nothing was sent to it. Check the configured host name, this machine's clock and the certificate authorities that it trusts. Records read before are stored."
    );
    Failure::new(FailureKind::Untrusted, message)
}

/// An answer that redirects to another host: what answers is not the source.
pub(super) fn redirect(head: &Head, host: &str) -> Option<Failure> {
    let target = target_host(head.redirect()?)?;
    if target.eq_ignore_ascii_case(host) {
        return None;
    }
    let message = format!(
        "{host} redirects to {target}: what answers is not the source. Check the configured host name, and whether a network login or a proxy stands in between."
    );
    Some(Failure::new(FailureKind::Misdirected, message).with_status(head.status))
}

/// The host of an absolute address, as far as it can stand in a message.
fn target_host(address: &str) -> Option<String> {
    let rest = address.split_once("//")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.strip_suffix(":443").unwrap_or(host);
    let shown: String = host.chars().filter(|letter| letter.is_ascii_graphic()).take(100).collect();
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(location: &str) -> Option<String> {
        let lines = [("location", location.as_bytes())];
        let head = Head::read(302, lines.into_iter());
        redirect(&head, "api.example.com").map(|failure| failure.message)
    }

    #[test]
    fn a_redirect_to_another_host_names_it() {
        assert!(redirected("https://login.example.net/x").unwrap().contains("login.example.net"));
        assert!(redirected("//portal.local?a").unwrap().contains("portal.local"));
        assert_eq!(redirected("/elsewhere"), None);
        assert_eq!(redirected("https://API.example.com:443/v2"), None);
    }

    #[test]
    fn a_name_that_was_never_found_is_a_mistake_and_else_an_outage() {
        let lasting = |worked| {
            matches!(judge(Broken::HostNotFound, "x.example", worked), Breakage::Lasting(_))
        };
        assert_eq!((lasting(false), lasting(true)), (true, false));
    }
}
