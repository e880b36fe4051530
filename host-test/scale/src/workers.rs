//! The workers, each a process of this same program.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::balancer::Slot;
use crate::usage::Usage;

/// The first argument of a worker's process.
pub const COMMAND: &str = "worker";

/// What a worker says before its address.
const SERVING: &str = "serving RawdashTenant on ";

/// How often it is looked at whether workers serve.
const TICK: Duration = Duration::from_millis(10);

/// A worker's process.
pub fn main() -> ExitCode {
    rawdash_worker::main(std::env::args_os().skip(1))
}

/// How a worker is started.
#[derive(Clone)]
pub struct Start {
    /// This program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its secrets.
    pub environment: Vec<(String, String)>,
}

/// The running workers.
pub struct Workers {
    start: Start,
    slots: Arc<[Slot]>,
    processes: Vec<Child>,
}

impl Workers {
    /// Starts a worker for each slot.
    pub fn start(start: Start, slots: Arc<[Slot]>) -> io::Result<Workers> {
        let numbers = 0..slots.len();
        let processes =
            numbers.map(|number| spawn(&start, &slots, number)).collect::<Result<_, _>>()?;
        Ok(Workers { start, slots, processes })
    }

    /// Returns once every worker serves.
    ///
    /// # Errors
    /// As for [`check`](Self::check).
    pub async fn serving(&mut self) -> io::Result<()> {
        while !self.slots.iter().all(Slot::is_set) {
            self.check()?;
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// # Errors
    /// When one has ended by itself. It has said why.
    pub fn check(&mut self) -> io::Result<()> {
        for process in &mut self.processes {
            if let Some(status) = process.try_wait()? {
                return Err(io::Error::other(format!("a worker ended by itself: {status}")));
            }
        }
        Ok(())
    }

    /// Ends a worker as `kill -9` does, and starts another in its place.
    pub async fn kill(&mut self, number: usize) -> io::Result<()> {
        if let Some(process) = self.processes.get_mut(number) {
            process.kill().await?;
            *process = spawn(&self.start, &self.slots, number)?;
        }
        Ok(())
    }

    /// Asks a worker to end, as a system that updates it does, starts another in its place
    /// once it has ended, and returns how it ended.
    pub async fn replace(&mut self, number: usize) -> io::Result<ExitStatus> {
        let process = self.processes.get_mut(number).ok_or(io::ErrorKind::NotFound)?;
        if let Some(id) = process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            kill_process(id, Signal::TERM)?;
        }
        let status = process.wait().await?;
        *process = spawn(&self.start, &self.slots, number)?;
        Ok(status)
    }

    /// What the running workers have used.
    pub fn usage(&self) -> Usage {
        let of = |process: &Child| Usage::of(process.id()?);
        self.processes.iter().filter_map(of).fold(Usage::default(), Usage::plus)
    }
}

fn spawn(start: &Start, slots: &Arc<[Slot]>, number: usize) -> io::Result<Child> {
    if let Some(slot) = slots.get(number) {
        slot.set(None);
    }
    let mut process = Command::new(&start.program)
        .arg(COMMAND)
        .args(&start.arguments)
        .envs(start.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(output) = process.stderr.take() {
        let slots = slots.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let address = line.strip_prefix(SERVING).and_then(|address| address.parse().ok());
                match (address, slots.get(number)) {
                    (Some(address), Some(slot)) => slot.set(Some(address)),
                    _ => eprintln!("worker {number}: {line}"),
                }
            }
        });
    }
    Ok(process)
}
