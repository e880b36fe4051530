//! What a fault does to an answer.

use super::fault::Fault;
use crate::http::{Answer, Delivery, Endpoint, Pace, gzip};
use crate::instant::{SECOND, http_date};
use bytes::Bytes;

/// The answer, changed by the fault.
pub(crate) fn apply(
    fault: &Fault,
    endpoint: Endpoint,
    mut answer: Answer,
    previous: Option<&Answer>,
    now_seconds: i64,
) -> Delivery {
    let mut pace = Pace::Whole;
    match fault {
        Fault::ResetBeforeHeaders => return Delivery::Reset,
        Fault::NoHeaders => return Delivery::Silence,
        Fault::ResetInBody { after } => pace = Pace::ResetAfter(*after),
        Fault::Stall { after } => pace = Pace::StallAfter(*after),
        Fault::ByteByByte => pace = Pace::ByteByByte,
        Fault::Padded { bytes } => pace = Pace::Padded(*bytes),
        Fault::Answer(other) => answer = other.clone(),
        Fault::TooManyRequests { retry_after, reset_in } => {
            let reset = reset_in.map(|seconds| now_seconds + seconds);
            answer = too_many_requests(endpoint, *retry_after, reset);
        }
        Fault::Status(status) => answer = Answer::status(endpoint, *status),
        Fault::RetryAfterDate { seconds } => {
            let date = http_date((now_seconds + seconds) * SECOND);
            answer = Answer::too_many_requests(endpoint).with("retry-after", &date);
        }
        Fault::RateLimitReset { seconds } => {
            answer = without_requests(answer, now_seconds + seconds);
        }
        Fault::PreviousPage => answer = previous.cloned().unwrap_or(answer),
        Fault::LinkToHost(host) => link_to(&mut answer, host),
        Fault::Gzip => answer = gzip(answer),
        Fault::HugeHeader { bytes } => answer = answer.with("x-padding", &"x".repeat(*bytes)),
        Fault::MalformedJson => answer.body = Bytes::from_static(b"{\"rows\": [not JSON}"),
        Fault::TruncatedJson => answer.body.truncate(answer.body.len() / 2),
        Fault::AnotherShape => answer.body = Bytes::from_static(b"{\"another\":{\"shape\":[]}}"),
        Fault::EmptyBody => answer.body = Bytes::new(),
        Fault::InvalidUtf8 => answer.body = Bytes::from_static(b"[{\"name\":\"\xff\xfe\"}]"),
        Fault::DeepJson { depth } => {
            answer.body = format!("{}{}", "[".repeat(*depth), "]".repeat(*depth)).into();
        }
    }
    Delivery::Send(answer, pace)
}

fn too_many_requests(endpoint: Endpoint, retry_after: Option<u64>, reset: Option<i64>) -> Answer {
    let mut answer = Answer::too_many_requests(endpoint);
    if let Some(seconds) = retry_after {
        answer = answer.with("retry-after", &seconds.to_string());
    }
    if let Some(reset) = reset {
        answer = without_requests(answer, reset);
    }
    answer
}

fn without_requests(answer: Answer, reset: i64) -> Answer {
    answer
        .with("x-ratelimit-limit", "10")
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", &reset.to_string())
}

fn link_to(answer: &mut Answer, host: &str) {
    let links = answer.headers.iter_mut().filter(|(name, _)| name == "link");
    for (_, link) in links {
        if let Some((_, path)) = link.split_once("/api/") {
            *link = format!("<https://{host}/api/{path}");
        }
    }
}
