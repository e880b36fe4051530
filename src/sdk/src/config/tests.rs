use serde_json::{Value, json};

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Resource {
    Users,
    Logins,
}

#[derive(Debug, PartialEq)]
enum Login {
    Token(Secret),
    Basic { user: String, password: Secret },
}

#[derive(Debug)]
struct Everything {
    domain: Host,
    client_id: String,
    client_secret: Secret,
    resources: Vec<Resource>,
    log_types: Vec<String>,
    days: i64,
    share: f64,
    archived: bool,
    login: Option<Login>,
}

impl Configuration for Everything {
    const TITLE: &'static str = "Everything";
    const DESCRIPTION: &'static str = "Each kind of field once.";

    fn declare(form: &mut Form<'_>) -> Everything {
        Everything {
            domain: form
                .host("domain", "the tenant's own domain, without a scheme")
                .such_as("acme.eu.auth0.com")
                .under("auth0.com", "custom domains are not supported")
                .required(),
            client_id: form.text("clientId", "the Client ID").title("Client ID").required(),
            client_secret: form.secret("clientSecret", "the Client Secret").required(),
            resources: form
                .list(
                    "resources",
                    "what to sync; all of it when absent",
                    Choice::of(&[("users", Resource::Users), ("logins", Resource::Logins)]),
                )
                .or_all(),
            log_types: form
                .list("logTypes", "the log types that are stored", Text::new())
                .or(vec!["s".to_owned(), "f".to_owned()]),
            days: form.whole("days", "how many days are read").from(1).or(30),
            share: form
                .number("share", "the part of the limit that is used")
                .above(0.0)
                .up_to(1.0)
                .or(0.8),
            archived: form.flag("archived", "whether archived ones are read").or(false),
            login: form
                .one_of(
                    "login",
                    "how to log in",
                    &[
                        ("token", |form| {
                            Login::Token(form.secret("token", "the token").required())
                        }),
                        ("basic", |form| Login::Basic {
                            user: form.text("user", "the user's name").required(),
                            password: form.secret("password", "the password").required(),
                        }),
                    ],
                )
                .optional(),
        }
    }
}

fn read(text: &str) -> Result<Everything, Vec<Issue>> {
    super::read(text, &|name| (name == "SECRET").then(|| "hush".to_owned()))
}

fn paths(text: &str) -> Vec<String> {
    read(text).unwrap_err().into_iter().map(|issue| issue.path).collect()
}

const LEAST: &str =
    r#"{"domain":"Acme.EU.auth0.com","clientId":"id","clientSecret":{"$secret":"SECRET"}}"#;

#[test]
fn the_least_configuration_has_every_default() {
    let read = read(LEAST).unwrap();
    assert_eq!(read.domain.as_str(), "acme.eu.auth0.com");
    assert_eq!(read.client_id, "id");
    assert_eq!(read.client_secret.reveal(), "hush");
    assert_eq!(read.resources, [Resource::Users, Resource::Logins]);
    assert_eq!(read.log_types, ["s", "f"]);
    assert_eq!((read.days, read.share, read.archived), (30, 0.8, false));
    assert_eq!(read.login, None);
    assert!(!format!("{read:?}").contains("hush"), "the secret is not printed");
}

#[test]
fn every_issue_is_reported_at_once_and_those_of_alternatives_too() {
    let all = paths(
        r#"{"domain":"https://acme.auth0.com/","clientSecret":"plain","resources":["users","logs"],
            "logTypes":[""],"days":1.5,"share":0,"client_id":"x","archived":"true",
            "login":{"type":"basic","password":{"$secret":"OTHER"},"pass/word":1}}"#,
    );
    assert_eq!(
        all,
        [
            "/client_id",
            "/domain",
            "/clientId",
            "/clientSecret",
            "/resources/1",
            "/logTypes/0",
            "/days",
            "/share",
            "/archived",
            "/login/pass~1word",
            "/login/user",
            "/login/password/$secret"
        ]
    );
    assert_eq!(paths("[]"), [""]);
    assert_eq!(paths("{"), [""]);
}

#[test]
fn issues_include_a_fix() {
    let issues = read(
        r#"{"domain":"https://acme.auth0.com/","clientID":"x","clientSecret":{"$secret":"OTHER"},
            "resources":[],"login":{"type":"none"}}"#,
    );
    let text = format!("{:?}", issues.unwrap_err());
    for wanted in [
        "`acme.auth0.com`",
        "did you mean `clientId`",
        "Provide the secret `OTHER`",
        "List one or more of users, logins",
        "Write one of token, basic",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let issues = read(r#"{"domain":"acme.example.com","clientId":1}"#).unwrap_err();
    assert!(issues[0].message.contains("which ends in `.auth0.com`, such as `acme.eu.auth0.com`"));
    assert!(issues[0].message.ends_with("; custom domains are not supported."));
    assert_eq!(
        read("7").unwrap_err()[0].message,
        "Make the configuration a JSON object with `domain`, `clientId` and `clientSecret`."
    );
}

#[test]
fn listed_words_are_returned_once_and_in_order() {
    let text =
        LEAST.replace("{\"domain", "{\"resources\":[\"logins\",\"users\",\"users\"],\"domain");
    assert_eq!(read(&text).unwrap().resources, [Resource::Users, Resource::Logins]);
}

#[test]
fn an_alternative_is_read_by_its_type() {
    let text = LEAST.replace(
        "{\"domain",
        r#"{"login":{"type":"basic","user":"u","password":{"$secret":"SECRET"}},"domain"#,
    );
    let password = Secret::new("SECRET", "hush");
    assert_eq!(read(&text).unwrap().login, Some(Login::Basic { user: "u".to_owned(), password }));
}

#[test]
fn the_schema_says_what_is_read() {
    let schema: Value = serde_json::from_str(&schema::<Everything>()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["required"], json!(["domain", "clientId", "clientSecret"]));
    assert_eq!(schema["additionalProperties"], false);
    let property = &schema["properties"];
    assert_eq!(
        property["domain"]["pattern"],
        r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[Aa][Uu][Tt][Hh]0\.[Cc][Oo][Mm]$"
    );
    assert_eq!(
        property["domain"]["description"],
        "The tenant's own domain, without a scheme, such as acme.eu.auth0.com."
    );
    assert_eq!(property["clientId"]["title"], "Client ID");
    assert_eq!(property["clientSecret"]["writeOnly"], true);
    assert_eq!(property["clientSecret"]["properties"]["$secret"]["minLength"], 1);
    assert_eq!(property["resources"]["items"]["enum"], json!(["users", "logins"]));
    assert_eq!(property["resources"].get("default"), None);
    assert_eq!(property["logTypes"]["default"], json!(["s", "f"]));
    assert_eq!(property["days"]["minimum"], 1);
    assert_eq!(
        (&property["share"]["exclusiveMinimum"], &property["share"]["default"]),
        (&json!(0), &json!(0.8))
    );
    let login = &property["login"]["oneOf"];
    assert_eq!(login[0]["properties"]["type"]["const"], "token");
    assert_eq!(login[1]["required"], json!(["type", "user", "password"]));
}
