//! Answers to a request, as a script has them: they fit what was requested, but for
//! what the script makes odd.

use auth0_connector::api::auth0_began;
use auth0_connector::api::log_id::LogId;
use rawdash_connector_sdk::http::reply::{Answer as Complete, Broken, Head, LARGEST_BODY, Reply};
use rawdash_connector_sdk::time::timestamp::{DAY, SECOND, Timestamp};
use serde_json::{Map, Value, json};

use crate::asked::{Asked, Search};
use crate::script::{Answer, Hints, Rows};
use crate::tenant::{DOMAIN, TOKEN};

/// Digits of a log id before its tail: a marker and an instant.
const BEFORE_TAIL: usize = 20;
/// Characters of a log id of today.
const LOG_ID: usize = 56;

/// The reply that arrives at the tenant's time `wall`; `path` is what was requested.
pub(crate) fn reply(
    answer: &Answer<'_>,
    asked: &Asked,
    path: &str,
    wall: Timestamp,
    before: &str,
) -> Reply {
    let (head, body) = match answer {
        Answer::Verbatim(status, text) => verbatim(*status, text),
        Answer::Page(endpoints, status, body)
            if endpoints.iter().any(|end| path.starts_with(end)) =>
        {
            (dated(Head::of(*status), wall), body.to_vec())
        }
        Answer::Quiet | Answer::Page(..) => {
            let status = if matches!(asked, Asked::User(_)) { 404 } else { 200 };
            (dated(Head::of(status), wall), quiet(asked).into_bytes())
        }
        Answer::Headers(lines) => {
            let head = read_head(200, lines);
            // Where it is limited, the source says so with a status.
            let is_limited = head.header("retry-after").is_some() && *asked != Asked::Token;
            let head = if is_limited { read_head(429, lines) } else { head };
            (head, endless(asked, wall).into_bytes())
        }
        Answer::Rows(rows, hints) => {
            (head(200, hints, asked, wall), page(rows, asked, wall).to_string().into_bytes())
        }
        Answer::Refusal(status, hints) => {
            let said = json!({
                "statusCode": status, "error": "x", "message": "refused\n", "error_description": "x",
            });
            (head(*status, hints, asked, wall), said.to_string().into_bytes())
        }
        Answer::Again(hints) => (head(200, hints, asked, wall), before.as_bytes().to_vec()),
        Answer::TooLarge(status, hints) => {
            return Reply::TooLarge(head(*status, hints, asked, wall));
        }
        Answer::Broken => {
            return Reply::Broken(Broken::Connection("the connection broke".to_owned()));
        }
        Answer::NotSent(reason) => {
            return Reply::Broken(match reason % 3 {
                0 => Broken::Untrusted,
                1 => Broken::HostNotFound,
                _ => Broken::Denied,
            });
        }
    };
    match body.len() > LARGEST_BODY {
        true => Reply::TooLarge(head),
        false => Reply::Answer(Complete::new(head, body)),
    }
}

fn dated(mut head: Head, at: Timestamp) -> Head {
    head.date = Some(at);
    head
}

/// A tenant without users, in which nothing happens.
fn quiet(asked: &Asked) -> String {
    match asked {
        Asked::Token => json!({ "access_token": TOKEN, "expires_in": 86_400 }),
        Asked::Users(_) => json!({ "start": 0, "limit": 100, "total": 0, "users": [] }),
        Asked::User(_) => json!({ "statusCode": 404, "message": "The user does not exist." }),
        Asked::Logs { .. } | Asked::OldestLog(_) | Asked::Stats(_) => json!([]),
    }
    .to_string()
}

/// A log of which every page has another row, so that requests do not end.
fn endless(asked: &Asked, wall: Timestamp) -> String {
    let rows = Rows { count: 1, apart: 1, ids: 0, dates: 0, members: 0, envelope: 0 };
    match asked {
        Asked::Logs { .. } | Asked::OldestLog(_) => page(&rows, asked, wall).to_string(),
        _ => quiet(asked),
    }
}

fn verbatim(status: u16, text: &[u8]) -> (Head, Vec<u8>) {
    let end = text.windows(2).position(|two| two == b"\n\n").unwrap_or(text.len());
    let (lines, body) = text.split_at(end);
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    (read_head(status, &lines), body.get(2..).unwrap_or_default().to_vec())
}

/// Reads header lines as they arrive over the wire.
pub(crate) fn read_head(status: u16, lines: &[&[u8]]) -> Head {
    let parts = lines.iter().filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
    });
    Head::read(status, parts)
}

