//! `GET /users` and `GET /users/{id}`.

use crate::answer::Answer;
use crate::clock::whole_ms;
use crate::lucene::{Document, Query as Search};
use crate::options::{Options, SlowSearch};
use crate::query::{Fields, Query};
use crate::random::Random;
use crate::row::Row;
use crate::user::User;
use crate::users::{Index, Order};
use std::sync::Arc;

/// No search shows more than this.
const CAP: usize = 1_000;
/// The largest page that may be asked for, and the one when none is.
const LARGEST_PAGE: usize = 100;
const USUAL_PAGE: usize = 50;

const PARAMETERS: [&str; 10] = [
    "page",
    "per_page",
    "include_totals",
    "sort",
    "connection",
    "fields",
    "include_fields",
    "q",
    "search_engine",
    "primary_order",
];

/// A page that is asked for.
struct Asked<'a> {
    page: usize,
    per_page: usize,
    totals: bool,
    sort: Option<(&'a str, bool)>,
    fields: Fields,
    search: Option<Search>,
    stable: bool,
}

/// Answers a search of the index. `random` shuffles what has no order.
pub(crate) fn list(
    query: &Query,
    options: &Options,
    index: &Index,
    now: i64,
    random: &mut Random,
) -> Answer {
    match asked(query, options) {
        Err(refusal) => refusal,
        Ok(asked) if is_slow(&asked, options.slow_search, index, now) => Answer::error(
            503,
            None,
            "The query exceeded the timeout. Please try refining your search criteria. \
             See https://auth0.com/docs/best-practices/search-best-practices.",
        ),
        Ok(asked) => page(&asked, index, random),
    }
}

/// Answers for one user.
pub(crate) fn one(query: &Query, user: Option<&Arc<User>>) -> Answer {
    let fields = query.only(&["fields", "include_fields"]).and_then(|()| query.fields());
    match (fields, user) {
        (Err(refusal), _) => refusal,
        (_, None) => Answer::error(404, Some("inexistent_user"), "The user does not exist."),
        (Ok(fields), Some(user)) => Answer::json(200, selected(user, &fields)),
    }
}

fn asked<'a>(query: &'a Query, options: &Options) -> Result<Asked<'a>, Answer> {
    query.only(&PARAMETERS)?;
    let page = query
        .number("page", None, "Page index of the results to return. First page is 0")?
        .unwrap_or(0);
    let per_page = query
        .number("per_page", Some(LARGEST_PAGE), "Number of results per page. Defaults to 50")?
        .unwrap_or(USUAL_PAGE);
    let asked = Asked {
        page,
        per_page: per_page.min(usize::try_from(options.page_limit).unwrap_or(usize::MAX)),
        totals: query.flag("include_totals", false)?,
        sort: query.sort()?,
        fields: query.fields()?,
        search: search(query)?,
        stable: query.flag("primary_order", true)? && !options.unstable_ties,
    };
    // The request is judged, not the users that there are; and by the page
    // that was asked for, not by the one it is clamped to.
    if page.saturating_mul(per_page) >= CAP {
        return Err(Answer::error(
            400,
            Some("invalid_paging"),
            "You can only page through the first 1000 records. \
             See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation",
        ));
    }
    Ok(asked)
}

fn search(query: &Query) -> Result<Option<Search>, Answer> {
    let refused = |message: &str| Answer::error(400, Some("invalid_query_string"), message);
    let engine = query.get("search_engine");
    match engine {
        None | Some("v3") => {}
        Some("v1" | "v2") => {
            let engine = engine.unwrap_or_default();
            return Err(refused(&format!("You are not allowed to use search_engine={engine}.")));
        }
        Some(other) => {
            return Err(Answer::bad_query(&format!(
                "'No enum match for: {other}' on property search_engine."
            )));
        }
    }
    if query.get("connection").is_some() {
        return Err(refused("The 'connection' parameter needs search_engine=v1."));
    }
    let Some(text) = query.get("q") else {
        return Ok(None);
    };
    if engine.is_none() {
        return Err(refused(
            "The 'q' parameter is available only if you specify 'search_engine=v2|v3'.",
        ));
    }
    Search::parse(text)
        .map(Some)
        .map_err(|problem| refused(&format!("The query 'q' cannot be parsed: {problem}.")))
}

