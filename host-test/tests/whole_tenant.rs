//! A whole tenant, synced through the component.

use std::collections::BTreeSet;
use std::io::Write;

use crate::support::auth0::Auth0;
use auth0_tenant::Options;
use rawdash_host::contract::Mode;

const TYPES: [&str; 4] = ["s", "f", "seacft", "fp"];

#[tokio::test(flavor = "multi_thread")]
async fn every_user_every_event_and_every_day_is_stored_once() {
    let options =
        Options { users: 2_500, logs: 5_000, odd: false, ties: 130, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    let report = auth0.sync().await;
    assert_eq!(report.exit().code(), 0, "{report:#?}");
    let contents = auth0.contents();
    let (users, wanted) = there(&auth0);
    assert_eq!(contents.users.keys().cloned().collect::<BTreeSet<_>>(), users);
    assert_eq!(contents.events.len(), wanted);
    assert_eq!(contents.event_rows as usize, wanted);
    auth0.tenant.state().forget_requests();
    let again = auth0.sync_mode(Mode::Auto).await;
    assert_eq!(again.exit().code(), 0, "{again:#?}");
    assert_eq!(auth0.contents(), contents);
    // A token, the days that may change, what changed among users, the log's
    // end: no page that it need not.
    assert_eq!(auth0.tenant.requests().len(), 4);
}

/// The ids of the tenant's users, and how many of its log rows are wanted.
fn there(auth0: &Auth0) -> (BTreeSet<String>, usize) {
    let state = auth0.tenant.state();
    let users = state.users().map(|user| user.id().to_owned()).collect();
    let wanted = state.logs().filter(|log| TYPES.contains(&log.kind.as_str())).count();
    (users, wanted)
}

#[test]
fn the_component_is_small_enough_to_be_fetched_at_every_start() {
    let component = rawdash_host_cli::EMBEDDED;
    assert!(component.len() <= 400_000, "{} bytes", component.len());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(component).unwrap();
    let packed = encoder.finish().unwrap().len();
    assert!(packed <= 150_000, "{packed} bytes by gzip");
}
