//! `verify`: both connectors keep the contract, and each broken rule is named.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use crate::support::server::{Server, response};
use crate::support::{built, leaks, noon};
use auth0_tenant::{CLIENT_SECRET_MARK, Options, Tenant};
use futures::{StreamExt, stream};
use rawdash_host::component::{CONTRACT_VERSION, Connector};
use rawdash_host::contract::Secret;
use rawdash_host::run::Settings;
use rawdash_host::sandbox::Limits;
use rawdash_host::transport::Roots;
use rawdash_host_cli::EMBEDDED;
use rawdash_verify::{Findings, Rule, Verdict, Verification};
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../examples/github-connector/tests/server/mod.rs"]
mod github_source;

/// A mark that the search for secrets knows.
const KEY: &str = CLIENT_SECRET_MARK;

/// The component that keeps every rule, and has room for one fault.
static ONE_FAULT: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(&built(&["one-fault-connector"])[0]).unwrap());

/// Bytes with a text in place of another of the same length.
fn replaced(bytes: &[u8], text: &str, by: &str) -> Vec<u8> {
    assert_eq!(text.len(), by.len());
    let mut replaced = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len() - text.len())
        .filter(|place| bytes[*place..].starts_with(text.as_bytes()))
        .collect();
    assert!(!places.is_empty(), "{text} is not in the component");
    for place in places {
        replaced[place..place + by.len()].copy_from_slice(by.as_bytes());
    }
    replaced
}

fn with_fault(fault: &str) -> Vec<u8> {
    let room = format!("{:40}", "fault=none");
    replaced(&ONE_FAULT, &room, &format!("{:40}", format!("fault={fault}")))
}

/// A source of three pages of things and one of labels, for whoever has the key.
async fn things() -> Server {
    Server::start(|_, request| {
        let authorization = request.headers().get("authorization");
        if authorization.is_none_or(|value| value != &format!("Bearer {KEY}")) {
            return response(401, &[], "{}");
        }
        if request.uri().path() == "/labels" {
            let labels = [json!({ "id": "l0", "at": 1 }), json!({ "id": "l1", "at": 2 })];
            return response(200, &[], json!({ "labels": labels }).to_string());
        }
        let page: u64 =
            request.uri().query().unwrap().strip_prefix("page=").unwrap().parse().unwrap();
        let thing = |number: u64| {
            let owner = format!("o{}", number % 2);
            json!({ "id": format!("t{number}"), "name": "a thing", "owner": owner, "at": number })
        };
        let next = (page < 2).then_some(page + 1);
        let things = [thing(page * 2), thing(page * 2 + 1)];
        response(200, &[], json!({ "things": things, "next": next }).to_string())
    })
    .await
}

fn settings(configuration: &Value, url: &str) -> Settings {
    Settings {
        configuration: configuration.to_string(),
        secrets: vec![Secret { name: "KEY".to_owned(), value: KEY.to_owned() }],
        routes: vec![
            format!("https://{}={url}", configuration["host"].as_str().unwrap()).parse().unwrap(),
        ],
        limits: Limits { records: 10_000, ..Limits::default() },
        ..Settings::default()
    }
}

fn configuration() -> Value {
    json!({ "host": "things.example", "key": { "$secret": "KEY" } })
}

async fn begun(component: &[u8]) -> Verification {
    Verification::begin(Connector::load(component)).await.unwrap()
}

async fn verified(component: &[u8], source: &Server) -> Findings {
    let mut verification = begun(component).await;
    // A source that is refused or that is gone is no fault of the component.
    let _ = verification.under("things.json", &settings(&configuration(), &source.url)).await;
    verification.findings()
}

