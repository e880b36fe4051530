use super::*;
use serde_json::json;

fn policy() -> OriginPolicy {
    let declared = ["https://{/domain}".to_owned(), "https://cdn.example".to_owned()];
    OriginPolicy::new(&declared, &json!({ "domain": "Acme.eu.auth0.com" })).unwrap()
}

fn egress(routes: &[&str]) -> Result<Egress, OriginError> {
    let routes: Vec<Route> = routes.iter().map(|route| route.parse()).collect::<Result<_, _>>()?;
    let named = ["https://acme.eu.auth0.com".to_owned(), "https://cdn.example".to_owned()];
    Egress::new(&policy(), &named, &routes)
}

#[test]
fn a_component_reaches_no_origin_beyond_its_manifest() {
    let declared = ["https://*.ingest.example.com".to_owned(), "https://{/site}".to_owned()];
    let policy = OriginPolicy::new(&declared, &json!({})).unwrap();
    let egress = |named: &str| Egress::new(&policy, &[named.to_owned()], &[]);
    assert!(egress("https://Eu.ingest.example.com").is_ok());
    for beyond in [
        "https://ingest.example.com",
        "https://a.b.ingest.example.com",
        "https://eu.ingest.example.com.evil.example",
        "https://*.ingest.example.com",
        "https://evil.example",
        "http://eu.ingest.example.com",
        "https://eu.ingest.example.com:8443",
        "",
    ] {
        assert!(matches!(egress(beyond), Err(OriginError::Beyond { .. })), "{beyond}");
    }
    let route = "https://*.ingest.example.com=http://127.0.0.1:8080".parse().unwrap();
    let egress = Egress::new(&policy, &["https://eu.ingest.example.com".into()], &[route]).unwrap();
    assert!(egress.decide("https", "eu.ingest.example.com").unwrap().route.is_some());
    assert!(egress.decide("https", "us.ingest.example.com").is_err(), "it was not named");
}

#[test]
fn a_route_stays_on_this_machine_and_names_a_declared_origin() {
    for good in [
        "https://{/domain}=http://127.0.0.1:8080",
        "https://acme.eu.auth0.com=https://[::1]:8443",
        "https://cdn.example=http://localhost:1/",
    ] {
        assert!(egress(&[good]).is_ok(), "{good}");
    }
    for bad in [
        "https://other.example=http://127.0.0.1:1",
        "https://cdn.example=http://10.0.0.1:1",
        "https://cdn.example=http://cdn.example:1",
        "https://cdn.example=http://127.0.0.1:1/path",
        "https://cdn.example=http://u@127.0.0.1:1",
        "https://cdn.example=ftp://127.0.0.1:1",
        "https://cdn.example=127.0.0.1:1",
        "https://cdn.example",
    ] {
        assert!(egress(&[bad]).is_err(), "{bad}");
    }
    let routed = egress(&["https://{/domain}=https://127.0.0.1:8443"]).unwrap();
    let target = Loopback { https: true, address: "127.0.0.1:8443".parse().unwrap() };
    assert_eq!(routed.decide("https", "acme.eu.auth0.com").unwrap().route, Some(target));
    assert_eq!(routed.decide("https", "cdn.example").unwrap().route, None);
}

#[test]
fn a_request_leaves_only_for_a_declared_origin() {
    let egress = egress(&[]).unwrap();
    for good in ["acme.eu.auth0.com", "ACME.eu.auth0.com", "acme.eu.auth0.com:443"] {
        assert!(egress.decide("https", good).is_ok(), "{good}");
    }
    let undeclared = || {
        DenialReason::Undeclared(vec![
            "https://acme.eu.auth0.com".to_owned(),
            "https://cdn.example".to_owned(),
        ])
    };
    for (scheme, authority, reason) in [
        ("http", "acme.eu.auth0.com", DenialReason::PlainHttp),
        ("https", "acme.eu.auth0.com:8443", DenialReason::Port),
        ("https", "acme.eu.auth0.com:080", DenialReason::Port),
        ("https", "u:p@acme.eu.auth0.com", DenialReason::UserInformation),
        ("https", "127.0.0.1", DenialReason::IpAddress),
        ("https", "127.0.0.1:80", DenialReason::IpAddress),
        ("https", "0x7f000001", DenialReason::IpAddress),
        ("https", "2130706433", DenialReason::IpAddress),
        ("https", "[::1]", DenialReason::IpAddress),
        ("https", "evil.example", undeclared()),
        ("https", "acme.eu.auth0.com.evil.example", undeclared()),
        ("https", "eu.auth0.com", undeclared()),
        ("https", "acme.eu.auth0.com.", undeclared()),
        ("https", "", undeclared()),
    ] {
        let denial = egress.decide(scheme, authority).unwrap_err();
        assert_eq!(denial.reason, reason, "{scheme}://{authority}");
    }
}

#[test]
fn a_denial_shows_no_password() {
    let denial = egress(&[]).unwrap().decide("https", "user:hunter2@evil.example").unwrap_err();
    assert!(!denial.to_string().contains("hunter2"), "{denial}");
}

#[test]
fn only_public_addresses_are_public() {
    for public in [
        "1.1.1.1",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for private in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "::7f00:1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
}

#[test]
fn a_range_of_addresses_is_read_as_it_is_meant_or_not_at_all() {
    for (text, meant) in [
        ("10.1.2.3", "10.1.2.3/32"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("fd12::5", "fd12::5/128"),
        ("::ffff:10.1.2.3", "10.1.2.3/32"),
    ] {
        assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), meant);
    }
    for wrong in ["", "10.1.2", "10.1.2.0/33", "10.1.2.0/", "host.example", "10.0.0.1-10.0.0.9"] {
        let error = wrong.parse::<AddressRange>().unwrap_err().to_string();
        assert!(error.contains("as in 10.1.2.3 or 10.1.0.0/16"), "{error}");
    }
}
