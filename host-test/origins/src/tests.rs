use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn only_an_https_host_name_is_an_origin() {
    for good in [
        "https://a.example",
        "https://{/domain}",
        "https://{/a/b}.example",
        "https://a.{/domain}",
        "https://api.{/site|data.example}",
        "https://*.ingest.example.com",
        "https://eu.*.{/domain}.example",
    ] {
        assert!(good.parse::<OriginPattern>().is_ok(), "{good}");
    }
    for bad in [
        "http://a.example",
        "https://",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example:8443",
        "https://user@a.example",
        "https://*",
        "https://*.example",
        "https://a.*.example",
        "https://a*.b.example",
        "https://127.0.0.1",
        "https://[::1]",
        "https://0x7f.1",
        "https://2130706433",
        "https://a..example",
        "https://{domain}",
        "https://{/domain",
        "https://{/domain}example",
        "https://{/domain}.7",
        "https://{/domain|a/b}",
        "https://{/domain|}",
    ] {
        assert!(bad.parse::<OriginPattern>().is_err(), "{bad}");
    }
}

#[test]
fn a_configuration_cannot_smuggle_anything_but_a_host_name_into_an_origin() {
    let pattern: OriginPattern = "https://{/domain}".parse().unwrap();
    let suffixed: OriginPattern = "https://{/domain}.auth0.com".parse().unwrap();
    for bad in [
        "",
        "a/b",
        "a:80",
        "a@b",
        "a#",
        "a?b",
        "https://a.example:8443/",
        "https://user@a.example",
        "https://10.0.0.1",
        "://",
        "10.0.0.1",
        "a b",
        "a.",
        "é.example",
        "*.example",
    ] {
        assert!(pattern.resolve(&json!({ "domain": bad })).is_err(), "{bad}");
    }
    assert!(suffixed.resolve(&json!({ "domain": "evil.example/" })).is_err());
    assert!(pattern.resolve(&json!({ "domain": 1 })).is_err());
    let resolved = suffixed.resolve(&json!({ "domain": "Acme.EU" })).unwrap().unwrap();
    assert_eq!(resolved.to_string(), "https://acme.eu.auth0.com");
}

#[test]
fn a_pattern_means_what_the_configuration_holds_its_default_or_nothing() {
    let means = |pattern: &str, configuration: Value| {
        let pattern: OriginPattern = pattern.parse().unwrap();
        pattern.resolve(&configuration).unwrap().map(|resolved| resolved.to_string())
    };
    let url = json!({ "url": "https://Grafana.acme.example/base?x=1" });
    assert_eq!(means("https://{/url}", url).unwrap(), "https://grafana.acme.example");
    let site = "https://api.{/site|data.example}";
    assert_eq!(means(site, json!({})).unwrap(), "https://api.data.example");
    assert_eq!(means(site, json!({ "site": "eu.example" })).unwrap(), "https://api.eu.example");
    assert_eq!(means("https://{/site}", json!({})), None);
    assert_eq!(means("https://{/site}", json!({ "site": null })), None);
}

#[test]
fn a_request_for_anything_but_a_host_name_by_https_is_for_no_origin() {
    for good in ["acme.eu.auth0.com", "ACME.eu.Auth0.com", "acme.eu.auth0.com:443"] {
        let origin = destination("https", good).unwrap();
        assert_eq!(origin.to_string(), "https://acme.eu.auth0.com");
    }
    for (scheme, authority, refusal) in [
        ("http", "acme.auth0.com", Refusal::PlainHttp),
        ("HTTPS", "acme.auth0.com", Refusal::PlainHttp),
        ("", "acme.auth0.com", Refusal::PlainHttp),
        ("https", "acme.auth0.com:8443", Refusal::Port),
        ("https", "acme.auth0.com:", Refusal::Port),
        ("https", "acme.auth0.com:443:443", Refusal::Port),
        ("https", "acme.auth0.com@evil.example", Refusal::UserInformation),
        ("https", "evil.example:x@acme.auth0.com", Refusal::UserInformation),
        ("https", "127.1", Refusal::IpAddress),
        ("https", "[::1]", Refusal::IpAddress),
        ("https", "acme.auth0.com.", Refusal::NoHostName),
        ("https", "acme.auth0.com#", Refusal::NoHostName),
        ("https", "acme.auth0.com/", Refusal::NoHostName),
        ("https", "acme.auth0.com\\", Refusal::NoHostName),
        ("https", "acme%2eauth0.com", Refusal::NoHostName),
        ("https", "acme\u{3002}auth0.com", Refusal::NoHostName),
        ("https", "\u{430}cme.auth0.com", Refusal::NoHostName),
        ("https", " acme.auth0.com", Refusal::NoHostName),
        ("https", "acme.auth0.com\0", Refusal::NoHostName),
        ("https", "", Refusal::NoHostName),
    ] {
        assert_eq!(destination(scheme, authority), Err(refusal), "{scheme}://{authority}");
    }
}

