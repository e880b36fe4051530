//! `Link` headers, a line each, as the pages of a list have them.

use http::Uri;
use rawdash_connector_sdk::paging::{LinkError, LinkPages, next_link};

use crate::answers::read_head;
use crate::tenant::DOMAIN;

/// Follows one link after the other. A link is a part of its header; what is
/// followed stays on the host that the page was read from, and moves on.
pub fn links(data: &[u8]) {
    let mut pages = LinkPages::from("/first");
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(header) = std::str::from_utf8(line) else { continue };
        let target = next_link(header);
        if let Some(target) = target {
            assert!(header.contains(&format!("<{target}>")), "{target} in {header}");
            assert!(header.contains("next"), "{target} in {header}");
        }
        let before = pages.clone();
        match pages.read(Some(header), DOMAIN) {
            Ok(()) => check_place(&pages, &before, target),
            Err(LinkError::Loop) => assert_eq!(pages, before),
            Err(LinkError::OtherHost(refused)) => {
                assert_eq!((Some(refused.as_str()), &pages), (target, &before));
                assert!(!refused.starts_with(&format!("https://{DOMAIN}/")), "{refused}");
            }
        }
        // The same header as it arrives.
        let mut followed = before.clone();
        let line = [b"link:", line].concat();
        let is_followed = followed.follow(&read_head(200, &[&line]), DOMAIN).is_ok();
        if header == header.trim() {
            assert_eq!(
                (is_followed, followed == pages),
                (pages != before || target.is_none(), true)
            );
        }
        if pages.next().is_none() {
            pages = LinkPages::from("/first");
        }
    }
}

fn check_place(pages: &LinkPages, before: &LinkPages, target: Option<&str>) {
    let Some(path) = pages.next() else {
        assert_eq!(target, None, "a link that is not followed");
        return;
    };
    assert!(target.is_some_and(|target| target.ends_with(path)), "{path} of {target:?}");
    let is_elsewhere = target.is_some_and(|target| target.starts_with("//"));
    assert!(!is_elsewhere, "{target:?} names a host");
    assert_ne!(pages, before, "the page that the link stands on");
    assert!(path.starts_with('/'), "{path}");
    if let Ok(uri) = format!("https://{DOMAIN}{path}").parse::<Uri>() {
        assert_eq!((uri.host(), uri.port()), (Some(DOMAIN), None), "{path}");
    }
}
