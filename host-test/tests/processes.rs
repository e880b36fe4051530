//! Two processes at one database.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use crate::support::auth0::Auth0;
use crate::support::rows::rows;
use crate::support::{PATIENCE, leaks};
use auth0_tenant::Options;
use rawdash_host::contract::Mode;
use tokio::runtime::Runtime;
use tokio::task::block_in_place;

/// The requests at which two tenants meet.
const MEETINGS: [u64; 4] = [1, 3, 5, 7];

async fn tenant(seed: u64) -> Auth0 {
    let options =
        Options { seed, users: 150, logs: 250, page_limit: 50, odd: false, ..Options::default() };
    Auth0::new(options).await
}

/// The rows of a command that had the database for itself.
async fn alone(seed: u64, name: &str) -> Vec<String> {
    let auth0 = tenant(seed).await;
    let mut command = auth0.command(Mode::Full);
    command.args(["--name", name]);
    let status = block_in_place(|| command.status().unwrap());
    assert_eq!(status.code(), Some(0), "{}", auth0.said());
    rows(&auth0.path(), None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_process_leaves_at_once_and_costs_the_first_nothing() {
    let wanted = alone(1, "auth0").await;
    for nth in [1, 2, 4, 7] {
        let auth0 = tenant(1).await;
        let (asked, at_request) = mpsc::channel();
        let (leave, left) = mpsc::channel::<()>();
        // Made now: the tenant tells nobody its name while it holds the first.
        let mut second = auth0.command(Mode::Full);
        second.stdout(Stdio::piped()).stderr(Stdio::piped());
        // The first is held in the middle until the second has left.
        auth0.tenant.state().at_request(nth, move |_| {
            asked.send(()).unwrap();
            // In place: a worker that just stood still would keep other requests.
            let _ = block_in_place(|| left.recv_timeout(PATIENCE));
        });
        let mut first = auth0.command(Mode::Full).spawn().unwrap();
        let ended = block_in_place(|| {
            at_request.recv_timeout(PATIENCE).unwrap();
            let output = second.output().unwrap();
            drop(leave);
            (output, first.wait().unwrap())
        });
        let (second, first) = ended;
        let said = String::from_utf8([second.stdout, second.stderr].concat()).unwrap();
        leaks::none_in("what the second said", &said);
        assert_eq!(second.status.code(), Some(75), "{said}");
        assert!(said.contains("another process is syncing the connector auth0"), "{said}");
        assert_eq!(first.code(), Some(0), "{}", auth0.said());
        assert_eq!(rows(&auth0.path(), None), wanted);
    }
}

/// Lets two tenants meet at some of their requests: each answers there only
/// when the other has been asked too. Tells how many of these came about.
fn side_by_side(both: [&Auth0; 2]) -> Arc<AtomicUsize> {
    let met = Arc::new(AtomicUsize::new(0));
    both.iter().for_each(|auth0| auth0.tenant.state().forget_requests());
    for nth in MEETINGS {
        let ((tell, heard), (answer, answered)) = (mpsc::channel(), mpsc::channel());
        for (auth0, to, from) in [(both[0], tell, answered), (both[1], answer, heard)] {
            let met = met.clone();
            auth0.tenant.state().at_request(nth, move |_| {
                let _ = to.send(());
                let came = from.recv_timeout(PATIENCE).is_ok();
                met.fetch_add(usize::from(came), Ordering::SeqCst);
            });
        }
    }
    met
}

#[test]
fn two_connectors_at_one_database_touch_no_row_of_each_other() {
    // Each tenant on threads of its own: while one waits for the other, it
    // answers nobody, and must not keep the other from being asked.
    let [one, other] = [(); 2].map(|()| Runtime::new().unwrap());
    let wanted = [one.block_on(alone(1, "here")), other.block_on(alone(2, "there"))];
    let (here, mut there) = (one.block_on(tenant(1)), other.block_on(tenant(2)));
    there.share(&here);
    // Twice: the second time over what is stored.
    for _ in 0..2 {
        let met = side_by_side([&here, &there]);
        let mut commands = [(&here, "here"), (&there, "there")].map(|(auth0, name)| {
            let mut command = auth0.command(Mode::Full);
            command.args(["--name", name]).spawn().unwrap()
        });
        let codes = commands.each_mut().map(|one| one.wait().unwrap().code());
        assert_eq!(codes, [Some(0), Some(0)], "{}{}", here.said(), there.said());
        assert_eq!(met.load(Ordering::SeqCst), 2 * MEETINGS.len(), "they did not go side by side");
        for (name, wanted) in ["here", "there"].into_iter().zip(&wanted) {
            assert_eq!(&rows(&here.path(), Some(name)), wanted, "{name}");
        }
        assert_eq!(rows(&here.path(), None).len(), wanted[0].len() + wanted[1].len());
    }
}
