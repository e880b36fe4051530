//! Who reads the database while it is synced. Dashboards do, all the time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::auth0::Auth0;
use crate::support::tapped::Tapped;
use auth0_tenant::{Endpoint, Fault, Options, Rule, User};
use rawdash_host::contract::Mode;
use rusqlite::Connection;
use serde_json::json;

/// Users by id, with the time of their last change.
type Users = BTreeMap<String, i64>;

/// A reader with a connection of its own that looks again and again.
struct Reader {
    shared: Arc<Shared>,
    thread: JoinHandle<Vec<Users>>,
}

#[derive(Default)]
struct Shared {
    looks: AtomicUsize,
    enough: AtomicBool,
}

impl Reader {
    fn start(path: PathBuf) -> Reader {
        let shared = Arc::new(Shared::default());
        let seen = shared.clone();
        Reader { shared, thread: std::thread::spawn(move || watch(&path, &seen)) }
    }

    /// What makes the writer wait until the reader has looked anew, so that
    /// there is a look after every write.
    fn looked_anew(&self) -> impl Fn(usize) + use<> {
        let shared = self.shared.clone();
        move |_| {
            // The look under way may have begun before the write.
            let wanted = shared.looks.load(Ordering::SeqCst) + 2;
            while shared.looks.load(Ordering::SeqCst) < wanted {
                // Its own, this one, and the reader's, which goes with it.
                assert!(Arc::strong_count(&shared) > 2, "the reader is gone");
                std::thread::yield_now();
            }
        }
    }

    /// What it saw, each time that it changed.
    fn end(self) -> Vec<Users> {
        self.shared.enough.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn watch(path: &Path, shared: &Shared) -> Vec<Users> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT id, updated_at FROM entities").unwrap();
    let mut seen: Vec<Users> = Vec::new();
    while !shared.enough.load(Ordering::SeqCst) {
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let users = rows.map(Result::unwrap).collect();
        if seen.last() != Some(&users) {
            seen.push(users);
        }
        shared.looks.fetch_add(1, Ordering::SeqCst);
    }
    seen
}

/// A tenant that was synced once, and of whose users then some left, others
/// changed, and more came.
async fn changed() -> Auth0 {
    let options =
        Options { users: 300, logs: 120, page_limit: 30, odd: false, ..Options::default() };
    let mut auth0 = Auth0::new(options).await;
    auth0.sync_well(Mode::Full).await;
    auth0.pass(Duration::from_secs(3_600));
    let ids: Vec<String> = auth0.users().into_keys().collect();
    let mut state = auth0.tenant.state();
    ids[..100].iter().for_each(|id| assert!(state.remove_user(id)));
    ids[100..150].iter().for_each(|id| state.update_user(id, |_| ()));
    for number in 0..150 {
        let at = "2026-03-01T11:00:00.000Z";
        let id = format!("auth0|new{number}");
        let row = json!({ "user_id": id, "created_at": at, "updated_at": at });
        state.put_user(User::from_json(row.to_string()));
    }
    state.forget_requests();
    drop(state);
    auth0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_looks_all_the_time_never_sees_a_part_of_the_users() {
    let faults = [
        None,
        Some(Fault::ResetBeforeHeaders),
        Some(Fault::ResetInBody { after: 900 }),
        Some(Fault::Stall { after: 900 }),
        Some(Fault::bad_gateway()),
        Some(Fault::token_revoked()),
        Some(Fault::TruncatedJson),
        Some(Fault::PreviousPage),
    ];
    for fault in faults {
        let mut auth0 = changed().await;
        for nth in fault.iter().flat_map(|_| 2..5) {
            // Once, and for longer than a command has patience; a token that is
            // refused again and again is no outage.
            let lasting = nth == 3 && fault != Some(Fault::token_revoked());
            let rule = Rule::on(Endpoint::Users, fault.clone().unwrap()).nth(nth * 2);
            auth0.tenant.state().fault(rule.times(if lasting { 6 } else { 1 }));
        }
        let before: Users = auth0.contents().changed();
        let reader = Reader::start(auth0.path());
        auth0.options.request.mode = Mode::Full;
        // The database itself fails, too: the run is carried on by the next. Not where
        // a page is served again: after the break that page can be ahead of the walk,
        // and nothing but the count tells it from the page that was requested. The
        // walk then reports users as missing and the next full run reads them.
        let breaks = match fault {
            Some(Fault::PreviousPage) => [None; 7],
            _ => [Some(7), Some(5), None, None, None, None, None],
        };
        for broken_from in breaks {
            let mut storage = Tapped::new(auth0.database());
            storage.broken_from = broken_from;
            storage.after = Box::new(reader.looked_anew());
            let report = auth0.sync_into(&mut storage).await;
            match report.exit().code() {
                0 => break,
                74 | 75 => auth0.pass(Duration::from_secs(60)),
                other => panic!("{other} {report:#?}"),
            }
        }
        let seen = reader.end();
        let after = auth0.users();
        assert_eq!(auth0.contents().changed(), after, "{fault:?}");
        let sizes: Vec<usize> = seen.iter().map(BTreeMap::len).collect();
        assert!(seen == [before, after], "{fault:?}: saw {sizes:?} users");
    }
}
