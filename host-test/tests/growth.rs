//! Memory does not grow with what is read. A million rows are a matter of
//! minutes: `cargo run --release -- bench volume`.

use crate::support::auth0::Auth0;
use auth0_tenant::Options;
use rawdash_host::contract::Mode;
use serde_json::json;

/// Rows of a page.
const PAGE: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn sixty_thousand_rows_take_a_component_no_more_than_twenty_thousand() {
    let options = Options { users: 50, logs: 60_000, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.configure("resources", json!(["login_events"]));
    // Nor handles: far fewer than requests.
    auth0.settings.limits.handles = 100;
    auth0.sync_well(Mode::Full).await;
    let at = |rows: u64| {
        let mut steps = auth0.watcher.memory.iter();
        let step = steps.find(|(pages, _)| pages * PAGE >= rows);
        *step.unwrap_or_else(|| panic!("fewer than {rows} rows were read"))
    };
    let (early, late) = (at(20_000), at(60_000));
    assert!(early.0 * 2 < late.0, "the steps are too large to tell: {early:?} {late:?}");
    assert!(early.1 > 0);
    assert_eq!(early.1, late.1, "bytes of linear memory");
}
