//! Every way in which a run or a sync ends.

use super::host::{Host, always, broken, status};
use super::shop::{COUNTS, FEED, GOODS, Stock};
use crate::contract::failure::FailureKind;
use crate::contract::step::Ending;
use crate::http::reply::{Answer, Broken, Head, Reply};

fn host() -> Host {
    Host::new(Stock::new(20, 11, 9))
}

fn postponed(host: &Host, name: &str) -> FailureKind {
    match host.ending(name) {
        Some(Ending::Postponed(failure)) => failure.kind,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_sync_reads_everything() {
    let mut host = host();
    assert_eq!(host.sync(), None);
    assert!(host.is_whole(), "{:?}", host.stored);
    for name in [GOODS, FEED, COUNTS] {
        assert_eq!(host.ending(name), Some(&Ending::Complete), "{name}");
    }
}

#[test]
fn a_resource_that_fails_for_ever_holds_up_no_other() {
    for (reply, kind) in [
        ((|| status(500)) as fn() -> Reply, FailureKind::Transient),
        (broken, FailureKind::Transient),
        (|| status(429), FailureKind::RateLimited),
    ] {
        let mut host = host();
        host.fault = always("/counts", reply);
        for day in 0..4 {
            assert_eq!(host.sync(), None, "day {day}");
            assert_eq!(postponed(&host, COUNTS), kind);
            assert_eq!((host.stored(GOODS), host.stored(FEED)), (20 + day, 11 + day));
            let next = 20 + day as u32;
            host.stock.goods.insert(next);
            host.stock.feed.push(next);
            host.stock.counts.push(next);
            // Full again, a day later.
            host.now += 86_400_001;
        }
        host.fault = Box::new(|_| None);
        assert_eq!(host.sync(), None);
        assert!(host.is_whole(), "{:?}", host.stored);
    }
}

#[test]
fn a_missing_permission_fails_one_resource_for_good_in_this_sync() {
    let mut host = host();
    host.fault = always("/goods", || status(403));
    assert_eq!(host.sync(), None);
    let Some(Ending::Failed(failure)) = host.ending(GOODS) else { panic!() };
    assert_eq!((failure.kind, failure.status), (FailureKind::Permission, Some(403)));
    assert_eq!(failure.resource.as_deref(), Some(GOODS));
    assert_eq!((host.stored(FEED), host.stored(COUNTS)), (11, 9));
    host.fault = Box::new(|_| None);
    assert_eq!(host.sync(), None);
    assert!(host.is_whole());
}

#[test]
fn a_lane_that_fails_for_ever_does_not_stop_the_other_lanes_of_its_run() {
    let mut host = Host::new(Stock::new(60, 0, 0)).wanting(&[GOODS]);
    // Five attempts at page 1 are over long before the ten pages of the first lane.
    host.latency = 10_000;
    host.fault = Box::new(|request| (request.path == "/goods?1").then(|| status(500)));
    assert_eq!(host.sync(), None);
    assert_eq!(postponed(&host, GOODS), FailureKind::Transient);
    let even = (0..10).map(|page| format!("/goods?{}", page * 2));
    assert!(even.into_iter().all(|page| host.sent.contains(&page)), "{:?}", host.sent);
    host.fault = Box::new(|_| None);
    host.sent.clear();
    while host.stored(GOODS) == 0 {
        host.call().unwrap();
    }
    let odd = (0..10).map(|page| format!("/goods?{}", page * 2 + 1));
    assert_eq!(host.sent, odd.collect::<Vec<_>>(), "only what is left");
    assert_eq!(host.stored(GOODS), 60);
}

#[test]
fn what_concerns_all_ends_the_call_and_loses_nothing() {
    let redirect: fn() -> Reply = || {
        let lines: [(&str, &[u8]); 1] = [("location", b"https://portal.example/login")];
        let head = Head::read(302, lines.into_iter());
        Reply::Answer(Answer { head, ..Answer::default() })
    };
    let replies: [(fn() -> Reply, FailureKind); 4] = [
        (|| Reply::Broken(Broken::Untrusted), FailureKind::Untrusted),
        (|| Reply::Broken(Broken::Denied), FailureKind::Denied),
        (|| status(418), FailureKind::Misdirected),
        (redirect, FailureKind::Misdirected),
    ];
    for (reply, kind) in replies {
        let mut host = host();
        let mut requests = 0;
        host.fault = Box::new(move |request| {
            requests += usize::from(request.path.starts_with("/goods"));
            (requests > 6).then(reply)
        });
        let failure = host.sync().unwrap();
        assert_eq!((failure.kind, failure.resource), (kind, None));
        assert!(host.stored(FEED) > 0, "what was ready is stored");
        host.fault = Box::new(|_| None);
        host.resume();
        assert_eq!(host.sync(), None);
        assert!(host.is_whole());
    }
}

#[test]
fn credentials_that_are_refused_begin_no_run() {
    let mut host = host();
    host.fault = always("/token", || status(401));
    assert_eq!(host.sync().unwrap().kind, FailureKind::Authentication);
    assert!(host.steps.is_empty(), "{:?}", host.steps);
    assert_eq!(host.sent, ["/token"]);
}

#[test]
fn a_token_that_cannot_be_had_after_all_attempts_ends_the_call() {
    let mut host = host();
    host.fault = always("/token", || status(503));
    let failure = host.sync().unwrap();
    assert_eq!((failure.kind, failure.status), (FailureKind::Transient, Some(503)));
    assert!(failure.retry_after >= Some(1000));
    assert_eq!(host.sent.len(), 5);
    host.fault = Box::new(|_| None);
    assert_eq!(host.sync(), None, "attempts are fresh");
}

#[test]
fn one_new_token_is_requested_for_each_that_is_refused() {
    let mut host = host();
    let mut refusals = 2;
    host.fault = Box::new(move |request| {
        let refuse = refusals > 0 && request.path.starts_with("/goods");
        refusals -= usize::from(refuse);
        refuse.then(|| status(401))
    });
    assert_eq!(host.sync(), None);
    assert!(host.is_whole());
    let tokens = host.sent.iter().filter(|path| *path == "/token").count();
    assert!((2..=3).contains(&tokens), "{tokens} tokens");
}

#[test]
fn tokens_that_are_always_refused_are_the_credentials_fault() {
    let mut host = host();
    host.fault = Box::new(|request| (request.path != "/token").then(|| status(401)));
    let failure = host.sync().unwrap();
    assert_eq!((failure.kind, failure.status), (FailureKind::Authentication, Some(401)));
}

#[test]
fn a_host_name_that_is_not_found_is_a_mistake_only_where_it_never_worked() {
    let not_found: fn() -> Reply = || Reply::Broken(Broken::HostNotFound);
    let mut host = host();
    host.fault = always("/", not_found);
    assert_eq!(host.sync().unwrap().kind, FailureKind::Misdirected);
    assert_eq!(host.sent.len(), 1);
    host.fault = Box::new(|_| None);
    assert_eq!(host.sync(), None);
    host.resume();
    host.fault = always("/", not_found);
    assert_eq!(host.sync().unwrap().kind, FailureKind::Transient, "the checkpoint knows");
}

#[test]
fn a_host_name_that_is_lost_after_the_token_is_an_outage() {
    let mut host = host();
    host.fault = Box::new(|request| {
        (request.path != "/token").then_some(Reply::Broken(Broken::HostNotFound))
    });
    assert_eq!(host.sync(), None);
    assert_eq!(postponed(&host, GOODS), FailureKind::Transient);
}

#[test]
fn an_answer_that_is_late_for_its_sync_is_not_returned_by_the_next() {
    let mut host = Host::new(Stock::new(20, 1000, 0)).wanting(&[GOODS, FEED]);
    host.fault = always("/feed", || status(418));
    // Requests of both are in flight when one of them ends the sync.
    host.waiting_first("/feed");
    assert!(host.sync().is_some());
    host.fault = Box::new(|_| None);
    host.request.wants.retain(|want| want.resource == FEED);
    host.steps.clear();
    assert_eq!(host.sync(), None);
    assert!(!format!("{:?}", host.steps).contains(GOODS), "{:?}", host.steps);
}

#[test]
fn a_row_that_cannot_be_read_is_skipped_with_a_warning() {
    let mut host = host();
    // The eighth row of the feed breaks every page that shows it.
    host.fault = Box::new(|request| {
        let query = request.path.strip_prefix("/feed?")?;
        let (position, rows) = query.split_once('&')?;
        let position: u32 = position.parse().ok()?;
        let shows = position <= 7 && 7 < position + rows.parse::<u32>().ok()?;
        shows.then(|| Reply::Answer(Answer::new(super::host::head(200), b"{".to_vec())))
    });
    assert_eq!(host.sync(), None);
    assert_eq!((host.stored(FEED), host.stored(GOODS)), (10, 20));
    let steps = format!("{:?}", host.steps);
    assert_eq!(steps.matches("row-unreadable").count(), 1);
}
