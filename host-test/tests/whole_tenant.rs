//! A whole tenant, synced through the component.

mod support;

use auth0_tenant::Options;
use rawdash_host::contract::Mode;
use support::auth0::Auth0;

const TYPES: [&str; 4] = ["s", "f", "seacft", "fp"];

#[tokio::test(flavor = "multi_thread")]
async fn every_user_every_event_and_every_day_is_stored_once() {
    let options =
        Options { users: 2_500, logs: 5_000, odd: false, ties: 130, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    let report = auth0.sync().await;
    assert_eq!(report.outcome().exit_code(), 0, "{report:#?}");
    let contents = auth0.contents();
    let state = auth0.tenant.state();
    let users: Vec<_> = state.users().map(|user| user.id().to_owned()).collect();
    assert_eq!(
        contents.users.keys().cloned().collect::<std::collections::BTreeSet<_>>(),
        users.into_iter().collect()
    );
    let wanted = state.logs().filter(|log| TYPES.contains(&log.kind.as_str())).count();
    assert_eq!(contents.events.len(), wanted);
    assert_eq!(contents.event_rows as usize, wanted);
    drop(state);
    auth0.tenant.state().forget_requests();
    let again = auth0.sync_mode(Mode::Auto).await;
    assert_eq!(again.outcome().exit_code(), 0, "{again:#?}");
    assert_eq!(auth0.contents(), contents);
    let asked: Vec<_> = auth0
        .tenant
        .requests()
        .iter()
        .map(|request| format!("{} {:?} {:?}", request.path, request.query, request.status))
        .collect();
    println!("{asked:#?} {report:#?}");
}
