//! From a request to its answer: which check comes first, and who answers.

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::faults::{Delivery, Fault, Pace, befall, too_many_requests};
use crate::gzip::gzip;
use crate::instant::{SECOND, http_date, parse_day_stamp};
use crate::log_search;
use crate::logs::NewLog;
use crate::query::Query;
use crate::rate_limit::Allowance;
use crate::requests::{Incoming, Request};
use crate::state::State;
use crate::token::Minted;
use crate::user_search;
use percent_encoding::percent_decode_str;

/// A longer query string is refused.
const LONGEST_QUERY: usize = 8 * 1024;

/// Counts, answers and records a request, and lets go wrong what is to.
pub(crate) fn serve(state: &mut State, incoming: &Incoming) -> Delivery {
    if state.refuses() {
        return Delivery::Reset;
    }
    let endpoint = Endpoint::of(&incoming.method, &incoming.path);
    let (of_endpoint, overall) = state.counter.next(endpoint);
    state.run_scheduled(overall);
    let now = state.now();
    let query = Query::parse(&incoming.query);
    let answer = answer(state, endpoint, incoming, &query, now);
    let fault = state.rules.iter().find_map(|rule| rule.fault_for(endpoint, of_endpoint, overall));
    let mut delivery = match fault {
        None => Delivery::Send(answer.clone(), Pace::Whole),
        Some(fault) => {
            let previous = state.previous.get(&endpoint);
            befall(fault, endpoint, answer.clone(), previous, now / SECOND)
        }
    };
    // Where the previous page comes again and again, it stays the same one.
    if answer.status == 200 && fault != Some(&Fault::PreviousPage) {
        state.previous.insert(endpoint, answer);
    }
    if let Delivery::Send(answer, _) = &mut delivery {
        finish(state, incoming, answer, now);
    }
    let request = Request {
        number: overall,
        endpoint,
        method: incoming.method.clone(),
        path: incoming.path.clone(),
        query: query.0,
        host: incoming.host.clone(),
        has_body: !incoming.body.is_empty(),
        connection: incoming.connection,
        status: None,
    };
    state.record(request, &delivery);
    delivery
}

/// What every answer has, by whatever way it came about.
fn finish(state: &State, incoming: &Incoming, answer: &mut Answer, now: i64) {
    let has = |answer: &Answer, name: &str| {
        answer.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    if incoming.accepts_gzip && answer.status == 200 && !has(answer, "content-encoding") {
        *answer = gzip(answer.clone());
    }
    if !has(answer, "date") {
        *answer = answer.clone().with("date", &http_date(now));
    }
    if !has(answer, "cache-control") {
        *answer = answer.clone().with("cache-control", "no-cache");
    }
    if state.refusals > 0 {
        *answer = answer.clone().with("connection", "close");
    }
}

fn answer(
    state: &mut State,
    endpoint: Endpoint,
    incoming: &Incoming,
    query: &Query,
    now: i64,
) -> Answer {
    let host = incoming.host.split(':').next().unwrap_or_default();
    if endpoint == Endpoint::Other || !host.eq_ignore_ascii_case(&state.domain) {
        return Answer::error(404, None, "Not Found");
    }
    if incoming.query.len() > LONGEST_QUERY {
        return Answer::error(414, None, "Request-URI Too Large");
    }
    if endpoint != Endpoint::Token {
        let header = incoming.authorization.as_deref();
        if let Err(refusal) = state.tokens.authorize(header, endpoint.scopes(), now) {
            return with_allowance(refusal, state.limits.look(endpoint, now));
        }
    }
    let allowance = state.limits.take(endpoint, now);
    let answer = if allowance.granted {
        resource(state, endpoint, incoming, query, now)
    } else {
        let wait = (allowance.reset - now / SECOND).unsigned_abs();
        too_many_requests(endpoint, state.options.retry_after.then_some(wait), None)
    };
    with_allowance(answer, allowance)
}

fn with_allowance(answer: Answer, allowance: Allowance) -> Answer {
    answer
        .with("x-ratelimit-limit", &allowance.limit.to_string())
        .with("x-ratelimit-remaining", &allowance.remaining.to_string())
        .with("x-ratelimit-reset", &allowance.reset.to_string())
}

fn resource(
    state: &mut State,
    endpoint: Endpoint,
    incoming: &Incoming,
    query: &Query,
    now: i64,
) -> Answer {
    match endpoint {
        Endpoint::Token => token(state, incoming, now),
        Endpoint::Users => {
            let index = state.users.index_at(now);
            user_search::list(query, &state.options, index, now, &mut state.random)
        }
        Endpoint::User => {
            let id = incoming.path.rsplit('/').next().unwrap_or_default();
            match percent_decode_str(id).decode_utf8() {
                Ok(id) => user_search::one(query, state.users.get(&id)),
                Err(_) => Answer::error(400, Some("invalid_uri"), "The path is no UTF-8."),
            }
        }
        Endpoint::Logs => {
            let origin = format!("https://{}", state.domain);
            log_search::list(query, &state.options, &state.logs, now, &origin)
        }
        Endpoint::Stats => daily_stats(state, query).unwrap_or_else(|refusal| refusal),
        Endpoint::ActiveUsers => Answer::json(200, state.active_users().to_string()),
        Endpoint::Other => Answer::error(404, None, "Not Found"),
    }
}

fn token(state: &mut State, incoming: &Incoming, now: i64) -> Answer {
    let lifetime = state.lifetime_ms();
    let minted =
        state.tokens.mint(&incoming.content_type, &incoming.body, &state.domain, lifetime, now);
    match minted {
        Minted::Refused(answer) => answer,
        Minted::Given(answer) => {
            if state.options.log_tokens {
                state.append_log(&NewLog::new("seccft", now));
            }
            answer
        }
    }
}

fn daily_stats(state: &State, query: &Query) -> Result<Answer, Answer> {
    query.only(&["from", "to"])?;
    let from = day(query, "from")?;
    let to = day(query, "to")?;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Answer::error(
            400,
            Some("invalid_query_string"),
            "'from' date cannot be greater than 'to' date.",
        ));
    }
    let rows: Vec<String> = state
        .stats()
        .into_iter()
        .filter(|row| from.is_none_or(|from| row.date >= from))
        .filter(|row| to.is_none_or(|to| row.date <= to))
        .map(|row| row.json)
        .collect();
    Ok(Answer::rows(&rows))
}

/// A day `2…`: Auth0's pattern begins in the year 2000.
fn day(query: &Query, name: &str) -> Result<Option<i64>, Answer> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    let fits = text.len() == 8 && text.starts_with('2');
    match parse_day_stamp(text).filter(|_| fits) {
        Some(day) => Ok(Some(day)),
        None => Err(Answer::bad_query(&format!(
            "'String does not match pattern ^2[0-9]{{3}}((0[1-9])|(1[0-2]))((0[1-9])|([12][0-9])|(3[01]))$: \
             {text}' on property {name} (Optional date in YYYYMMDD format)."
        ))),
    }
}
