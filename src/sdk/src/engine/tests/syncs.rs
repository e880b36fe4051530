//! Which runs a sync makes.

use super::host::{Host, always, head, status};
use super::shop::{COUNTS, FEED, GOODS, Stock};
use crate::contract::failure::FailureKind;
use crate::contract::request::{Mode, SyncRequest, Want};
use crate::contract::step::{RunMode, Step};
use crate::engine::outgoing::Turn;
use crate::http::reply::{Answer, Reply};

/// The runs that began: resource, mode, and whether resumed.
fn began(host: &Host) -> Vec<(&str, RunMode, bool)> {
    let began = host.steps.iter().filter_map(|step| match step {
        Step::Began { resource, mode, resumed } => Some((resource.as_str(), *mode, *resumed)),
        _ => None,
    });
    began.collect()
}

#[test]
fn an_automatic_run_is_full_without_a_recent_one() {
    let mut host = Host::new(Stock::new(5, 5, 5)).wanting(&[GOODS]);
    for _ in 0..2 {
        host.sync();
        host.resume();
    }
    host.now += 86_400_001;
    host.sync();
    let modes = [RunMode::Full, RunMode::Latest, RunMode::Full];
    assert_eq!(began(&host), modes.map(|mode| (GOODS, mode, false)));
}

#[test]
fn a_clock_that_was_wrong_once_does_not_end_all_full_runs() {
    let mut host = Host::new(Stock::new(5, 5, 5)).wanting(&[GOODS]);
    host.now += 30 * 86_400_000;
    host.sync();
    host.now -= 30 * 86_400_000;
    host.resume();
    host.sync();
    assert_eq!(began(&host), [(GOODS, RunMode::Full, false); 2]);
}

#[test]
fn a_resumed_run_is_followed_by_what_is_requested() {
    let mut host = Host::new(Stock::new(20, 30, 5)).wanting(&[GOODS]);
    while host.stored.is_empty() {
        host.call().unwrap();
    }
    host.resume();
    host.steps.clear();
    host.stock.goods.insert(99);
    host.request.wants = vec![Want { mode: Mode::Full, ..Want::auto(GOODS) }];
    assert_eq!(host.sync(), None);
    assert_eq!(began(&host), [(GOODS, RunMode::Full, true), (GOODS, RunMode::Full, false)]);
    assert_eq!(host.stored(GOODS), 21, "as of now");
}

#[test]
fn a_run_that_is_kept_is_left_alone_while_it_is_not_wanted() {
    let mut host = Host::new(Stock::new(20, 30, 5)).wanting(&[GOODS]);
    while host.stored.is_empty() {
        host.call().unwrap();
    }
    host.resume();
    host.steps.clear();
    host.request.wants = vec![Want::auto(FEED)];
    assert_eq!(host.sync(), None);
    assert_eq!(began(&host), [(FEED, RunMode::Full, false)]);
    host.request.wants.clear();
    host.steps.clear();
    assert_eq!(host.sync(), None);
    assert!(began(&host).contains(&(GOODS, RunMode::Full, true)), "{:?}", began(&host));
    assert!(host.is_whole());
}

#[test]
fn work_that_is_left_for_a_resource_that_has_ended_is_done_in_the_same_sync() {
    let mut host = Host::new(Stock::new(5, 40, 5));
    host.sync();
    host.steps.clear();
    // Good 3 is gone, and the feed says so at its very end.
    host.stock.goods.remove(&3);
    host.stock.feed.extend([41, 42, 43, 44, 45, 46, 47, 48, 1003]);
    assert_eq!(host.sync(), None);
    let goods = began(&host).into_iter().filter(|(name, ..)| *name == GOODS).count();
    assert_eq!(goods, 2, "{:?}", began(&host));
    assert!(host.is_whole());
    assert_eq!(host.sync(), None);
}

#[test]
fn a_request_for_what_is_not_configured_is_refused() {
    let mut host = Host::new(Stock::default()).wanting(&["elsewhere"]);
    let failure = host.sync().unwrap();
    assert_eq!(failure.kind, FailureKind::Request);
    assert_eq!(failure.resource.as_deref(), Some("elsewhere"));
    assert!(host.sent.is_empty());
}

