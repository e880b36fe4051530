//! `GET /users` and `GET /users/{id}`.

use super::hidden::Hidden;
use super::index::{Index, Order};
use super::user::User;
use crate::clock::whole_ms;
use crate::http::{Answer, Fields, Parameters};
use crate::lucene::{self, Document, Search};
use crate::options::{Options, SlowSearch};
use crate::random::Random;
use crate::row::Row;
use std::sync::Arc;

/// The most users that a search finds.
const CAP: usize = 1_000;
/// The largest `per_page`.
const LARGEST_PAGE: usize = 100;
/// The `per_page` of a request that has none.
const DEFAULT_PAGE: usize = 50;

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

/// The page that a request describes.
struct PageRequest<'a> {
    page: usize,
    per_page: usize,
    totals: bool,
    sort: Option<(&'a str, bool)>,
    fields: Fields,
    search: Option<Search>,
    stable: bool,
}

/// Answers a search of the index. `random` shuffles rows without an order.
pub(crate) fn list(
    parameters: &Parameters,
    options: &Options,
    index: &Index,
    now: i64,
    random: &mut Random,
) -> Answer {
    match page_request(parameters, options) {
        Err(refusal) => refusal,
        Ok(request) if is_slow(&request, options.slow_search, index, now) => {
            Answer::query_timeout()
        }
        Ok(request) => page(&request, index, random),
    }
}

/// Answers a request for one user.
pub(crate) fn one(parameters: &Parameters, user: Option<&Arc<User>>) -> Answer {
    let fields = parameters.only(&["fields", "include_fields"]).and_then(|()| parameters.fields());
    match (fields, user) {
        (Err(refusal), _) => refusal,
        (_, None) => Answer::error(404, Some("inexistent_user"), "The user does not exist."),
        (Ok(fields), Some(user)) => Answer::json(200, selected(user, &fields)),
    }
}

fn page_request<'a>(
    parameters: &'a Parameters,
    options: &Options,
) -> Result<PageRequest<'a>, Answer> {
    parameters.only(&PARAMETERS)?;
    let page = parameters
        .number("page", None, "Page index of the results to return. First page is 0")?
        .unwrap_or(0);
    let per_page = parameters
        .number("per_page", Some(LARGEST_PAGE), "Number of results per page. Defaults to 50")?
        .unwrap_or(DEFAULT_PAGE);
    let request = PageRequest {
        page,
        per_page: per_page.min(usize::try_from(options.page_limit).unwrap_or(usize::MAX)),
        totals: parameters.flag("include_totals", false)?,
        sort: parameters.sort()?,
        fields: parameters.fields()?,
        search: search(parameters)?,
        stable: parameters.flag("primary_order", true)? && !options.unstable_ties,
    };
    // The requested page counts, whether or not there are that many users, and
    // not the one that it is clamped to.
    if page.saturating_mul(per_page) >= CAP {
        return Err(Answer::error(
            400,
            Some("invalid_paging"),
            "You can only page through the first 1000 records. \
             See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation",
        ));
    }
    Ok(request)
}

fn search(parameters: &Parameters) -> Result<Option<Search>, Answer> {
    let refused = |message: &str| Answer::error(400, Some("invalid_query_string"), message);
    let engine = parameters.get("search_engine");
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
    if parameters.get("connection").is_some() {
        return Err(refused("The 'connection' parameter needs search_engine=v1."));
    }
    let Some(text) = parameters.get("q") else {
        return Ok(None);
    };
    if engine.is_none() {
        return Err(refused(
            "The 'q' parameter is available only if you specify 'search_engine=v2|v3'.",
        ));
    }
    lucene::parse(text)
        .map(Some)
        .map_err(|problem| refused(&format!("The query 'q' cannot be parsed: {problem}.")))
}

fn is_slow(request: &PageRequest<'_>, slow: Option<SlowSearch>, index: &Index, now: i64) -> bool {
    let (Some(slow), Some(search)) = (slow, &request.search) else {
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

fn page(request: &PageRequest<'_>, index: &Index, random: &mut Random) -> Answer {
    let mut found = found(request, index, random);
    let total = found.len();
    found.retain(|user| index.hidden(user) != Some(Hidden::Counted));
    let start = request.page * request.per_page;
    let rows: Vec<String> = found
        .iter()
        .skip(start)
        .take(request.per_page)
        .filter(|user| index.hidden(user) != Some(Hidden::Dropped))
        .map(|user| selected(user, &request.fields))
        .collect();
    if !request.totals {
        return Answer::rows(&rows);
    }
    Answer::json(
        200,
        format!(
            r#"{{"start":{start},"limit":{},"length":{},"users":[{}],"total":{}}}"#,
            request.per_page,
            rows.len(),
            rows.join(","),
            total
        ),
    )
}

/// The first thousand matches in the requested order.
fn found<'a>(
    request: &PageRequest<'_>,
    index: &'a Index,
    random: &mut Random,
) -> Vec<&'a Arc<User>> {
    let matches = |user: &&Arc<User>| {
        index.hidden(user) != Some(Hidden::Unlisted)
            && request.search.as_ref().is_none_or(|search| search.matches(user.as_ref()))
    };
    let ordered: Box<dyn Iterator<Item = &'a Arc<User>>> = match request.sort {
        Some(("created_at", descending)) => {
            dated(request, "created_at", index.by_created_at(), descending)
        }
        Some(("updated_at", descending)) => {
            dated(request, "updated_at", index.by_updated_at(), descending)
        }
        Some((field, descending)) => Box::new(sorted(index, field, descending).into_iter()),
        None => Box::new(unsorted(index, random).into_iter()),
    };
    let key = |user: &User| match request.sort {
        Some(("updated_at", _)) => user.updated_at,
        _ => user.created_at,
    };
    let mut found: Vec<_>;
    // Only dates tie: no two users share an id.
    let by_date = matches!(request.sort, Some(("created_at" | "updated_at", _)));
    if request.stable || !by_date {
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
    request: &PageRequest<'_>,
    field: &str,
    order: &'a Order,
    descending: bool,
) -> Box<dyn Iterator<Item = &'a Arc<User>> + 'a> {
    let bounds = request.search.as_ref().and_then(|search| search.bounds(field));
    let (from, to) = bounds.unwrap_or((i64::MIN, i64::MAX));
    let within = order.within(from, to);
    if descending {
        Box::new(within.rev().chain(order.undated()))
    } else {
        Box::new(within.chain(order.undated()))
    }
}

/// By any other field, compared as a number or as text. Users without the
/// field come last.
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

/// The latest login comes first, users without a login in no order at all:
/// requests without `sort` may get a different one each time.
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
