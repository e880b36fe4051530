use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::snapshot::{
    Activity, Days, Event, Logins, Moment, Resource, Series, Server, Shape, SyncState, Users,
};

/// Texts that want to be more than text.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' style='position:fixed' x='",
    "</style></title><style>@import url(//evil.example)</style>",
    "&lt;script&gt; <!-- ]]> ",
    "\u{202e}moc.elpmaxe@ada\u{2066}",
    "a\u{0}\u{1b}[2J\r\n\u{85}b",
    "https://evil.example/?javascript:alert(1)",
];

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        "\\PC{0,20}",
        Just("ä".repeat(10_000)),
    ]
}

fn series() -> impl Strategy<Value = Series> {
    vec(option::of(prop_oneof![any::<u64>(), 0..100_u64]), Days::COUNT).prop_map(Series)
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![any::<i64>(), 1_700_000_000_000..1_800_000_000_000_i64].prop_map(Moment)
}

prop_compose! {
    fn activity()(
        last in moment(),
        (total, blocked) in any::<(u64, Option<u64>)>(),
        (created, logins, wrong_passwords, other_failures, signups)
            in (series(), series(), series(), series(), series()),
    ) -> Activity {
        let users = Users { total, blocked, created };
        let days = Days { last: last.day() };
        let logins = Logins::Events(logins);
        Activity { days, users, logins, wrong_passwords, other_failures, signups }
    }
}

prop_compose! {
    fn event()(
        (at, resource) in (moment(), hostile()),
        log_type in option::of(hostile()),
        (user, email) in (option::of(hostile()), option::of(hostile())),
        (connection, ip) in (option::of(hostile()), option::of(hostile())),
    ) -> Event {
        Event { at, resource, log_type, user, email, connection, ip }
    }
}

prop_compose! {
    fn resource()(
        (name, rows, newest) in (hostile(), any::<u64>(), option::of(moment())),
    ) -> Resource {
        Resource { name, shape: Shape::Edge, rows, newest }
    }
}

prop_compose! {
    fn numbers()(
        (last_sync, last_full) in (option::of(moment()), option::of(moment())),
        error in option::of(hostile()),
        resources in vec(resource(), 0..3),
        activity in option::of(activity()),
        events in vec(event(), 0..3),
    ) -> Numbers {
        let server = error.map_or(Server::Busy, |error| Server::Failed { error });
        let sync = SyncState { last_sync, last_full, server };
        Numbers { sync, resources, activity, events }
    }
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let found = prop_oneof![
        Just(Found::NoTables),
        vec(hostile(), 0..3).prop_map(|others| Found::NoConnector { others }),
        numbers().prop_map(|numbers| Found::Connector(Box::new(numbers))),
    ];
    let whole = (hostile(), hostile(), moment(), found);
    whole.prop_map(|(connector, file, taken, found)| Snapshot { connector, file, taken, found })
}

/// The tags of a page. Fails where one is not closed, or not of this program.
fn tags(page: &str) -> Vec<String> {
    const KNOWN: &str = "html head meta title style body header main footer section h1 h2 h3 p ul li \
                         pre code dl dt dd div span strong small bdi time figure figcaption svg g \
                         rect line text details summary table caption thead tbody tr th td";
    let (mut seen, mut open) = (Vec::new(), Vec::new());
    let page = page.strip_prefix("<!doctype html>\n").unwrap();
    for part in page.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("{part}"));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap().to_owned();
        assert!(KNOWN.split(' ').any(|known| known == name), "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            if name != "meta" {
                open.push(name.clone());
            }
            seen.push(tag.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    seen
}

