//! Answers to a request, as a script wants them: what fits what was asked, but
//! odd in the ways that the script names.

use auth0_connector_core::auth0::log_id::LogId;
use auth0_connector_core::auth0::reply::{Head, Reply};
use auth0_connector_core::auth0::request::Request;
use auth0_connector_core::auth0::user_search::{Condition, UserSearch, UserSet};
use auth0_connector_core::engine::timestamp::{DAY, Day, SECOND, Timestamp};
use serde_json::{Map, Value, json};

use crate::response_headers::read_head;
use crate::script::{Answer, Hints, Rows};
use crate::tenant::TOKEN;

/// The largest body that the component reads.
const LARGEST_BODY: usize = 2 << 20;
/// Digits of a log id before its tail: a marker and an instant.
const BEFORE_TAIL: usize = 20;

/// The reply that comes at the tenant's time `wall`.
pub(super) fn reply(
    answer: &Answer<'_>,
    request: &Request,
    wall: Timestamp,
    before: &[u8],
) -> Reply {
    let (head, body) = match answer {
        Answer::Quiet => {
            let status = if matches!(request, Request::User(_)) { 404 } else { 200 };
            (Head { status, date: Some(wall), ..Head::default() }, quiet(request).into_bytes())
        }
        Answer::Verbatim(status, text) => verbatim(*status, text),
        Answer::Rows(rows, hints) => {
            (head(200, hints, request, wall), page(rows, request, wall).to_string().into_bytes())
        }
        Answer::Refusal(status, hints) => {
            let said = json!({
                "statusCode": status, "error": "x", "message": "refused\n", "error_description": "x",
            });
            (head(*status, hints, request, wall), said.to_string().into_bytes())
        }
        Answer::Again(hints) => (head(200, hints, request, wall), before.to_vec()),
        Answer::TooLarge(status, hints) => {
            return Reply::TooLarge(head(*status, hints, request, wall));
        }
        Answer::Broken => return Reply::Broken("the connection broke".to_owned()),
        Answer::Untrusted => return Reply::Untrusted,
    };
    // As the component does: the host's clock stands in for a missing date.
    let head = Head { date: head.date.or(Some(wall)), ..head };
    if body.len() > LARGEST_BODY { Reply::TooLarge(head) } else { Reply::Whole(head, body) }
}

/// A tenant of nobody, in which nothing happens.
fn quiet(request: &Request) -> String {
    match request {
        Request::Token => json!({ "access_token": TOKEN, "expires_in": 86_400 }),
        Request::Users(_) => json!({ "start": 0, "limit": 100, "total": 0, "users": [] }),
        Request::User(_) => json!({ "statusCode": 404, "message": "The user does not exist." }),
        Request::Logs { .. } | Request::OldestLog(_) | Request::Stats(..) => json!([]),
    }
    .to_string()
}

fn verbatim(status: u16, text: &[u8]) -> (Head, Vec<u8>) {
    let end = text.windows(2).position(|two| two == b"\n\n").unwrap_or(text.len());
    let (lines, body) = text.split_at(end);
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    (read_head(status, &lines), body.get(2..).unwrap_or_default().to_vec())
}

fn head(status: u16, hints: &Hints, request: &Request, wall: Timestamp) -> Head {
    let mut head = Head { status, ..Head::default() };
    head.date = match hints.date {
        1 => Timestamp::from_millis(999),
        // Later ones make a run ask for statistics year by year up to then.
        2 => Some(wall.later_by(1_000 * DAY)),
        3 => None,
        _ => Some(wall),
    };
    let limit = &mut head.rate_limit;
    limit.limit = hints.bucket.map(|(size, _)| u32::from(size));
    limit.remaining = hints.bucket.map(|(_, content)| u32::from(content));
    limit.retry_after = hints.retry_after;
    limit.reset = hints.reset.map(|seconds| wall.millis() / SECOND + i64::from(seconds));
    head.next_from =
        hints.next.and_then(|number| log_id(request, log_base(request, wall), u32::from(number)));
    head
}

fn page(rows: &Rows, request: &Request, wall: Timestamp) -> Value {
    let numbers = 0..rows.count;
    match request {
        Request::Token => {
            let lives = [
                json!(86_400),
                json!(60),
                json!(1),
                json!(0),
                json!(-1),
                json!(1e300),
                json!("x"),
                json!(61),
            ];
            json!({ "access_token": TOKEN, "expires_in": lives.get(usize::from(rows.ids % 8)) })
        }
        Request::Users(search) => {
            let users: Vec<Value> =
                numbers.map(|number| user(rows, search, number, wall)).collect();
            envelope(rows, search, users)
        }
        Request::User(id) => match rows.ids % 4 {
            0 => json!({ "user_id": id, "email": "a@example.com" }),
            1 => json!({}),
            2 => json!([]),
            _ => json!({ "user_id": "auth0|other", "updated_at": wall.to_string() }),
        },
        Request::Logs { .. } | Request::OldestLog(_) => {
            numbers.map(|number| log_row(rows, request, number, wall)).collect()
        }
        Request::Stats(from, _) => numbers.map(|number| daily(rows, *from, number)).collect(),
    }
}

fn envelope(rows: &Rows, search: &UserSearch, users: Vec<Value>) -> Value {
    let limits = [
        json!(100),
        json!(search.page.size().get()),
        json!(1),
        json!(0),
        Value::Null,
        json!(1e300),
    ];
    let count = json!(users.len());
    let totals = [count, json!(0), json!(999), json!(1000), json!(5000), Value::Null, json!(1e300)];
    json!({
        "start": 0,
        "users": users,
        "limit": limits.get(usize::from(rows.envelope & 15) % limits.len()),
        "total": totals.get(usize::from(rows.envelope >> 4) % totals.len()),
    })
}