fn is_slow(asked: &Asked<'_>, slow: Option<SlowSearch>, index: &Index, now: i64) -> bool {
    let (Some(slow), Some(search)) = (slow, &asked.search) else {
        return false;
    };
    [("created_at", index.by_created_at()), ("updated_at", index.by_updated_at())]
        .into_iter()
        .filter_map(|(field, order)| Some((search.bounds(field)?, order)))
        .any(|((from, to), order)| {
            let span = to.min(now) - from.max(order.earliest().unwrap_or(now));
            span > whole_ms(slow.span) || order.within(from, to).nth(slow.users).is_some()
        })
}

fn page(asked: &Asked<'_>, index: &Index, random: &mut Random) -> Answer {
    let found = found(asked, index, random);
    let start = asked.page * asked.per_page;
    let rows: Vec<String> = found
        .iter()
        .skip(start)
        .take(asked.per_page)
        .map(|user| selected(user, &asked.fields))
        .collect();
    if !asked.totals {
        return Answer::rows(&rows);
    }
    Answer::json(
        200,
        format!(
            r#"{{"start":{start},"limit":{},"length":{},"users":[{}],"total":{}}}"#,
            asked.per_page,
            rows.len(),
            rows.join(","),
            found.len()
        ),
    )
}

/// The first thousand matches in the order that is asked for.
fn found<'a>(asked: &Asked<'_>, index: &'a Index, random: &mut Random) -> Vec<&'a Arc<User>> {
    let matches = |user: &&Arc<User>| {
        asked.search.as_ref().is_none_or(|search| search.matches(user.as_ref()))
    };
    let ordered: Box<dyn Iterator<Item = &'a Arc<User>>> = match asked.sort {
        Some(("created_at", descending)) => {
            dated(asked, "created_at", index.by_created_at(), descending)
        }
        Some(("updated_at", descending)) => {
            dated(asked, "updated_at", index.by_updated_at(), descending)
        }
        Some((field, descending)) => Box::new(sorted(index, field, descending).into_iter()),
        None => Box::new(unsorted(index, random).into_iter()),
    };
    let key = |user: &User| match asked.sort {
        Some(("updated_at", _)) => user.updated_at,
        _ => user.created_at,
    };
    let mut found: Vec<_>;
    // Only dates tie: no two users share an id.
    let by_date = matches!(asked.sort, Some(("created_at" | "updated_at", _)));
    if asked.stable || !by_date {
        found = ordered.filter(matches).take(CAP).collect();
    } else {
        found = ordered.filter(matches).collect();
        found
            .chunk_by_mut(|one, other| key(one) == key(other))
            .for_each(|tied| random.shuffle(tied));
        found.truncate(CAP);
    }
    found
}

fn dated<'a>(
    asked: &Asked<'_>,
    field: &str,
    order: &'a Order,
    descending: bool,
) -> Box<dyn Iterator<Item = &'a Arc<User>> + 'a> {
    let bounds = asked.search.as_ref().and_then(|search| search.bounds(field));
    let (from, to) = bounds.unwrap_or((i64::MIN, i64::MAX));
    let within = order.within(from, to);
    if descending {
        Box::new(within.rev().chain(order.undated()))
    } else {
        Box::new(within.chain(order.undated()))
    }
}

/// By any other field, compared as text or as a number; who has none is last.
fn sorted<'a>(index: &'a Index, field: &str, descending: bool) -> Vec<&'a Arc<User>> {
    let key = |user: &User| match field {
        "last_login" => user.last_login.map(|at| (at, String::new())),
        _ => user.texts(field).into_iter().next().map(|text| {
            let number = text.parse().unwrap_or(0);
            (number, text)
        }),
    };
    let (mut with, without): (Vec<_>, Vec<_>) =
        index.by_id().map(|user| (key(user), user)).partition(|(key, _)| key.is_some());
    with.sort_by(|(one, _), (other, _)| if descending { other.cmp(one) } else { one.cmp(other) });
    with.into_iter().chain(without).map(|(_, user)| user).collect()
}

/// Who logged in last comes first, the others in no order at all: each request
/// that does not ask for an order may show another one.
fn unsorted<'a>(index: &'a Index, random: &mut Random) -> Vec<&'a Arc<User>> {
    let (mut with, mut without): (Vec<_>, Vec<_>) =
        index.by_id().partition(|user| user.last_login.is_some());
    with.sort_by_key(|user| std::cmp::Reverse(user.last_login));
    random.shuffle(&mut without);
    with.extend(without);
    with
}

fn selected(user: &User, fields: &Fields) -> String {
    if *fields == Fields::All {
        return user.json().to_owned();
    }
    match Row::parse(user.json()) {
        Some(row) => row.select(|name| fields.has(name)),
        None => user.json().to_owned(),
    }
}