#[test]
fn a_sync_that_ends_while_a_token_is_requested_does_not_block_the_next() {
    let mut host = Host::new(Stock::new(5, 5, 5));
    host.engine.enter(&host.request, host.moment()).unwrap();
    let (outgoing, _) = host.engine.turn(host.moment());
    let [token] = &outgoing[..] else { panic!("{outgoing:?}") };
    let elsewhere = SyncRequest { wants: vec![Want::auto("elsewhere")], patience: None };
    assert!(host.engine.enter(&elsewhere, host.moment()).is_err());
    host.engine.enter(&host.request, host.moment()).unwrap();
    let (again, turn) = host.engine.turn(host.moment());
    assert!(again.is_empty() && turn == Turn::Await(None), "{again:?}, {turn:?}");
    let (status, body) = host.stock.answer("/token");
    let answer = Answer::new(head(status), body.into_bytes());
    host.engine.receive(token.ticket, Reply::Answer(answer), host.moment());
    assert_eq!(host.sync(), None);
    assert!(!host.sent.contains(&"/token".to_owned()), "one token is enough");
}

#[test]
fn a_changed_request_is_honoured_for_what_has_not_begun() {
    let mut host = Host::new(Stock::new(5, 5, 5)).wanting(&[GOODS]);
    while began(&host).is_empty() {
        host.call().unwrap();
    }
    host.request.wants = vec![Want::auto(GOODS), Want::auto(COUNTS)];
    assert_eq!(host.sync(), None);
    assert_eq!((host.stored(GOODS), host.stored(FEED), host.stored(COUNTS)), (5, 0, 5));
    assert_eq!(began(&host).len(), 2);
}

#[test]
fn a_request_that_names_a_resource_twice_is_refused_and_ends_the_sync() {
    let mut host = Host::new(Stock::new(5, 5, 5)).wanting(&[GOODS]);
    while host.ending(GOODS).is_none() {
        host.call().unwrap();
    }
    host.request.wants = vec![Want::auto(GOODS); 2];
    let failure = host.sync().unwrap();
    assert_eq!((failure.kind, failure.resource.as_deref()), (FailureKind::Request, Some(GOODS)));
    host.request.wants = vec![Want::auto(GOODS)];
    assert_eq!(host.sync(), None);
    assert_eq!(began(&host).len(), 2, "an error begins a new sync");
}

#[test]
fn generations_grow_from_run_to_run_also_after_a_reset() {
    let generations = |host: &Host| {
        let mut found = Vec::new();
        for word in format!("{:?}", host.steps).split("generation: ").skip(1) {
            let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
            found.push(digits.parse::<u64>().unwrap());
        }
        found
    };
    let mut host = Host::new(Stock::new(5, 0, 0)).wanting(&[GOODS]);
    host.request.wants = vec![Want { mode: Mode::Full, ..Want::auto(GOODS) }];
    host.sync();
    host.sync();
    host.checkpoint = None;
    host.now += 10;
    host.resume();
    host.sync();
    let found = generations(&host);
    assert_eq!(found.len(), 3);
    assert!(found[0] < found[1], "{found:?}");
    assert!(found[2] >= 1_795_479_474_000, "at least the source's time: {found:?}");
}

#[test]
fn a_failure_that_is_not_reported_yet_is_found_again_after_a_resume() {
    let mut host = Host::new(Stock::new(20, 5, 5)).wanting(&[GOODS]);
    let mut requests = 0;
    host.fault = Box::new(move |request| {
        requests += usize::from(request.path.starts_with("/goods"));
        (requests > 3).then(|| status(403))
    });
    while host.stored.is_empty() {
        host.call().unwrap();
    }
    host.resume();
    host.fault = always("/goods", || status(403));
    assert_eq!(host.sync(), None);
    assert!(format!("{:?}", host.ending(GOODS)).contains("Permission"));
}

#[test]
fn every_resource_is_checked_with_one_token() {
    let mut host = Host::new(Stock::new(5, 5, 5));
    let now = host.moment();
    let mut check = host.engine.check(now);
    let mut paths = Vec::new();
    while let Some(sent) = check.request() {
        let path = sent.request.path;
        check.receive(match path.starts_with("/feed") {
            true => status(403),
            false => {
                let (_, body) = host.stock.answer(&path);
                crate::http::reply::Reply::Answer(crate::http::reply::Answer::new(
                    super::host::head(200),
                    body.into_bytes(),
                ))
            }
        });
        paths.push(path);
    }
    let outcomes = check.outcomes();
    assert_eq!(paths, ["/token", "/goods?0", "/feed?0&1", "/counts?0&1"]);
    let kinds: Vec<_> = outcomes
        .iter()
        .map(|(name, outcome)| (name.as_str(), outcome.as_ref().err().map(|f| f.kind)))
        .collect();
    let forbidden = Some(FailureKind::Permission);
    assert_eq!(kinds, [(GOODS, None), (FEED, forbidden), (COUNTS, None)]);
    assert_eq!(host.request, SyncRequest::default());
}
