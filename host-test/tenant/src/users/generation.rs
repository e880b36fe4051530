//! The users that a seed generates.

use super::odd;
use super::user::User;
use crate::instant::{DAY, HOUR, MINUTE, rfc3339};
use crate::options::Options;
use crate::random::Random;
use serde_json::{Map, Value, json};

const STREAM: u64 = 0x05e5;

const GIVEN_NAMES: [&str; 16] = [
    "Ada",
    "Barbara",
    "Chuck",
    "Dorothy",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "Ivan",
    "Joan",
    "Karen",
    "Linus",
    "Margaret",
    "Niklaus",
    "Ole-Johan",
    "Zoë",
];
const FAMILY_NAMES: [&str; 12] = [
    "Allen",
    "Clarke",
    "Dijkstra",
    "Hamilton",
    "Hopper",
    "Jones",
    "Lamarr",
    "Lovelace",
    "Nygaard",
    "Sanchez",
    "Sutherland",
    "Wirth",
];

/// Where a user signs in.
#[derive(Clone, Copy, Default)]
struct Provider {
    name: &'static str,
    connection: &'static str,
    social: bool,
}

const fn provider(name: &'static str, connection: &'static str, social: bool) -> Provider {
    Provider { name, connection, social }
}

/// Half of the users are of a database.
const PROVIDERS: [Provider; 10] = [
    provider("auth0", "Username-Password-Authentication", false),
    provider("auth0", "Username-Password-Authentication", false),
    provider("auth0", "Username-Password-Authentication", false),
    provider("auth0", "Username-Password-Authentication", false),
    provider("auth0", "legacy-users", false),
    provider("google-oauth2", "google-oauth2", true),
    provider("github", "github", true),
    provider("samlp", "acme-saml", false),
    provider("waad", "acme-entra", false),
    provider("sms", "sms", false),
];

/// All users of a tenant that is generated at `now`, in the order of signup.
pub(crate) fn generate(options: &Options, now: i64) -> Vec<User> {
    let count = u64::from(options.users);
    let span = i64::from(options.years.max(1)) * 365 * DAY;
    let tie = now - span / 3;
    let mut random = Random::of(options.seed, STREAM, u64::MAX);
    let mut signups: Vec<i64> = (0..count)
        .map(|index| match index < u64::from(options.ties) {
            true => tie,
            // The larger of two: there are more recent signups than old ones.
            false => {
                now - span + random.between(0, span - HOUR).max(random.between(0, span - HOUR))
            }
        })
        .collect();
    signups.sort_unstable();
    // A few share their instant with the previous one.
    let mut before = None;
    for signup in &mut signups {
        *signup = before.filter(|_| random.chance(1)).unwrap_or(*signup);
        before = Some(*signup);
    }
    let odd_places = odd::places(options);
    let mut users = Vec::with_capacity(signups.len());
    for (index, created_at) in (0u64..).zip(signups) {
        let members = profile(options, index, created_at, now);
        users.push(match odd_places.iter().position(|place| *place == index) {
            Some(kind) => odd::odd(kind, members, created_at),
            None => User::from_json(Value::Object(members).to_string()),
        });
    }
    users
}

/// A user who signs up at `now` and has never logged in.
pub(crate) fn newcomer(options: &Options, index: u64, now: i64) -> User {
    let mut members = profile(options, index, now, now);
    for member in ["last_login", "last_ip", "logins_count", "blocked"] {
        members.remove(member);
    }
    members.insert("updated_at".to_owned(), rfc3339(now).into());
    User::from_json(Value::Object(members).to_string())
}

fn profile(options: &Options, index: u64, created_at: i64, now: i64) -> Map<String, Value> {
    let mut random = Random::of(options.seed, STREAM, index);
    let provider = random.pick(&PROVIDERS);
    let (given, family) = (random.pick(&GIVEN_NAMES), random.pick(&FAMILY_NAMES));
    let account = account_id(provider, index, &mut random);
    let login = format!("{}.{index}", given.to_lowercase());
    let email = format!("{login}@example.com");
    let mut user = Map::new();
    let mut set = |name: &str, value: Value| user.insert(name.to_owned(), value);
    set("created_at", rfc3339(created_at).into());
    if provider.name == "sms" {
        let phone = format!("+1555{index:07}");
        set("name", phone.as_str().into());
        set("phone_number", phone.into());
        set("phone_verified", true.into());
    } else {
        set("name", format!("{given} {family}").into());
        set("given_name", given.into());
        set("family_name", family.into());
        set("email", email.into());
        set("email_verified", random.chance(80).into());
    }
    set("nickname", login.as_str().into());
    set("picture", format!("https://cdn.example.com/{index}.png").into());
    if provider.name == "auth0" && random.chance(40) {
        set("username", login.into());
    }
    let number = (provider.name == "github").then(|| account.parse::<u64>().ok()).flatten();
    set(
        "identities",
        json!([{
            "connection": provider.connection,
            "user_id": number.map_or_else(|| Value::from(account.as_str()), Value::from),
            "provider": provider.name,
            "isSocial": provider.social,
        }]),
    );
    set("user_id", format!("{}|{account}", provider.name).into());
    if random.chance(8) {
        set("blocked", random.chance(70).into());
    }
    let mut updated_at = created_at;
    if random.chance(75) {
        updated_at = random.between(created_at, now - MINUTE);
        set("last_login", rfc3339(updated_at).into());
        set("last_ip", format!("203.0.113.{}", random.below(256)).into());
        set("logins_count", (1 + random.below(400)).into());
    }
    if random.chance(20) {
        updated_at = random.between(updated_at, now - MINUTE);
    }
    set("updated_at", rfc3339(updated_at).into());
    if random.chance(20) {
        set("app_metadata", json!({"plan": random.pick(&["free", "team", "firm"])}));
    }
    if options.profile_bytes > 0 {
        let length = usize::try_from(options.profile_bytes).unwrap_or(0);
        set("user_metadata", json!({"notes": random.letters(length)}));
    }
    user
}

/// The part of a user id after the `|`, which the index makes unique.
fn account_id(provider: Provider, index: u64, random: &mut Random) -> String {
    match provider.name {
        "google-oauth2" => format!("1{}{index:08}", random.digits(12)),
        "github" => format!("{}{index:07}", 1 + random.below(9)),
        "samlp" => format!("{}|user{index}@corp.example.com", provider.connection),
        "waad" => format!("{}{index:08}", random.letters(14)),
        _ => format!("6{}{index:08x}", random.hex(15)),
    }
}
