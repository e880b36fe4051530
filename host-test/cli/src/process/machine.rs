//! What the machine must give this process before a command can begin. What lacks
//! later would look like a failure of the database, the network or the component.

use std::sync::Mutex;
use std::thread;

use rawdash_host::failure::{FailureReport, HostKind};
use rawdash_host::machine::{MachineLimit, address_space_limit};
use tokio::runtime::{Builder, Runtime};

/// Bytes of address space below which a command ends before it does anything
/// useful, or the allocator ends it.
const ADDRESS_SPACE: u64 = 512 << 20;

/// The files and connections that a command may have open at once, beside those that
/// the process begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handles {
    /// A sync or less: at most 19 were seen.
    Sync = 24,
    /// A sync and the source that it reads, with both ends of each connection.
    SyncAndSource = 40,
}

/// The threads that run a command's tasks where address space is limited: each has a
/// stack and a heap of its own.
const FEW_THREADS: usize = 2;

/// The threads beside those: they look up names, write to the cache of compiled code,
/// and limit how long components compute.
const HELPERS: usize = 4;

/// The runtime of a command, if the machine has room for one.
///
/// # Errors
/// What the machine has too little of, and how to get more.
pub(crate) fn runtime(handles: Handles) -> Result<Runtime, FailureReport> {
    let limit = address_space_limit();
    if limit.is_some_and(|limit| limit < ADDRESS_SPACE) {
        return Err(MachineLimit::AddressSpace { limit }.into());
    }
    check_handles(handles as usize)?;
    let workers = if limit.is_some() {
        // Not tried: the heaps of threads that are there at the same time stay reserved,
        // and the component would lack them.
        FEW_THREADS
    } else {
        let processors = thread::available_parallelism().map_or(FEW_THREADS, usize::from);
        check_threads(processors + HELPERS)?;
        processors
    };
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().map_err(|error| {
        let message = format!(
            "the machine does not let this process wait for connections ({error}): raise the \
             limit of open files (`ulimit -n 64`)"
        );
        FailureReport::new(HostKind::Machine, message)
    })
}

/// Starts so many threads for a moment. The runtime has no error for a thread that it
/// cannot start: it panics, or waits for another one that never ends.
fn check_threads(count: usize) -> Result<(), MachineLimit> {
    let gate = Mutex::new(());
    let closed = gate.lock();
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, || drop(gate.lock())).map(drop);
        let started = (0..count).try_for_each(start);
        drop(closed);
        started
    })
    .map_err(|_| MachineLimit::Threads)
}

/// Sees that the process can open what a sync needs, if need be after it has raised
/// its limit as far as it may.
#[cfg(unix)]
fn check_handles(count: usize) -> Result<(), FailureReport> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    if open_handles(count).is_ok() {
        return Ok(());
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    open_handles(count).map_err(|error| {
        let limit = maximum.map_or_else(String::new, |limit| format!(" of {limit}"));
        let message = format!(
            "the machine does not let this process open {count} more files and connections at \
             once ({error}): raise the limit{limit} to 64 or more (`ulimit -n 64`; systemd: \
             LimitNOFILE=64)"
        );
        FailureReport::new(HostKind::Machine, message)
    })
}

#[cfg(not(unix))]
fn check_handles(_: usize) -> Result<(), FailureReport> {
    Ok(())
}

/// Has them open for a moment. Only a lack of handles is an error.
#[cfg(unix)]
fn open_handles(count: usize) -> std::io::Result<()> {
    use rustix::io::Errno;
    let lacking = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        match std::fs::File::open("/") {
            Ok(handle) => open.push(handle),
            Err(error) if error.raw_os_error().is_some_and(|code| lacking.contains(&code)) => {
                return Err(error);
            }
            Err(_) => break,
        }
    }
    Ok(())
}
