//! From a request to its answer: the order of the checks, and who answers.

use crate::faults::{self, Fault};
use crate::http::{
    Answer, Delivery, Endpoint, Incoming, Pace, Parameters, Request, gzip, with_raw_bytes,
};
use crate::instant::{SECOND, http_date};
use crate::logs::{self, NewLog};
use crate::rate_limit::Allowance;
use crate::state::State;
use crate::stats;
use crate::token::Issued;
use crate::users;
use percent_encoding::percent_decode_str;

/// A longer query string is refused.
const LONGEST_QUERY: usize = 8 * 1024;

/// Counts, answers and records a request, and applies the fault that happens
/// to it.
pub(crate) fn serve(state: &mut State, incoming: &Incoming) -> Delivery {
    if state.refuses() {
        return Delivery::Reset;
    }
    let endpoint = Endpoint::of(&incoming.method, &incoming.path);
    let number = state.receive();
    state.run_scheduled(number);
    let now = state.now();
    let parameters = Parameters::parse(&incoming.query);
    let answer = with_raw_bytes(answer(state, endpoint, incoming, &parameters, now));
    let mut request = Request {
        number,
        endpoint,
        method: incoming.method.clone(),
        path: incoming.path.clone(),
        query: parameters.0,
        host: incoming.host.clone(),
        has_body: !incoming.body.is_empty(),
        connection: incoming.connection,
        status: None,
        faulty: false,
    };
    let fault = state.rules.fault_for(&request);
    request.faulty = fault.is_some();
    let mut delivery = match &fault {
        None => Delivery::Send(answer.clone(), Pace::Whole),
        Some(fault) => {
            let previous = state.previous.get(&endpoint);
            faults::apply(fault, endpoint, answer.clone(), previous, now / SECOND)
        }
    };
    // Where the previous page is repeated several times, it stays the same.
    if answer.status == 200 && fault != Some(Fault::PreviousPage) {
        state.previous.insert(endpoint, answer);
    }
    if let Delivery::Send(answer, _) = &mut delivery {
        finish(state, incoming, answer, now);
    }
    state.record(request, &delivery);
    delivery
}

/// Adds what every answer has.
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
    parameters: &Parameters,
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
        resource(state, endpoint, incoming, parameters, now)
    } else {
        too_many_requests(state, endpoint, allowance.reset - now / SECOND)
    };
    with_allowance(answer, allowance)
}

fn too_many_requests(state: &State, endpoint: Endpoint, seconds: i64) -> Answer {
    let answer = Answer::too_many_requests(endpoint);
    if state.options.retry_after {
        answer.with("retry-after", &seconds.to_string())
    } else {
        answer
    }
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
    parameters: &Parameters,
    now: i64,
) -> Answer {
    match endpoint {
        Endpoint::Token => token(state, incoming, now),
        Endpoint::Users => {
            let index = state.users.index_at(now);
            users::list(parameters, &state.options, index, now, &mut state.random)
        }
        Endpoint::User => {
            let id = incoming.path.rsplit('/').next().unwrap_or_default();
            match percent_decode_str(id).decode_utf8() {
                Ok(id) => users::one(parameters, state.users.get(&id)),
                Err(_) => Answer::error(400, Some("invalid_uri"), "The path is not UTF-8."),
            }
        }
        Endpoint::Logs => {
            let origin = format!("https://{}", state.domain);
            logs::list(parameters, &state.options, &state.logs, now, &origin)
        }
        Endpoint::Stats => stats::list(parameters, state.stats()),
        Endpoint::ActiveUsers => Answer::json(200, state.active_users().to_string()),
        Endpoint::Other => Answer::error(404, None, "Not Found"),
    }
}

fn token(state: &mut State, incoming: &Incoming, now: i64) -> Answer {
    let lifetime = state.lifetime_ms();
    let issued =
        state.tokens.request(&incoming.content_type, &incoming.body, &state.domain, lifetime, now);
    match issued {
        Issued::Refused(answer) => answer,
        Issued::Token(answer) => {
            if state.options.log_tokens {
                state.append_log(&NewLog::new("seccft", now));
            }
            answer
        }
    }
}