fn head(status: u16, hints: &Hints, asked: &Asked, wall: Timestamp) -> Head {
    let mut lines = Vec::new();
    if let Some((size, content)) = hints.bucket {
        lines.push(("x-ratelimit-limit", size.to_string()));
        lines.push(("x-ratelimit-remaining", content.to_string()));
    }
    if let Some(seconds) = hints.retry_after {
        lines.push(("retry-after", seconds.to_string()));
    }
    if let Some(seconds) = hints.reset {
        let reset = wall.millis() / SECOND + i64::from(seconds);
        lines.push(("x-ratelimit-reset", reset.to_string()));
    }
    let next = hints.next.and_then(|number| log_id(asked, log_base(asked, wall), number.into()));
    if let Some(next) = next {
        let link = format!("<https://{DOMAIN}/api/v2/logs?from={next}&take=100>; rel=\"next\"");
        lines.push(("link", link));
    }
    let mut head = Head::read(status, lines.iter().map(|(name, value)| (*name, value.as_bytes())));
    head.date = match hints.date {
        1 => Timestamp::from_millis(999),
        // Later ones make a run request statistics year by year up to then.
        2 => Some(wall.later_by(1_000 * DAY)),
        3 => None,
        _ => Some(wall),
    };
    head
}

fn page(rows: &Rows, asked: &Asked, wall: Timestamp) -> Value {
    let numbers = 0..rows.count;
    match asked {
        Asked::Token => {
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
        Asked::Users(search) => {
            let users: Vec<Value> =
                numbers.map(|number| user(rows, search, number, wall)).collect();
            envelope(rows, search, users)
        }
        Asked::User(id) => match rows.ids % 4 {
            0 => json!({ "user_id": id, "email": "a@example.com" }),
            1 => json!({}),
            2 => json!([]),
            _ => json!({ "user_id": "auth0|other", "updated_at": wall.to_string() }),
        },
        Asked::Logs { .. } | Asked::OldestLog(_) => {
            numbers.map(|number| log_row(rows, asked, number, wall)).collect()
        }
        Asked::Stats(from) => numbers.map(|number| daily(rows, *from, number)).collect(),
    }
}

fn envelope(rows: &Rows, search: &Search, users: Vec<Value>) -> Value {
    let limits = [json!(100), json!(search.size), json!(1), json!(0), Value::Null, json!(1e300)];
    let count = json!(users.len());
    let totals = [count, json!(0), json!(999), json!(1000), json!(5000), Value::Null, json!(1e300)];
    json!({
        "start": 0,
        "users": users,
        "limit": limits.get(usize::from(rows.envelope & 15) % limits.len()),
        "total": totals.get(usize::from(rows.envelope >> 4) % totals.len()),
    })
}

fn user(rows: &Rows, search: &Search, number: u32, wall: Timestamp) -> Value {
    let base = match (&search.prefix, search.from) {
        (_, Some(from)) => from,
        (Some(_), None) => wall,
        (None, None) => auth0_began(),
    };
    let prefix = search.prefix.as_deref().unwrap_or_default();
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

/// A text, or a value of another type; long ones in one row of a page.
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

fn log_base(asked: &Asked, wall: Timestamp) -> Timestamp {
    match asked {
        Asked::Logs { from, .. } => from.ingested_at().unwrap_or(wall),
        Asked::OldestLog(since) => since.unwrap_or_else(|| wall.earlier_by(30 * DAY)),
        _ => wall,
    }
}

/// The id of the row so many seconds behind the one that the log is read from.
fn log_id(asked: &Asked, at: Timestamp, number: u32) -> Option<LogId> {
    let tail = match asked {
        Asked::Logs { from, .. } => from.as_str().len().saturating_sub(BEFORE_TAIL).max(1),
        _ => LOG_ID - BEFORE_TAIL,
    };
    let at = at.later_by(i64::from(number) * SECOND);
    LogId::parse(&format!("900{}{number:0>tail$}", at.compact()))
}

fn log_row(rows: &Rows, asked: &Asked, number: u32, wall: Timestamp) -> Value {
    let base = log_base(asked, wall);
    let at = base.later_by(rows.apart.saturating_mul(i64::from(number) + 1));
    let from = match asked {
        Asked::Logs { from, .. } => from.to_string(),
        _ => "opaque".to_owned(),
    };
    let id = match rows.ids % 8 {
        1 => Some(from),
        2 => Some(format!("opaque-{}-{number}", base.millis())),
        3 => None,
        4 => Some("no/id".to_owned()),
        5 => Some(format!("9{from}").chars().take(128).collect()),
        _ => log_id(asked, at, number).map(String::from),
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

fn daily(rows: &Rows, from: Timestamp, number: u32) -> Value {
    let at = from.later_by(i64::from(number) * DAY);
    let counts = [json!(number), json!("7"), json!(-1), json!(1e308), json!({}), Value::Null];
    let count = |style: u8| counts.get(usize::from(style & 15) % counts.len()).cloned();
    let mut row = Map::new();
    row.extend(date(rows.dates, from, at).map(|at| ("date".to_owned(), at)));
    row.extend(count(rows.members).map(|count| ("logins".to_owned(), count)));
    row.extend(count(rows.members >> 4).map(|count| ("signups".to_owned(), count)));
    Value::Object(row)
}
