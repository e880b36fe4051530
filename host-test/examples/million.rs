//! A million log rows through the host and the component, and the memory that
//! they take: `cargo run --release -p rawdash-host --example million`.
//!
//! The simulated tenant runs in a process of its own, so that its memory does
//! not count. Linux only: what a process holds is read from `/proc`. Ends with
//! 1 when any of it grows by more than a tenth from the first mark to the last.

use std::error::Error;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use auth0_tenant::{Announcement, Clock, Options, Tenant};
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::component::{Connector, EMBEDDED};
use rawdash_host::contract::{Batch, Mode, Request, Secret};
use rawdash_host::database::Database;
use rawdash_host::run::{Asked, RunObserver, Settings, sync};
use rawdash_host::storage::Changed;
use serde_json::json;

/// Log rows of the tenant.
const ROWS: u32 = 1_000_000;
/// Where memory is looked at, in rows.
const MARKS: [u64; 3] = [10_000, 100_000, 1_000_000];
/// Rows of a page, as the connector asks for them.
const PAGE: u64 = 100;
/// The argument of the process that is the tenant.
const TENANT: &str = "tenant";

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match std::env::args().nth(1).as_deref() {
        Some(TENANT) => serve().await.map(|()| true),
        _ => measure().await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Is the tenant until standard input ends: with the process that started it.
async fn serve() -> Outcome<()> {
    let options = Options { users: 1_000, logs: ROWS, odd: false, ..Options::default() };
    let tenant = Tenant::start(options, Clock::system()).await?;
    println!("{}", serde_json::to_string(&tenant.announcement())?);
    tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop)).await?;
    Ok(())
}

/// The tenant's process, ended when dropped.
struct Serving {
    child: Child,
    tenant: Announcement,
}

impl Serving {
    fn start() -> Outcome<Serving> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg(TENANT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the tenant has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Serving { child, tenant: serde_json::from_str(&line)? })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It ends by itself, too, as its standard input is closed now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Syncs the million rows and prints the table; whether memory stayed.
async fn measure() -> Outcome<bool> {
    let serving = Serving::start()?;
    let directory = tempfile::tempdir()?;
    let mut database = Database::open(&directory.path().join("rawdash.sqlite"), "auth0")?;
    let connector = Connector::load(EMBEDDED)?;
    let about = connector.describe().await?;
    let request = Request { mode: Mode::Full, since: None, resources: Vec::new() };
    let asked = Asked { request, max_wait: Duration::from_secs(300) };
    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = settings(&serving.tenant)?;
    let mut marks = Marks::default();
    println!("{}", Marks::HEADING);
    let report =
        sync(&connector, &about, &settings, &asked, &clock, &mut database, &mut marks).await;
    if !report.done || report.has_failure() {
        return Err(format!("the sync did not end well: {report:?}").into());
    }
    println!("in {:.1} s, {} requests", report.wall_ms as f64 / 1000.0, report.requests);
    marks.stayed()
}

fn settings(tenant: &Announcement) -> Outcome<Settings> {
    let configuration = json!({
        "domain": tenant.domain,
        "clientId": tenant.client_id,
        "clientSecret": { "$secret": "SECRET" },
        "resources": ["login_events"],
        "rateLimitShare": 1,
    });
    let value = tenant.client_secret.clone();
    Ok(Settings {
        configuration: configuration.to_string(),
        secrets: vec![Secret { name: "SECRET".to_owned(), value }],
        routes: vec![format!("https://{}={}", tenant.domain, tenant.url).parse()?],
        ..Settings::default()
    })
}

/// Memory at each mark.
#[derive(Default)]
struct Marks {
    rows: u64,
    seen: Vec<Outcome<Memory>>,
}

impl Marks {
    const HEADING: &str = "     rows  linear memory  process, now  process, peak  (KiB)";

    /// Whether nothing grew by more than a tenth.
    fn stayed(self) -> Outcome<bool> {
        let seen = self.seen.into_iter().collect::<Outcome<Vec<Memory>>>()?;
        let (Some(first), Some(last), true) =
            (seen.first(), seen.last(), seen.len() == MARKS.len())
        else {
            return Err("fewer rows came than there are marks".into());
        };
        let pairs = [
            ("linear memory", first.linear, last.linear),
            ("the process", first.now, last.now),
            ("the process's peak", first.peak, last.peak),
        ];
        let mut stayed = true;
        for (what, before, after) in pairs {
            let grew = (after as f64 / before as f64 - 1.0) * 100.0;
            println!("{what}: {grew:+.1} % from {} rows to {}", first.rows, last.rows);
            stayed &= grew <= 10.0;
        }
        Ok(stayed)
    }
}

impl RunObserver for Marks {
    fn progress(&mut self, batch: &Batch, _: Changed) {
        self.rows = batch.progress.pages * PAGE;
    }

    fn stepped(&mut self, linear: usize) {
        if MARKS.get(self.seen.len()).is_some_and(|mark| self.rows >= *mark) {
            let memory = Memory::look(self.rows, linear as u64 / 1024);
            if let Ok(memory) = &memory {
                println!("{memory}");
            }
            self.seen.push(memory);
        }
    }
}

/// What is held after so many rows, in KiB.
struct Memory {
    rows: u64,
    linear: u64,
    now: u64,
    peak: u64,
}

impl Memory {
    fn look(rows: u64, linear: u64) -> Outcome<Memory> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let kib = |name: &str| -> Outcome<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value =
                line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
            Ok(value.ok_or_else(|| format!("/proc/self/status has no {name}"))?.parse()?)
        };
        Ok(Memory { rows, linear, now: kib("VmRSS")?, peak: kib("VmHWM")? })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Memory { rows, linear, now, peak } = self;
        write!(f, "{rows:>9}  {linear:>13}  {now:>12}  {peak:>13}")
    }
}
