use super::*;

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, UnusableProxy> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Proxies::from_variables(move |name| {
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    })
}

fn chosen(variables: &[(&str, &str)], host: &str) -> Option<String> {
    proxies(variables).unwrap().for_host(host).map(ToString::to_string)
}

#[test]
fn the_proxy_of_the_environment_is_used_in_either_spelling() {
    for (variables, wanted) in [
        (&[][..], None),
        (&[("HTTPS_PROXY", "http://a:1")], Some("http://a:1")),
        (&[("https_proxy", "http://a:1")], Some("http://a:1")),
        (&[("https_proxy", "http://a:1"), ("HTTPS_PROXY", "http://b:1")], Some("http://a:1")),
        (&[("https_proxy", ""), ("HTTPS_PROXY", "http://b:1")], Some("http://b:1")),
        (&[("HTTPS_PROXY", " \n"), ("all_proxy", "http://b:1")], Some("http://b:1")),
        (&[("ALL_PROXY", "https://a:1"), ("HTTPS_PROXY", "http://b:1")], Some("http://b:1")),
        (&[("ALL_PROXY", "https://a:1"), ("HTTP_PROXY", "http://b:1")], Some("https://a:1")),
        (&[("http_proxy", "http://a:1")], Some("http://a:1")),
        (&[("HTTPS_PROXY", "a:3128")], Some("http://a:3128")),
        (&[("HTTPS_PROXY", "user:pass@a:3128")], Some("http://a:3128")),
        (&[("HTTPS_PROXY", "http://a/")], Some("http://a")),
        (&[("HTTPS_PROXY", "http://[::1]:3128")], Some("http://[::1]:3128")),
        (&[("NO_PROXY", "x")], None),
    ] {
        assert_eq!(chosen(variables, "acme.auth0.com").as_deref(), wanted, "{variables:?}");
    }
}

#[test]
fn hosts_in_no_proxy_are_reached_without_one_and_no_others() {
    for (except, host, direct) in [
        ("acme.auth0.com", "acme.auth0.com", true),
        ("ACME.auth0.com", "acme.auth0.com", true),
        ("auth0.com", "acme.auth0.com", true),
        (".auth0.com", "acme.auth0.com", true),
        (".auth0.com", "auth0.com", true),
        ("a.example, auth0.com", "acme.auth0.com", true),
        ("a.example auth0.com", "acme.auth0.com", true),
        ("*", "acme.auth0.com", true),
        ("h0.com", "acme.auth0.com", false),
        ("me.auth0.com", "acme.auth0.com", false),
        ("acme.auth0.com.evil.example", "acme.auth0.com", false),
        ("10.0.0.0/8", "acme.auth0.com", false),
        ("", "acme.auth0.com", false),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let variables = [("HTTPS_PROXY", "http://a:1"), (name, except)];
            assert_eq!(chosen(&variables, host).is_none(), direct, "{except} {host}");
        }
    }
}

#[test]
fn an_address_that_is_no_proxy_is_refused_by_its_variable_and_not_shown() {
    for wrong in [
        "socks5://user:hunter22@a:1",
        "ftp://user:hunter22@a",
        "http://user:hunter22@",
        "http://user:hun#ter22@a:1",
        "http://user:hun/ter22@a:1",
        "http://user:hun?ter22@a:1",
        "http://user:hun@ter22@a:1",
        "http://user:hunter22@a:port",
        "http://user:hunter22@a:99999",
        "http://",
        "http://user:hunter 22@a",
    ] {
        let error = proxies(&[("all_proxy", wrong)]).unwrap_err().to_string();
        assert!(error.starts_with("the environment variable all_proxy "), "{error}");
        assert!(error.contains("--no-proxy"), "{error}");
        assert!(!error.contains("hun") && !error.contains("ter22"), "{error}");
    }
}

#[test]
fn the_credentials_are_sent_as_they_are_meant_and_shown_nowhere() {
    let proxies = proxies(&[("HTTPS_PROXY", "http://user:p%40ss%2Fword@a:1")]).unwrap();
    let proxy = proxies.for_host("host").unwrap();
    // user:p@ss/word
    assert_eq!(proxy.authorization().unwrap(), "Basic dXNlcjpwQHNzL3dvcmQ=");
    let shown = format!("{proxy} {proxy:?} {proxies:?}");
    assert!(!shown.contains("ss") && !shown.contains("user") && !shown.contains("dXNl"), "{shown}");
    let redaction = crate::redaction::Redaction::new(proxies.secrets());
    for text in ["p@ss/word", "p%40ss%2Fword", "dXNlcjpwQHNzL3dvcmQ=", "p@ss\\/word"] {
        assert_eq!(redaction.apply(text), "[proxy credentials]", "{text}");
    }
    let token = super::tests::proxies(&[("HTTPS_PROXY", "http://a-token@a:1")]).unwrap();
    let redaction = crate::redaction::Redaction::new(token.secrets());
    assert_eq!(redaction.apply("a-token"), "[proxy credentials]");
}
