//! Instances that are dropped, and checkpoints that are stored.

use super::host::Host;
use super::shop::{Shop, Stock};
use crate::contract::configuration::ConfigureError;
use crate::contract::step::Step;
use crate::engine::Engine;

fn stock() -> Stock {
    let mut stock = Stock::new(20, 11, 9);
    stock.feed.extend([1003, 1030]);
    stock
}

#[test]
fn an_instance_dropped_after_any_step_loses_nothing() {
    let mut whole = Host::new(stock());
    whole.sync();
    let steps = whole.steps.len();
    for drop_after in 0..steps {
        let mut host = Host::new(stock());
        for _ in 0..drop_after {
            host.call().unwrap();
        }
        host.resume();
        assert_eq!(host.sync(), None);
        assert!(host.is_whole(), "dropped after {drop_after} of {steps}: {:?}", host.stored);
    }
}

#[test]
fn an_instance_dropped_after_each_step_comes_to_an_end() {
    let mut host = Host::new(stock());
    // A begin is not progress: the next instance begins again.
    for _ in 0..1000 {
        let progressed = matches!(host.call().unwrap(), Step::Batches(_));
        if progressed {
            host.resume();
        }
        if host.is_whole() {
            return;
        }
    }
    panic!("{:?}", host.stored);
}

fn refusal(text: &str) -> String {
    match Engine::<Shop>::configure("{}", &|_| None, Some(text)) {
        Err(ConfigureError::Checkpoint(refusal)) => refusal,
        _ => panic!("{text} is accepted"),
    }
}

fn stored() -> String {
    let mut host = Host::new(stock());
    for _ in 0..9 {
        host.call().unwrap();
    }
    host.checkpoint.unwrap()
}

#[test]
fn a_truncated_or_altered_checkpoint_is_refused() {
    let text = stored();
    for end in 0..text.len() {
        refusal(&text[..end]);
    }
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'3' { b'4' } else { b'3' };
        refusal(&String::from_utf8(bytes).unwrap());
    }
}

#[test]
fn a_checkpoint_holds_no_credential_and_no_host_name() {
    let text = stored();
    for secret in ["shop.example", "shop%2Eexample", "token", "http"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[test]
fn another_version_and_another_source_are_distinguished() {
    let text = stored();
    let version = super::super::envelope::VERSION;
    let other = text.replace(&format!("\"version\":{version}"), "\"version\":3");
    assert!(refusal(&other).contains("version 3"), "{}", refusal(&other));
    let state = super::super::envelope::open("shop.example", &text).unwrap();
    let other = super::super::envelope::seal("other.example", &state);
    assert!(refusal(&other).contains("another source"));
}

#[test]
fn a_state_that_is_not_the_resources_is_refused_even_if_its_checksum_is_right() {
    let state = super::super::envelope::open("shop.example", &stored()).unwrap();
    for longer in [vec![0], vec![7; 40]] {
        let altered: Vec<u8> = state.iter().copied().chain(longer).collect();
        let text = super::super::envelope::seal("shop.example", &altered);
        assert!(refusal(&text).contains("cannot be read"));
    }
}