/// The broken rules, and all that is reported of them.
fn broken(findings: &Findings) -> (Vec<&'static str>, String) {
    let mut told = String::new();
    let is_broken = |rule: &Rule| match findings.verdict(*rule) {
        Verdict::Wrong(problems) => {
            told.extend(problems.iter().map(|problem| format!("{}\n", problem.what)));
            true
        }
        _ => false,
    };
    let names = Rule::ALL.into_iter().filter(is_broken).map(Rule::name).collect();
    (names, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_keeps_every_rule_is_told_so() {
    let source = things().await;
    let findings = verified(&ONE_FAULT, &source).await;
    for rule in Rule::ALL {
        assert_eq!(findings.verdict(rule), Verdict::Ok, "{rule:?}");
    }
}

/// Faults, the rules that each breaks, and a part of what is reported.
const FAULTS: [(&str, &[&str], &str); 60] = [
    ("describe-sends", &["description"], "sends a request"),
    ("id", &["manifest"], "other characters than a-z"),
    ("version", &["manifest"], "not a valid semantic version"),
    ("plain-http", &["origins"], "is not https"),
    ("no-tagline", &["documentation"], "tagline"),
    ("name-twice", &["resources", "not-configured", "configured", "check", "steps"], "used twice"),
    ("undescribed-field", &["fields"], "has no description"),
    ("no-granularity", &["metrics"], "daily"),
    ("schema-text", &["schema"], "not JSON"),
    ("schema-type", &["schema"], "not a JSON Schema"),
    ("readable-secret", &["schema-secrets"], "not writeOnly"),
    ("points-nowhere", &["schema-origins", "configured"], "which the schema lacks"),
    ("syncs-unconfigured", &["not-configured"], "`sync` returns no failure"),
    ("traps-at-once", &["returns"], "crashed"),
    ("takes-anything", &["configuration", "issues"], "accepts what the schema refuses"),
    ("refuses-all", &["configuration"], "refuses what the schema accepts"),
    ("issue-elsewhere", &["issues"], "/elsewhere"),
    ("one-issue", &["all-issues"], "every member is invalid"),
    ("configure-forgets", &["configure-keeps"], "is gone"),
    ("configure-replaces", &["configure-keeps"], "a checkpoint was refused"),
    ("configure-sends", &["configure-offline"], "sends a request"),
    ("configured-more", &["configured", "check", "steps"], "does not have"),
    ("origin-beyond", &["configured"], "evil.example"),
    ("any-request", &["request"], "returns a step"),
    ("check-leaves-out", &["check"], "instead of"),
    ("never-done", &["run"], "steps in a row"),
    ("empty-for-ever", &["run"], "steps in a row"),
    ("batch-after-end", &["steps"], "no run of thing is under way"),
    (
        "no-beginning",
        &["steps", "authentication", "unreachable"],
        "before a run of thing had ended",
    ),
    ("auto-run", &["steps"], "mode auto"),
    ("effect", &["effects"], "cannot replace from nodes"),
    ("timestamp", &["timestamps"], "-1"),
    ("no-object", &["records"], "not a JSON object"),
    ("undeclared-attribute", &["attributes"], "colour"),
    ("no-dimension", &["attributes"], "lacks the dimension"),
    ("progress-shrinks", &["progress"], "fewer"),
    ("counts-anew", &["progress"], "fewer"),
    ("generation-stands-still", &["generations"], "is less than"),
    ("overlapping-windows", &["windows"], "removes them"),
    ("since-deletes", &["wants"], "is missing"),
    ("changed-doubles", &["changed-events"], "after name of its events changed"),
    ("empty-stays", &["empty-lists"], "complete after an empty list"),
    ("page-is-empty", &["empty-lists"], "after a page that is no list"),
    ("edges-stay", &["removed-edges"], "should not be there"),
    ("again-doubles", &["again", "resume", "postponed"], "should not be there"),
    (
        "clocked",
        &["again", "changed-events", "determinism", "resume", "postponed"],
        "in a second instance",
    ),
    ("forgets", &["resume"], "is missing"),
    ("resumed-is-enough", &["steps"], "without the requested one"),
    ("large-checkpoint", &["checkpoint"], "more than 1048576"),
    ("host-in-checkpoint", &["checkpoint"], "things.example"),
    ("takes-altered", &["altered-checkpoint", "foreign-checkpoint"], "truncated to"),
    ("takes-foreign", &["foreign-checkpoint"], "another source"),
    ("refusal-is-upstream", &["authentication"], "fails as upstream"),
    ("done-where-nobody-is", &["unreachable"], "ends complete"),
    ("one-for-all", &["postponed"], "the sync fails"),
    ("impatient", &["patience"], "does not return"),
    ("secret-in-checkpoint", &["resume", "secrecy"], "a checkpoint holds"),
    ("secret-in-failure", &["secrecy"], "message holds"),
    ("secret-in-record", &["secrecy"], "a record holds"),
    ("none", &[], ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_rule_is_named_and_no_other() {
    let source = Arc::new(things().await);
    // A few at once, on threads of their own: most of it is compiling.
    let tried = stream::iter(FAULTS).map(|(fault, rules, part)| {
        let source = source.clone();
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let found = runtime.block_on(verified(&with_fault(fault), &source));
            let (names, told) = broken(&found);
            let as_written =
                names == rules && told.contains(part) && leaks::found(told.as_bytes()).is_none();
            (!as_written).then(|| format!("{fault}: {names:?} {told}"))
        })
    });
    let wrong: Vec<String> =
        tried.buffer_unordered(4).filter_map(async |wrong| wrong.unwrap()).collect().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hinders_a_verification_is_told_without_secrets() {
    let refusing = Server::start(|_, _| response(401, &[], "{}")).await;
    let mut verification = begun(&with_fault("secret-in-failure")).await;
    let settings = settings(&configuration(), &refusing.url);
    let hindered = verification.under("things.json", &settings).await.unwrap_err();
    assert!(hindered.message.contains("with the key [KEY]"), "{}", hindered.message);
    let (_, told) = broken(&verification.findings());
    leaks::none_in("what was found", told);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_authorities_that_cannot_be_read_are_reported_and_break_no_rule() {
    let mut verification = begun(&ONE_FAULT).await;
    let mut settings = settings(&configuration(), "http://127.0.0.1:1");
    settings.routes.clear();
    settings.network.roots = Roots::Only(vec![b"no certificate".to_vec().into()]);
    let hindered = verification.under("things.json", &settings).await.unwrap_err();
    assert_eq!(hindered.kind, "configuration");
    let expected = "the certificate authorities cannot be read";
    assert!(hindered.message.starts_with(expected), "{}", hindered.message);
    let (names, told) = broken(&verification.findings());
    assert_eq!(names, [""; 0], "{told}");
}

#[test]
fn no_rule_is_without_a_component_that_breaks_it() {
    // Broken below, by components that are not even loaded.
    let unloaded = ["component", "contract", "imports"];
    for rule in Rule::ALL {
        let name = rule.name();
        let breaks = FAULTS.iter().any(|(_, rules, _)| rules.contains(&name));
        assert!(breaks || unloaded.contains(&name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_cannot_be_loaded_breaks_the_rule_that_says_why() {
    let imports = replaced(&ONE_FAULT, "wasi:clocks/wall-clock@", "wasi:sockets/ip-lookup@");
    let versioned = replaced(&ONE_FAULT, "@0.2.0", "@0.3.0");
    for (component, rule, part) in [
        (b"no component".to_vec(), "component", "not a WebAssembly component"),
        (versioned, "contract", "0.3.0"),
        (imports, "imports", "wasi:sockets/ip-lookup"),
    ] {
        let findings = begun(&component).await.findings();
        let (names, told) = broken(&findings);
        assert_eq!(names, [rule], "{told}");
        assert!(told.contains(part), "{told}");
        assert!(matches!(findings.verdict(Rule::Resume), Verdict::NotTried(_)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_configuration_nothing_is_called_kept_that_was_not_tried() {
    let findings = begun(&ONE_FAULT).await.findings();
    for rule in Rule::ALL {
        let verdict = findings.verdict(rule);
        let tried = rule < Rule::Configuration;
        assert_eq!(verdict == Verdict::Ok, tried, "{rule:?}: {verdict:?}");
    }
}

/// It has every shape and effect of the contract that a rule is about: a rule that
/// is not tried here may be tried nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_github_example_keeps_every_rule_and_leaves_none_untried() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let ready = |url: &str| sender.send(url.to_owned()).unwrap();
        script_server::serve(0, github_source::GitHub::small(), ready)
    });
    let url = receiver.recv().unwrap();
    let token = json!({ "$secret": "TOKEN" });
    let settings = Settings {
        configuration: json!({ "owner": "acme", "repository": "site", "token": token }).to_string(),
        secrets: vec![Secret { name: "TOKEN".to_owned(), value: github_source::TOKEN.to_owned() }],
        routes: vec![format!("https://api.github.com={url}").parse().unwrap()],
        ..Settings::default()
    };
    let component = std::fs::read(&built(&["github-connector"])[0]).unwrap();
    let mut verification = begun(&component).await;
    verification.under("github.json", &settings).await.unwrap();
    let findings = verification.findings();
    for rule in Rule::ALL {
        assert_eq!(findings.verdict(rule), Verdict::Ok, "{rule:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weather_example_keeps_every_rule_that_applies_to_it() {
    let stations = r#"[
        {"id": "s1", "name": "Harbour", "region": "north", "at": 1000, "temperatures": [4.5, 6.0]},
        {"id": "s2", "name": "Hill", "region": "south", "at": 2000, "temperatures": [1.0]}
    ]"#;
    let source = Server::start(move |_, _| response(200, &[], stations)).await;
    let component = std::fs::read(&built(&["weather-connector"])[0]).unwrap();
    let findings = verified(&component, &source).await;
    for rule in Rule::ALL {
        let why = match rule {
            Rule::Postponed => "no resource has an endpoint of its own",
            Rule::ChangedEvents => "does not apply",
            _ => {
                assert_eq!(findings.verdict(rule), Verdict::Ok, "{rule:?}");
                continue;
            }
        };
        let Verdict::NotTried(told) = findings.verdict(rule) else { panic!("{rule:?}") };
        assert!(told.starts_with(why), "{rule:?}: {told}");
    }
}

/// `rawdash-host` with a component in a file, and what it says.
struct Author {
    directory: TempDir,
}

impl Author {
    fn new(component: &[u8]) -> Author {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("connector.wasm"), component).unwrap();
        Author { directory }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, value: &Value) -> String {
        std::fs::write(Path::new(&self.path(name)), value.to_string()).unwrap();
        self.path(name)
    }

    /// Runs a command while servers of the test answer.
    async fn run(&self, arguments: &[&str], secret: Option<(&str, &str)>) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
        command.args(arguments).stdin(Stdio::null()).env_remove("KEY");
        command.envs(secret);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        leaks::none_in("what the command said", [&*output.stdout, &output.stderr].concat());
        let status = output.status.code().unwrap();
        (status, text(&output.stdout), text(&output.stderr))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auth0_connector_keeps_every_rule() {
    let options = Options { users: 150, logs: 250, odd: false, ..Options::default() };
    let tenant = Tenant::start(options, noon()).await.unwrap();
    let author = Author::new(EMBEDDED);
    let configuration = json!({
        "domain": tenant.domain(),
        "clientId": tenant.client_id(),
        "clientSecret": { "$secret": "AUTH0_CLIENT_SECRET" },
        "rateLimitShare": 1,
    });
    let few = json!({
        "domain": tenant.domain(),
        "clientId": tenant.client_id(),
        "clientSecret": { "$secret": "AUTH0_CLIENT_SECRET" },
        "resources": ["users", "daily_active_users"],
    });
    let (whole, few) = (author.write("whole.json", &configuration), author.write("few.json", &few));
    let component = author.path("connector.wasm");
    let route = format!("https://{{/domain}}={}", tenant.url());
    let arguments =
        ["verify", &component, "--config", &whole, "--config", &few, "--route", &route, "--json"];
    let secret = tenant.client_secret();
    let (status, said, told) = author.run(&arguments, Some(("AUTH0_CLIENT_SECRET", &secret))).await;
    assert_eq!(status, 0, "{told}");
    let found: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&found["broken"], &found["failure"]), (&json!(0), &Value::Null));
    let rules = found["rules"].as_array().unwrap();
    assert_eq!(rules.len(), Rule::ALL.len());
    for rule in rules {
        assert!(rule["fix"].is_string(), "{rule}");
        if rule["rule"] == Rule::RemovedEdges.name() {
            assert_eq!(rule["why"], "does not apply: no resource is of edges");
            continue;
        }
        assert_eq!(rule["verdict"], "ok", "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_exits_70_in_one_line_with_the_fix() {
    let source = things().await;
    let author = Author::new(&with_fault("forgets"));
    let component = author.path("connector.wasm");
    let config = author.write("things.json", &configuration());
    let route = format!("https://things.example={}", source.url);
    let arguments = ["verify", &component, "--config", &config, "--route", &route];
    let (status, said, _) = author.run(&arguments, Some(("KEY", KEY))).await;
    assert_eq!(status, 70, "{said}");
    assert_eq!(said.lines().count(), Rule::ALL.len(), "{said}");
    let line = said.lines().find(|line| line.starts_with("wrong")).unwrap();
    assert!(line.contains("resume") && line.contains("interrupted after step"), "{line}");
    assert!(line.contains(Rule::Resume.fix()), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hinders_a_verification_is_no_broken_rule_and_no_success() {
    let source = Server::start(|_, _| response(401, &[], "{}")).await;
    let author = Author::new(&ONE_FAULT);
    let component = author.path("connector.wasm");
    let config = author.write("things.json", &configuration());
    let elsewhere = author.write("elsewhere.json", &json!({ "host": 1 }));
    let missing = author.path("missing.wasm");
    let absent = author.path("absent.json");
    let route = format!("https://things.example={}", source.url);
    let foreign = format!("https://other.example={}", source.url);
    for (arguments, secret, wanted) in [
        (vec!["verify", &component, "--config", &config, "--route", &route], true, 77),
        (vec!["verify", &component, "--config", &config], false, 78),
        (vec!["verify", &component, "--config", &elsewhere], true, 78),
        (vec!["verify", &component, "--config", &absent], true, 78),
        (vec!["verify", &missing], true, 70),
        (vec!["verify", &component, "--config", &config, "--route", &foreign], true, 64),
        (vec!["verify"], true, 64),
        (vec!["verify", &component], true, 0),
    ] {
        let secret = secret.then_some(("KEY", KEY));
        let (status, _, told) = author.run(&arguments, secret).await;
        assert_eq!(status, wanted, "{arguments:?}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_refuses_a_component_of_another_contract_with_both_versions() {
    for version in ["0.1.0", "0.3.0", "1.0.0"] {
        let author = Author::new(&replaced(&ONE_FAULT, "@0.2.0", &format!("@{version}")));
        let component = author.path("connector.wasm");
        let config = author.write("things.json", &configuration());
        let database = author.path("rawdash.sqlite");
        for arguments in [
            vec!["describe", "--component", &component],
            vec!["verify", &component],
            vec!["sync", "--component", &component, "--config", &config, "--db", &database],
            vec!["check", "--component", &component, "--config", &config],
        ] {
            let (status, said, told) = author.run(&arguments, Some(("KEY", KEY))).await;
            let told = format!("{said}{told}");
            assert_eq!(status, 70, "{arguments:?}: {told}");
            let what_to_do = if version < CONTRACT_VERSION { "rebuild it" } else { "newer host" };
            for part in [version, CONTRACT_VERSION, what_to_do] {
                assert!(told.contains(part), "{arguments:?}: {told}");
            }
        }
        assert!(!Path::new(&database).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_another_patch_of_the_contract_runs() {
    let component = replaced(&ONE_FAULT, "@0.2.0", "@0.2.7");
    assert_eq!(Connector::load(&component).unwrap().contract_version().to_string(), "0.2.7");
    let source = things().await;
    let (names, told) = broken(&verified(&component, &source).await);
    assert!(names.is_empty(), "{names:?}: {told}");
}