#[test]
fn a_gate_lets_through_what_it_was_opened_for_last_and_before_that_nothing() {
    let passes = |gate: &Gate, host: &str| gate.passes(&destination("https", host).unwrap());
    let mut gate = Gate::new("").unwrap();
    assert!(!passes(&gate, "a.example"));
    let open = |gate: &mut Gate, origin: &str| gate.open(&[origin.to_owned()]);
    open(&mut gate, "https://a.example").unwrap();
    assert!(passes(&gate, "a.example") && !passes(&gate, "b.example"));
    for wrong in ["http://b.example", "https://{/host}", "https://{/host|b.example}", "https://*"] {
        assert!(gate.open(&["https://b.example".to_owned(), wrong.to_owned()]).is_err(), "{wrong}");
        assert!(passes(&gate, "a.example") && !passes(&gate, "b.example"), "{wrong}");
    }
    open(&mut gate, "https://b.example").unwrap();
    assert!(passes(&gate, "b.example") && !passes(&gate, "a.example"));
    gate.open(&[]).unwrap();
    assert!(!passes(&gate, "a.example") && !passes(&gate, "b.example"));
}

#[test]
fn nobody_opens_a_gate_that_was_made_with_origins() {
    let mut gate = Gate::new("https://a.example\n https://*.b.example").unwrap();
    assert!(gate.open(&["https://evil.example".to_owned()]).is_err());
    assert!(gate.open(&[]).is_err());
    for (host, passes) in
        [("a.example", true), ("eu.b.example", true), ("b.example", false), ("evil.example", false)]
    {
        assert_eq!(gate.passes(&destination("https", host).unwrap()), passes, "{host}");
    }
    for wrong in ["https://a.example http://b.example", "https://{/host}", "a.example"] {
        assert!(Gate::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn no_path_names_another_host() {
    for plain in ["", "/", "/api/v2/users?q=a%20b&c=//d", "/a//b"] {
        assert!(is_plain_path(plain), "{plain}");
    }
    for other in [
        ".evil.example/",
        "@evil.example/",
        ":8443/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/e",
        "/é",
        "*",
        "?a",
    ] {
        assert!(!is_plain_path(other), "{other}");
    }
}

proptest! {
    /// What a URL library makes of the accepted text is the host that was judged.
    #[test]
    fn an_accepted_authority_and_path_lead_to_the_judged_host(
        authority in "[a-cA-C0-2.:@/#?%\\[\\]-]{0,12}|(a|b|-|4)(\\.[a-c]{1,3}){1,3}(:443)?",
        path in "[/a.@:\\\\?#]{0,6}",
    ) {
        let Ok(origin) = destination("https", &authority) else { return Ok(()) };
        prop_assume!(is_plain_path(&path));
        let url: http::Uri = format!("https://{authority}{path}").parse().unwrap();
        prop_assert!(url.host().unwrap().eq_ignore_ascii_case(origin.host()));
        prop_assert!(matches!(url.port_u16(), None | Some(443)));
    }

    /// The host of a configured URL is read as a URL library reads it.
    #[test]
    fn a_configured_url_means_the_host_that_a_url_library_finds_in_it(
        url in "(https|a b|1)://[a-c.@:\\\\]{0,8}[a-c/?#]{0,4}",
    ) {
        let pattern: OriginPattern = "https://{/url}".parse().unwrap();
        let Ok(Some(resolved)) = pattern.resolve(&json!({ "url": url })) else { return Ok(()) };
        let parsed: http::Uri = url.parse().unwrap();
        prop_assert_eq!(resolved.to_string(), format!("https://{}", parsed.host().unwrap()));
    }
}
