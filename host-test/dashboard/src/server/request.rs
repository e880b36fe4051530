//! Which requests are answered.

use http::{Method, Request, StatusCode, header};

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// With the page.
    Page,
    /// With a status and nothing else.
    Refused(StatusCode),
}

/// Judges a request. One for another host is refused: a web site whose name resolves to
/// this machine could otherwise read the page (DNS rebinding).
pub(super) fn judge<B>(request: &Request<B>) -> Verdict {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let verdict = match (hosts.next().map(|host| host.to_str()), hosts.next()) {
        (Some(Ok(host)), None) if is_this_machine(host) => Ok(()),
        (Some(_), None) => Err(StatusCode::MISDIRECTED_REQUEST),
        (None, _) | (Some(_), Some(_)) => Err(StatusCode::BAD_REQUEST),
    };
    if let Err(status) = verdict {
        return Verdict::Refused(status);
    }
    let authority = request.uri().authority();
    if authority.is_some_and(|authority| !is_this_machine(authority.as_str())) {
        Verdict::Refused(StatusCode::MISDIRECTED_REQUEST)
    } else if request.uri().path() != "/" {
        Verdict::Refused(StatusCode::NOT_FOUND)
    } else if request.method() != Method::GET {
        Verdict::Refused(StatusCode::METHOD_NOT_ALLOWED)
    } else {
        Verdict::Page
    }
}

/// Whether a host, with or without a port, can only be this machine.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &str, uri: &str, hosts: &[&str]) -> Verdict {
        let mut request = Request::builder().method(method).uri(uri);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        judge(&request.body(()).unwrap())
    }

    #[test]
    fn a_name_that_someone_else_chose_is_not_answered() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8080", "[::1]:1", "[::1]"]
        {
            assert_eq!(verdict("GET", "/", &[host]), Verdict::Page, "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:127.0.0.1",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "127.0.0.1@evil.example",
            "0.0.0.0",
            "::1",
            "localhost:80:80",
        ] {
            let refused = Verdict::Refused(StatusCode::MISDIRECTED_REQUEST);
            assert_eq!(verdict("GET", "/", &[host]), refused, "{host}");
        }
        let bad = Verdict::Refused(StatusCode::BAD_REQUEST);
        assert_eq!(verdict("GET", "/", &[]), bad);
        assert_eq!(verdict("GET", "/", &["localhost", "localhost"]), bad);
        let misdirected = Verdict::Refused(StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(verdict("GET", "http://evil.example/", &["localhost"]), misdirected);
    }

    #[test]
    fn there_is_one_page_and_one_way_to_have_it() {
        let local = ["127.0.0.1:1"];
        assert_eq!(verdict("GET", "/?a=b", &local), Verdict::Page);
        for path in ["/favicon.ico", "//", "/index.html"] {
            let missing = Verdict::Refused(StatusCode::NOT_FOUND);
            assert_eq!(verdict("GET", path, &local), missing, "{path}");
        }
        for method in ["POST", "HEAD", "OPTIONS", "DELETE", "X"] {
            let refused = Verdict::Refused(StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(verdict(method, "/", &local), refused, "{method}");
        }
    }
}
