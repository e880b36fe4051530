//! What a sync costs, in what can be counted: the time that it takes depends on
//! the machine, and is measured by `rawdash-host bench`.

use crate::support::auth0::Auth0;
use auth0_tenant::{Endpoint, Options};
use rawdash_bench::instructions::of_a_row;
use rawdash_bench::pages::{Reader, Rows};
use rawdash_host::component::Connector;
use rawdash_host::contract::Mode;
use rawdash_host_cli::EMBEDDED;

/// Instructions for a row of the log, a third of them for going over its text.
const FUEL_OF_A_ROW: u64 = 15_000;

/// Instructions for a user, with a share of finding the ranges of `created_at`.
const FUEL_OF_A_USER: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sync_asks_for_each_page_once() {
    let options = Options { users: 2_000, logs: 5_000, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    let report = auth0.sync_well(Mode::Full).await;
    let requests = auth0.tenant.requests();
    let of = |endpoint| requests.iter().filter(|sent| sent.endpoint == endpoint).count();
    assert_eq!(report.requests as usize, requests.len());
    assert_eq!(of(Endpoint::Token), 1);
    // The oldest row, the pages, and an empty one.
    assert_eq!(of(Endpoint::Logs), 52);
    // The newest change, the pages of four ranges, and who has no date.
    let users = of(Endpoint::Users);
    assert!((21..=30).contains(&users), "{users}");
    assert_eq!(of(Endpoint::Stats), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_that_nobody_wants_are_not_fetched() {
    let options = |profile_bytes| Options {
        users: 1_000,
        logs: 0,
        odd: false,
        profile_bytes,
        ..Options::default()
    };
    let mut received = Vec::new();
    for profile_bytes in [0, 10_000] {
        let mut auth0 = Auth0::new(options(profile_bytes)).await;
        received.push(auth0.sync_well(Mode::Full).await.received);
        assert_eq!(auth0.contents().changed(), auth0.users());
    }
    assert!(received[0] > 10_000, "{received:?}");
    assert_eq!(received[0], received[1]);
}

#[test]
fn a_log_row_costs_the_component_no_more_instructions_than_reading_it_takes() {
    assert_costs(Rows::Log, FUEL_OF_A_ROW);
}

#[test]
fn a_user_costs_the_component_no_more_instructions_than_reading_it_takes() {
    assert_costs(Rows::Users, FUEL_OF_A_USER);
}

fn assert_costs(rows: Rows, bound: u64) {
    let connector = Connector::load_counting(EMBEDDED).unwrap();
    let of_a_row = of_a_row(rows, Reader::Component(&connector)).unwrap();
    assert!(of_a_row <= bound, "{of_a_row} instructions");
    assert!(of_a_row > bound / 10 * 9, "{of_a_row} instructions: tighten the bound");
}