fn user(rows: &Rows, search: &UserSearch, number: u32, wall: Timestamp) -> Value {
    let (base, prefix) = match &search.condition {
        Condition::Newest => (wall, ""),
        Condition::Range(_, from, _) => (from.unwrap_or(Timestamp::AUTH0_BEGAN), ""),
        Condition::Part(UserSet::Instant(_, at), part) => (*at, part.prefix.as_str()),
        Condition::Part(UserSet::Undated, part) => (wall, part.prefix.as_str()),
    };
    let at = base.later_by(rows.apart.saturating_mul(i64::from(number)));
    let mut user = Map::new();
    user.extend(id(rows.ids, prefix, at, number).map(|id| ("user_id".to_owned(), id)));
    user.extend(date(rows.dates, base, at).map(|at| ("created_at".to_owned(), at)));
    user.extend(date(rows.dates >> 4, base, at).map(|at| ("updated_at".to_owned(), at)));
    user.insert("email".to_owned(), member(rows.members, number));
    user.insert(
        "identities".to_owned(),
        json!([{ "provider": member(rows.members >> 4, number) }]),
    );
    Value::Object(user)
}

fn id(style: u8, prefix: &str, at: Timestamp, number: u32) -> Option<Value> {
    let letter = char::from_u32(u32::from(b'a') + number % 26)?;
    Some(match style % 9 {
        0 => json!(format!("auth0|{}{number:04}", at.millis())),
        1 => json!("auth0|same"),
        2 => json!(letter.to_string()),
        3 => json!(format!("{prefix}{letter}{number}")),
        4 if number < 10 => json!(format!("{}{number}", "x".repeat(5_000))),
        5 => return None,
        6 => json!(number),
        7 => json!(format!("https://evil.example/{number}")),
        _ => json!(format!("{prefix}{number:04}")),
    })
}

fn date(style: u8, base: Timestamp, at: Timestamp) -> Option<Value> {
    match style & 15 {
        1 => Some(json!(base.to_string())),
        2 => None,
        3 => Some(json!(base.earlier_by(DAY).to_string())),
        4 => Some(json!("9999-12-31T23:59:59.999Z")),
        5 => Some(json!("yesterday")),
        _ => Some(json!(at.to_string())),
    }
}

/// A text, or what stands in the place of one; long ones in one row of a page.
fn member(style: u8, number: u32) -> Value {
    match style & 15 {
        1 | 6 if number > 0 => Value::Null,
        1 => json!("y".repeat(40_000)),
        2 => json!({ "a": [1] }),
        3 => json!("\u{0}\u{7}\u{1b}[31m\u{202e}"),
        4 => json!(1e300),
        5 => Value::Null,
        6 => json!("\u{1}".repeat(30_000)),
        _ => json!("text"),
    }
}

fn log_base(request: &Request, wall: Timestamp) -> Timestamp {
    match request {
        Request::Logs { from, .. } => from.ingested_at().unwrap_or(wall),
        Request::OldestLog(since) => since.unwrap_or_else(|| wall.earlier_by(30 * DAY)),
        _ => wall,
    }
}

/// The id of the row so many seconds behind the one that the log is read from.
fn log_id(request: &Request, at: Timestamp, number: u32) -> Option<LogId> {
    let tail = match request {
        Request::Logs { from, .. } => from.as_str().len().saturating_sub(BEFORE_TAIL).max(1),
        _ => 24,
    };
    let at = at.later_by(i64::from(number) * SECOND);
    LogId::parse(&format!("900{}{number:0>tail$}", at.compact()))
}

fn log_row(rows: &Rows, request: &Request, number: u32, wall: Timestamp) -> Value {
    let base = log_base(request, wall);
    let at = base.later_by(rows.apart.saturating_mul(i64::from(number) + 1));
    let from = match request {
        Request::Logs { from, .. } => from.to_string(),
        _ => "opaque".to_owned(),
    };
    let id = match rows.ids % 8 {
        1 => Some(from),
        2 => Some(format!("opaque-{}-{number}", base.millis())),
        3 => None,
        4 => Some("no/id".to_owned()),
        5 => Some(format!("9{from}").chars().take(128).collect()),
        _ => log_id(request, at, number).map(String::from),
    };
    let kinds = ["s", "f", "sdu", "fp", "seacft", "gd_auth_succeed"];
    let mut row = Map::new();
    row.extend(id.map(|id| ("log_id".to_owned(), json!(id))));
    row.extend(date(rows.dates, base, at).map(|at| ("date".to_owned(), at)));
    row.insert("type".to_owned(), json!(kinds.get(number as usize % kinds.len())));
    row.extend(self::id(rows.dates >> 4, "", at, number).map(|id| ("user_id".to_owned(), id)));
    row.insert("ip".to_owned(), member(rows.members, number));
    row.insert("connection".to_owned(), member(rows.members >> 4, number));
    Value::Object(row)
}

fn daily(rows: &Rows, from: Day, number: u32) -> Value {
    let at = from.start().later_by(i64::from(number) * DAY);
    let counts = [json!(number), json!("7"), json!(-1), json!(1e308), json!({}), Value::Null];
    let count = |style: u8| counts.get(usize::from(style & 15) % counts.len()).cloned();
    let mut row = Map::new();
    row.extend(date(rows.dates, from.start(), at).map(|at| ("date".to_owned(), at)));
    row.extend(count(rows.members).map(|count| ("logins".to_owned(), count)));
    row.extend(count(rows.members >> 4).map(|count| ("signups".to_owned(), count)));
    Value::Object(row)
}
