//! Secrets that the source replaces, and a host that cannot store them.

use std::cell::RefCell;
use std::rc::Rc;

use super::host::{Host, head};
use super::shop::Stock;
use crate::config::Secret;
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::step::Step;
use crate::http::reply::{Answer, Reply};

/// The secrets that a host was offered.
type Offered = Rc<RefCell<Vec<String>>>;

fn granted(body: &str) -> Reply {
    Reply::Answer(Answer::new(head(200), body.as_bytes().to_vec()))
}

/// A source whose tokens replace the secret, one number higher each time.
fn host() -> Host {
    let mut host = Host::new(Stock::new(20, 11, 9));
    let mut tokens = 0;
    host.fault = Box::new(move |request| {
        tokens += usize::from(request.path == "/token");
        (request.path == "/token").then(|| granted(&format!("token{tokens} secret{tokens}")))
    });
    host
}

/// Stores no secret.
fn refuse(offered: &Offered) -> impl FnMut(&Secret) -> Result<(), Failure> + use<> {
    let offered = Rc::clone(offered);
    move |secret| {
        offered.borrow_mut().push(secret.reveal().to_owned());
        Err(Failure::new(FailureKind::Denied, "the disk is full"))
    }
}

/// Stores every secret.
fn keep(offered: &Offered) -> impl FnMut(&Secret) -> Result<(), Failure> + use<> {
    let offered = Rc::clone(offered);
    move |secret| {
        offered.borrow_mut().push(secret.reveal().to_owned());
        Ok(())
    }
}

#[test]
fn a_secret_that_the_host_cannot_store_is_offered_until_it_can_and_nothing_is_sent_before() {
    let (mut host, offered) = (host(), Offered::default());
    host.keep = Box::new(refuse(&offered));
    for _ in 0..3 {
        let failure = host.sync().expect("a sync that ends");
        assert_eq!(failure.message, "the disk is full");
        assert_eq!(host.sent, ["/token"]);
    }
    host.keep = Box::new(keep(&offered));
    assert_eq!(host.sync(), None);
    assert!(host.is_whole());
    assert_eq!(*offered.borrow(), ["secret1"; 4], "stored once, and not offered again");
    assert_eq!(host.sent.iter().filter(|path| *path == "/token").count(), 1);
}

/// A host to which pages arrive together with a token that replaces the secret.
fn host_with_pages(keep: impl FnMut(&Secret) -> Result<(), Failure> + 'static) -> Host {
    let mut host = host();
    host.latency = 4_000_000;
    assert!(matches!(host.call(), Ok(Step::Began { .. })));
    // The first token expires before the pages arrive.
    host.latency = 10;
    host.now += 4_000_000 - host.latency;
    host.keep = Box::new(keep);
    while !host.steps.iter().any(|step| matches!(step, Step::Batches(_))) {
        host.call().unwrap();
    }
    assert_eq!(host.sent.last().map(String::as_str), Some("/token"), "nothing after it");
    host
}

/// A checkpoint is where the steps returned so far end: records that are ready
/// when the secret cannot be stored would be in it without being stored.
#[test]
fn records_that_are_ready_are_returned_before_the_sync_ends() {
    let mut host = host_with_pages(refuse(&Offered::default()));
    let failure = host.sync().expect("a sync that ends");
    assert_eq!(failure.message, "the disk is full");
    // As a host that stores the checkpoint after an error, too.
    host.checkpoint = Some(host.engine.checkpoint().unwrap());
    host.resume();
    host.keep = Box::new(|_| Ok(()));
    assert_eq!(host.sync(), None);
    assert!(host.is_whole(), "{:?}", host.stored);
}

#[test]
fn a_secret_that_is_stored_one_call_later_ends_no_sync() {
    let mut host = host_with_pages(refuse(&Offered::default()));
    host.keep = Box::new(|_| Ok(()));
    assert_eq!(host.sync(), None);
    assert!(host.is_whole(), "{:?}", host.stored);
}

#[test]
fn a_secret_that_a_check_replaces_is_stored_before_the_first_probe() {
    let (mut host, offered) = (host(), Offered::default());
    let now = host.moment();
    let mut check = host.engine.check(now);
    assert_eq!(check.request().map(|sent| sent.request.path).as_deref(), Some("/token"));
    check.receive(granted("token secret"));
    check.keep_rotated(refuse(&offered));
    assert!(check.request().is_none(), "a probe before the secret is stored");
    let outcomes = check.outcomes();
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_err()), "{outcomes:?}");
    assert_eq!(outcomes.len(), 3);

    host.keep = Box::new(keep(&offered));
    assert_eq!(host.sync(), None);
    let offered = offered.borrow();
    assert_eq!(offered[..2], ["secret", "secret"], "the sync begins with it");
}
