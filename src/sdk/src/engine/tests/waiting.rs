//! Rate limits, pauses and patience.

use super::host::{Host, always, broken, head};
use super::shop::{COUNTS, FEED, GOODS, Stock};
use crate::contract::step::Step;
use crate::http::reply::{Answer, Head, Reply};

/// A source that allows two requests at once, and two a second.
fn limited(stock: Stock) -> Host {
    let mut host = Host::new(stock);
    let answers = host.stock.clone();
    host.fault = Box::new(move |request| {
        let (status, body) = answers.answer(&request.path);
        let lines: [(&str, &[u8]); 3] = [
            ("date", b"Tue, 24 Nov 2026 00:17:54 GMT"),
            ("x-ratelimit-limit", b"2"),
            ("x-ratelimit-remaining", b"1"),
        ];
        let head = Head::read(status, lines.into_iter());
        Some(Reply::Answer(Answer::new(head, body.into_bytes())))
    });
    host
}

#[test]
fn a_short_resource_is_not_kept_behind_a_long_one_that_shares_its_limit() {
    let mut host = limited(Stock::new(30, 2000, 20));
    while host.ending(GOODS).is_none() || host.ending(COUNTS).is_none() {
        host.call().unwrap();
    }
    let of = |name: &str| host.sent.iter().filter(|path| path.starts_with(name)).count();
    let (goods, feed, counts) = (of("/goods"), of("/feed"), of("/counts"));
    assert_eq!((goods, counts), (10, 5));
    assert!(feed <= 6, "{feed} requests of the feed went before");
    assert!(feed >= 2, "a resource that gives way is not kept waiting until the others are read");
}

#[test]
fn a_call_returns_when_its_patience_is_over_and_the_requests_go_on() {
    let mut host = Host::new(Stock::new(5, 5, 5));
    host.request.patience = Some(50);
    host.latency = 400;
    let before = host.now;
    assert_eq!(host.call(), Ok(Step::wait(0)));
    assert_eq!(host.now, before + 50);
    assert_eq!(host.sync(), None);
    assert!(host.is_whole());
    let mut unique = host.sent.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), host.sent.len(), "nothing is requested twice: {:?}", host.sent);
}

#[test]
fn a_pause_that_the_source_states_is_respected() {
    let mut host = Host::new(Stock::new(5, 5, 5)).wanting(&[FEED]);
    let mut first = true;
    host.fault = Box::new(move |request| {
        let limits = request.path.starts_with("/feed") && std::mem::take(&mut first);
        limits.then(|| {
            let lines: [(&str, &[u8]); 1] = [("retry-after", b"30")];
            Reply::Answer(Answer { head: Head::read(429, lines.into_iter()), ..Answer::default() })
        })
    });
    assert_eq!(host.sync(), None);
    let waits: Vec<u32> = host
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Wait { milliseconds: pause, .. } => Some(*pause),
            _ => None,
        })
        .collect();
    assert_eq!(waits, [30_000]);
    assert!(format!("{:?}", host.steps).contains("For feed, the rate limit was reached."));
}

#[test]
fn attempts_are_counted_by_lane_and_a_success_forgets_them() {
    let mut host = Host::new(Stock::new(5, 20, 5)).wanting(&[FEED]);
    let mut requests = 0;
    host.fault = Box::new(move |request| {
        requests += usize::from(request.path.starts_with("/feed"));
        (requests % 5 != 0 && request.path.starts_with("/feed")).then(broken)
    });
    assert_eq!(host.sync(), None);
    assert_eq!(host.stored(FEED), 20, "four failures in a row each time");
    host.fault = always("/feed", broken);
    host.sent.clear();
    assert_eq!(host.sync(), None);
    assert_eq!(host.sent.len(), 5, "{:?}", host.sent);
}

#[test]
fn progress_is_counted_from_the_begin_of_a_run_across_instances() {
    let mut host = Host::new(Stock::new(5, 20, 5)).wanting(&[FEED]);
    let mut seen = Vec::new();
    loop {
        match host.call().unwrap() {
            Step::Batches(batches) => {
                seen.extend(batches.iter().map(|batch| batch.progress.records));
                if seen.len() <= 5 {
                    host.resume();
                }
            }
            Step::Done => break,
            _ => {}
        }
    }
    // Five pages of the run that was resumed, and an empty one of the next.
    assert_eq!(seen, [4, 8, 12, 16, 20, 0]);
    assert!(head(200).is_success());
}
