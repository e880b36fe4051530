//! Users that differ from the documentation.

use super::user::User;
use crate::options::Options;
use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

/// What can be odd about a user. Each occurs once in a tenant.
const KINDS: [fn(Members) -> String; 18] = [
    |user| with(user, "created_at", |date| json!({"$date": date})),
    |user| without(user, "created_at"),
    |user| with(user, "created_at", |_| Value::Null),
    |user| with(user, "updated_at", |date| json!({"$date": date})),
    |user| with(user, "last_login", |_| "never".into()),
    |user| with(user, "updated_at", |_| "2099-01-01T00:00:00.000Z".into()),
    |user| with(user, "user_id", |_| 4_815_162_342_u64.into()),
    |user| with(user, "email", |_| json!({"work": "odd@example.com"})),
    |user| with(user, "email", |_| json!(["a@example.com", "b@example.com"])),
    |user| with(user, "email", |_| Value::Null),
    |user| with(user, "email_verified", |_| "odd@example.com".into()),
    |user| with(user, "name", |_| "".into()),
    |user| with(user, "blocked", |_| "true".into()),
    |user| with(user, "logins_count", |_| json!(12.5)),
    |user| without(user, "identities"),
    |user| with(user, "identities", |_| "auth0".into()),
    |user| ending(user, r#","nickname":"twice","nickname":"\ud800 half"}"#),
    |_| json!("a row that is no object").to_string(),
];

/// The kinds without a `created_at` in the index.
const UNDATED: [usize; 2] = [1, 2];

/// The places of the odd users, one for each kind.
pub(crate) fn places(options: &Options) -> Vec<u64> {
    let users = u64::from(options.users);
    let kinds = KINDS.len() as u64;
    if !options.has_odd_rows(options.users) {
        return Vec::new();
    }
    (1..=kinds).map(|kind| kind * users / (kinds + 1)).collect()
}

/// The odd user of one kind, made from an ordinary one. The search finds it by
/// the ordinary values.
pub(crate) fn odd(kind: usize, members: Members, created_at: i64) -> User {
    let plain = User::from_json(Value::Object(members.clone()).to_string());
    let json = KINDS.get(kind).map_or_else(|| plain.json().to_owned(), |make| make(members));
    let mut user = User::from_json(json);
    user.updated_at = user.updated_at.or(plain.updated_at);
    user.last_login = user.last_login.or(plain.last_login);
    if user.id.is_empty() {
        user.id = plain.id;
    }
    if UNDATED.contains(&kind) { user } else { user.indexed_created_at(created_at) }
}

fn with(mut user: Members, name: &str, value: impl FnOnce(Value) -> Value) -> String {
    let before = user.remove(name).unwrap_or(Value::Null);
    user.insert(name.to_owned(), value(before));
    Value::Object(user).to_string()
}

fn without(mut user: Members, name: &str) -> String {
    user.remove(name);
    Value::Object(user).to_string()
}

fn ending(user: Members, end: &str) -> String {
    let whole = without(user, "nickname");
    format!("{}{end}", whole.trim_end_matches('}'))
}
