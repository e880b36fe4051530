//! Whatever goes wrong, and whenever an instance is dropped, all records arrive.

use proptest::prelude::*;

use super::host::{Host, broken, head, status};
use super::shop::Stock;
use crate::contract::step::Step;
use crate::http::reply::{Answer, Reply};

/// One of the things that go wrong with a request.
fn fault(kind: u8) -> Option<Reply> {
    match kind {
        0 => Some(status(500)),
        1 => Some(status(429)),
        2 => Some(status(401)),
        3 => Some(broken()),
        4 => Some(status(403)),
        5 => Some(Reply::TooLarge(head(200))),
        6 => Some(Reply::Answer(Answer::new(head(200), b"<html>".to_vec()))),
        7 => Some(status(418)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn all_records_arrive_whatever_goes_wrong(
        (goods, feed, counts) in (0u32..40, 0u32..30, 0u32..30),
        faults in proptest::collection::vec(0u8..24, 0..60),
        drops in proptest::collection::vec(any::<bool>(), 0..60),
        gone in proptest::collection::vec(0u32..40, 0..4),
        latencies in (1u64..200, 1u64..200),
    ) {
        let mut host = Host::new(Stock::new(goods, feed, counts));
        host.latency = latencies.0;
        let mut faults = faults.into_iter();
        host.fault = Box::new(move |_| faults.next().and_then(fault));
        for dropped in drops {
            let _ = host.call();
            if dropped {
                host.resume();
            }
            host.latency = latencies.1;
        }
        // What is gone now is nominated, whoever has ended.
        for good in gone {
            if host.stock.goods.remove(&good) {
                host.stock.feed.push(1000 + good);
            }
        }
        // A row that could not be read may have been skipped: the feed is read
        // anew. All else has to arrive by itself.
        host.fault = Box::new(|_| None);
        // A failure of all alike may not be reported yet.
        let _ = host.sync();
        for _ in 0..3 {
            prop_assert_eq!(host.sync(), None);
        }
        let skipped = format!("{:?}", host.steps).contains("row-unreadable");
        prop_assert!(skipped || host.is_whole(), "{:?}", host.stored);
        let last = host.steps.last();
        prop_assert_eq!(last, Some(&Step::Done));
    }
}