fn assert_harmless(page: &str) {
    for tag in tags(page) {
        for (end, _) in tag.match_indices("=\"") {
            let name = tag[..end].rsplit(' ').next().unwrap();
            assert!(
                !name.starts_with("on") && !["src", "href", "style", "action"].contains(&name),
                "{tag}"
            );
        }
    }
    assert_eq!(page.matches("<style>").count(), 1);
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert!(page.contains(CONTENT_SECURITY_POLICY.replace('\'', "&#39;").as_str()));
    assert!(!page.contains(['\u{0}', '\u{1b}', '\r', '\u{85}']));
    assert!(!page.contains("NaN") && !page.contains("Infinity"));
    // One text of 10,000 characters would be longer.
    assert!(page.len() < 120_000, "{}", page.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_of_a_database_becomes_a_part_of_the_page(snapshot in snapshot()) {
        assert_harmless(&page(&snapshot));
    }

    #[test]
    fn no_message_becomes_a_part_of_the_page(name in hostile(), message in "\\PC{0,200}") {
        assert_harmless(&failure(&name, &message));
    }
}

fn quiet(found: Found) -> Snapshot {
    let (connector, file) = ("auth0".to_owned(), "rawdash.db".to_owned());
    Snapshot { connector, file, taken: Moment(1_700_000_000_000), found }
}

#[test]
fn a_page_without_numbers_says_what_to_do() {
    let page = page(&quiet(Found::NoTables));
    assert!(page.contains("none of rawdash’s tables") && page.contains("rawdash-host sync"));
    let others = vec!["github".to_owned()];
    let page = super::page(&quiet(Found::NoConnector { others }));
    assert!(page.contains("--name") && page.contains("<li><bdi>github</bdi></li>"));
}

#[test]
fn the_page_is_not_called_fresh_where_no_recent_sync_completed() {
    const HOUR: i64 = 3_600_000;
    let now = 1_700_000_000_000;
    let badge = |last_sync: Option<i64>, newest: i64, rows: u64| {
        let (name, newest) = ("r".to_owned(), Some(Moment(now - newest * HOUR)));
        let resource = Resource { name, shape: Shape::Event, rows, newest };
        let last_sync = last_sync.map(|hours| Moment(now - hours * HOUR));
        let sync = SyncState { last_sync, ..SyncState::default() };
        let (resources, activity, events) = (vec![resource], None, Vec::new());
        let numbers = Numbers { sync, resources, activity, events };
        let page = page(&quiet(Found::Connector(Box::new(numbers))));
        let (_, badge) = page.split_once("<strong class=\"badge ").unwrap();
        badge.split(['>', '<']).nth(1).unwrap().to_owned()
    };
    assert_eq!(badge(Some(1), 50, 1), "fresh");
    assert_eq!(badge(Some(50), 50, 1), "stale");
    assert_eq!(badge(Some(50), 1, 1), "incomplete");
    assert_eq!(badge(None, 1, 1), "incomplete");
    assert_eq!(badge(None, 50, 1), "stale");
    assert_eq!(badge(Some(1), 50, 0), "no rows");
}

#[test]
fn every_chart_can_be_read_as_text_and_every_table_has_a_caption() {
    let mut wrong_passwords = Series::zero();
    wrong_passwords.add(3, 1234);
    let days = Days { last: Moment(1_700_000_000_000).day() };
    let activity = Activity {
        days,
        users: Users { total: 5, blocked: Some(2), created: Series::zero() },
        logins: Logins::Statistics(Series::zero()),
        wrong_passwords,
        other_failures: Series::unknown(),
        signups: Series::unknown(),
    };
    let numbers = Numbers {
        sync: SyncState::default(),
        resources: Vec::new(),
        activity: Some(activity),
        events: Vec::new(),
    };
    let page = page(&quiet(Found::Connector(Box::new(numbers))));
    let tags = tags(&page);
    let count = |start: &str| tags.iter().filter(|tag| tag.starts_with(start)).count();
    assert_eq!(count("svg class=\"plot\""), 3);
    assert_eq!(page.matches("role=\"img\" aria-label=\"").count(), 3);
    assert_eq!(page.matches("1,234 wrong passwords in all, the most, 1,234, on ").count(), 1);
    assert_eq!(page.matches("Nothing is stored of these days.").count(), 1);
    assert_eq!(count("table"), count("caption"));
    assert_eq!((count("title"), count("h1"), count("main")), (1 + 3 * Days::COUNT, 1, 1));
    assert!(page.contains("<html lang=\"en\">"));
}
