//! `GET /logs`, by checkpoint and by search criteria.

use super::id::Position;
use super::stream::{Entry, Logs};
use crate::http::{Answer, Fields, Parameters};
use crate::lucene::{self, Document, Search};
use crate::options::{Options, StaleFrom};
use crate::row::Row;
use std::cmp::Reverse;

/// The most rows that a search finds.
const CAP: usize = 1_000;
/// The largest `per_page` and `take`.
const LARGEST_PAGE: usize = 100;
/// The page of a request that names no size.
const DEFAULT_PAGE: usize = 50;

const FIELDS: [&str; 13] = [
    "date",
    "connection",
    "client_id",
    "client_name",
    "ip",
    "user_id",
    "user_name",
    "description",
    "user_agent",
    "type",
    "details",
    "strategy",
    "strategy_type",
];
const PARAMETERS: [&str; 9] = [
    "page",
    "per_page",
    "sort",
    "fields",
    "include_fields",
    "include_totals",
    "q",
    "search",
    "take",
];

/// Answers `GET /logs` of the tenant whose address is `origin`.
pub(crate) fn list(
    parameters: &Parameters,
    options: &Options,
    logs: &Logs,
    now: i64,
    origin: &str,
) -> Answer {
    let answer = match parameters.get("from") {
        Some(from) => by_checkpoint(from, parameters, options, logs, now, origin),
        None => by_criteria(parameters, options, logs, now),
    };
    answer.unwrap_or_else(|refusal| refusal)
}

/// Every parameter but `from` and `take` is ignored.
fn by_checkpoint(
    from: &str,
    parameters: &Parameters,
    options: &Options,
    logs: &Logs,
    now: i64,
    origin: &str,
) -> Result<Answer, Answer> {
    let take = parameters
        .number("take", Some(LARGEST_PAGE), "Number of entries to retrieve")?
        .unwrap_or(DEFAULT_PAGE)
        .min(page_limit(options));
    let position = Position::parse(from).ok_or_else(|| {
        Answer::bad_query(&format!(
            "'String does not match pattern ^[0-9]+$: {from}' on property from \
             (Log Event Id to start retrieving logs)."
        ))
    })?;
    if options.stale_from == StaleFrom::Refused && logs.is_stale(&position, now) {
        return Err(Answer::bad_query(
            "'The log event is not retained any more' on property from \
             (Log Event Id to start retrieving logs).",
        ));
    }
    let rows = logs.after(&position, take, now);
    let last = rows.last().map_or_else(|| from.to_owned(), Entry::id);
    let requested = parameters.get("take").map_or(take.to_string(), str::to_owned);
    let link = format!("<{origin}/api/v2/logs?from={last}&take={requested}>; rel=\"next\"");
    let rows: Vec<String> = rows.iter().map(Entry::json).collect();
    Ok(Answer::rows(&rows).with("link", &link))
}

fn by_criteria(
    parameters: &Parameters,
    options: &Options,
    logs: &Logs,
    now: i64,
) -> Result<Answer, Answer> {
    parameters.only(&PARAMETERS)?;
    let page = parameters
        .number("page", None, "Page index of the results to return. First page is 0")?
        .unwrap_or(0);
    let per_page = parameters
        .number(
            "per_page",
            Some(LARGEST_PAGE),
            "Number of results per page. Paging is disabled if parameter not sent. Default: 50",
        )?
        .unwrap_or(DEFAULT_PAGE);
    if page.saturating_mul(per_page) >= CAP {
        return Err(Answer::error(
            400,
            None,
            &format!(
                "Requesting page {page} exceeds the allowed maximum of 1000 records: please consider \
                 searching by checkpoint \
                 https://auth0.com/docs/logs/retrieve-log-events-using-mgmt-api#retrieve-logs-by-checkpoint"
            ),
        ));
    }
    let per_page = per_page.min(page_limit(options));
    let fields = parameters.fields()?;
    if let Some(unknown) = fields.names().iter().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(Answer::bad_query(&format!(
            "'String does not match pattern: {unknown}' on property fields."
        )));
    }
    let search = search(parameters)?;
    let start = page * per_page;
    let end = (start + per_page).min(CAP);
    let rows: Vec<String> = found(parameters, search.as_ref(), logs, now, end)?
        .into_iter()
        .skip(start)
        .map(|entry| selected(entry, &fields))
        .collect();
    if !parameters.flag("include_totals", false)? {
        return Ok(Answer::rows(&rows));
    }
    // `total` is the number of rows of this page, not of matches.
    let length = rows.len();
    let rows = rows.join(",");
    Ok(Answer::json(
        200,
        format!(
            r#"{{"start":{start},"limit":{per_page},"length":{length},"logs":[{rows}],"total":{length}}}"#
        ),
    ))
}

/// The first `end` matches in the requested order, by default the newest id
/// first.
fn found<'a>(
    parameters: &Parameters,
    search: Option<&Search>,
    logs: &'a Logs,
    now: i64,
    end: usize,
) -> Result<Vec<Entry<'a>>, Answer> {
    let matches = |entry: &Entry<'_>| search.is_none_or(|search| search.matches(entry));
    let Some((field, descending)) = parameters.sort()? else {
        return Ok(logs.visible(now).rev().filter(matches).take(end).collect());
    };
    let mut found: Vec<_> = logs.visible(now).filter(matches).collect();
    match (field, descending) {
        ("date", false) => first_by(&mut found, end, |entry| (entry.date(), entry.place)),
        ("date", true) => first_by(&mut found, end, |entry| Reverse((entry.date(), entry.place))),
        (field, _) if !FIELDS.contains(&field) => {
            return Err(Answer::bad_query(&format!(
                "'String does not match pattern: {field}' on property sort."
            )));
        }
        (field, false) => found.sort_by_cached_key(|entry| (entry.texts(field), entry.place)),
        (field, true) => {
            found.sort_by_cached_key(|entry| Reverse((entry.texts(field), entry.place)));
        }
    }
    found.truncate(end);
    Ok(found)
}

/// Sorts only the front, because there may be a million matches for one row.
fn first_by<'a, K: Ord>(found: &mut [Entry<'a>], end: usize, key: impl Fn(&Entry<'a>) -> K) {
    if end < found.len() {
        found.select_nth_unstable_by_key(end, &key);
    }
    let front = end.min(found.len());
    if let Some(front) = found.get_mut(..front) {
        front.sort_unstable_by_key(key);
    }
}

fn search(parameters: &Parameters) -> Result<Option<Search>, Answer> {
    let Some(text) = parameters.get("q").or_else(|| parameters.get("search")) else {
        return Ok(None);
    };
    lucene::parse(text).map(Some).map_err(|problem| {
        Answer::error(
            400,
            Some("invalid_query_string"),
            &format!("The query 'q' cannot be parsed: {problem}."),
        )
    })
}

/// A request for certain fields always gets `_id` and never `log_id`.
fn selected(entry: Entry<'_>, fields: &Fields) -> String {
    let json = entry.json();
    if *fields == Fields::All {
        return json;
    }
    match Row::parse(&json) {
        Some(row) => row.select(|name| name == "_id" || (name != "log_id" && fields.has(name))),
        None => json,
    }
}

fn page_limit(options: &Options) -> usize {
    usize::try_from(options.page_limit).unwrap_or(usize::MAX)
}
