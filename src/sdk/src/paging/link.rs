//! Pages that link to the next one, by the `Link` header of RFC 8288.

use serde::{Deserialize, Serialize};

use crate::contract::failure::{Failure, FailureKind};
use crate::http::reply::Head;

/// Pages of which each links to the next.
///
/// Only the path and query of a link are kept and requested: a reply never
/// chooses the host that credentials are sent to, and a checkpoint names none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkPages {
    /// The page at this path and query.
    At(String),
    /// Nothing is left.
    End,
}

/// Why a link is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It leads to another host, or is not `https`; this is its target.
    OtherHost(String),
    /// It leads to the page that it stands on.
    Loop,
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Failure {
        match error {
            LinkError::OtherHost(target) => {
                let message = format!(
                    "A page links to {target}, which is not where it was read: check the configured host."
                );
                Failure::new(FailureKind::Misdirected, message)
            }
            LinkError::Loop => {
                let message = "A page links to itself as the next one: report this to the source.";
                Failure::new(FailureKind::Upstream, message)
            }
        }
    }
}

impl LinkPages {
    /// From this path and query.
    pub fn from(path: impl Into<String>) -> LinkPages {
        LinkPages::At(path.into())
    }

    /// The path and query to request; `None` at the end.
    pub fn next(&self) -> Option<&str> {
        match self {
            LinkPages::At(path) => Some(path),
            LinkPages::End => None,
        }
    }

    /// Moves on by the `Link` headers of a page that was requested from this host.
    pub fn follow(&mut self, head: &Head, host: &str) -> Result<(), Failure> {
        let links = head.all("link").collect::<Vec<_>>().join(", ");
        Ok(self.read(Some(&links), host)?)
    }

    /// Moves on by the page's `Link` header, where it has one; `host` is the host
    /// that the page was requested from.
    pub fn read(&mut self, link: Option<&str>, host: &str) -> Result<(), LinkError> {
        let Some(target) = link.and_then(next_link) else {
            *self = LinkPages::End;
            return Ok(());
        };
        let path = path_on(target, host);
        let path = path.ok_or_else(|| LinkError::OtherHost(target.to_owned()))?;
        if self.next() == Some(path) {
            return Err(LinkError::Loop);
        }
        *self = LinkPages::At(path.to_owned());
        Ok(())
    }
}

/// The target of the link whose relation is `next`.
pub fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, link) = rest.split_once('<')?;
        let (target, parameters) = link.split_once('>')?;
        // A comma within a target is not the end of a link, so the next link
        // begins at the next bracket.
        let end = parameters.find('<').unwrap_or(parameters.len());
        let (own, others) = parameters.split_at(end);
        let is_next = own.split([';', ',']).any(|parameter| {
            let relation = parameter.trim().strip_prefix("rel=");
            let relations = relation.map(|relation| relation.trim_matches('"'));
            relations.is_some_and(|relations| relations.split_whitespace().any(|r| r == "next"))
        });
        if is_next {
            return Some(target);
        }
        rest = others;
    }
}

/// The path and query of a target on this host.
fn path_on<'t>(target: &'t str, host: &str) -> Option<&'t str> {
    if target.starts_with('/') && !target.starts_with("//") {
        return Some(target);
    }
    let rest = target.strip_prefix("https://")?;
    let at = rest.find('/')?;
    let (authority, path) = rest.split_at(at);
    authority.eq_ignore_ascii_case(host).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(link: &str) -> Result<LinkPages, LinkError> {
        let mut pages = LinkPages::from("/a?page=1");
        pages.read(Some(link), "api.example.com").map(|()| pages)
    }

    #[test]
    fn only_the_link_to_the_next_page_is_followed() {
        let link = "<https://api.example.com/a?page=9,9>; rel=\"last\", </a?page=2>; title=x; rel=\"x next\"";
        assert_eq!(after(link), Ok(LinkPages::At("/a?page=2".to_owned())));
        assert_eq!(
            after("<https://API.example.com/a?p=3>; rel=next"),
            Ok(LinkPages::At("/a?p=3".to_owned()))
        );
        for end in ["", "</a?page=1>; rel=\"prev\"", "</a", "rel=\"next\"", "</b>; rel=\"nextish\""]
        {
            assert_eq!(after(end), Ok(LinkPages::End), "{end}");
        }
    }

    #[test]
    fn a_reply_does_not_choose_the_host_that_credentials_are_sent_to() {
        for target in [
            "https://evil.example/a",
            "http://api.example.com/a",
            "//evil.example/a",
            "https://api.example.com:8443/a",
            "https://api.example.com@evil.example/a",
            "https://api.example.com",
        ] {
            let refused = Err(LinkError::OtherHost(target.to_owned()));
            assert_eq!(after(&format!("<{target}>; rel=\"next\"")), refused);
        }
        assert_eq!(after("</a?page=1>; rel=\"next\""), Err(LinkError::Loop));
    }
}
