//! What the machine gives a process too little of to run a component.

use std::fmt;

use crate::failure::{FailureReport, HostKind};

/// A limit of the machine that the engine reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineLimit {
    /// Address space could not be reserved.
    AddressSpace {
        /// The most bytes that the process may reserve, if that is limited.
        limit: Option<u64>,
    },
    /// Memory may not be made executable, which compiled code needs.
    ExecutableMemory,
    /// No thread could be started.
    Threads,
}

impl MachineLimit {
    /// The limit that made the engine fail, if it was one.
    pub(crate) fn behind(error: &wasmtime::Error) -> Option<MachineLimit> {
        // The engine has no type for this error. A test forbids executable memory, so
        // it notices if the wording changes.
        if format!("{error:#}").contains("failed to make memory executable") {
            return Some(MachineLimit::ExecutableMemory);
        }
        is_out_of_memory(error).then(|| MachineLimit::AddressSpace { limit: address_space_limit() })
    }
}

#[cfg(unix)]
fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    error.downcast_ref() == Some(&rustix::io::Errno::NOMEM)
}

#[cfg(not(unix))]
fn is_out_of_memory(_: &wasmtime::Error) -> bool {
    false
}

/// The most bytes of address space that this process may reserve, if that is limited.
#[cfg(unix)]
pub fn address_space_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// The most bytes of address space that this process may reserve, if that is limited.
#[cfg(not(unix))]
pub fn address_space_limit() -> Option<u64> {
    None
}

impl fmt::Display for MachineLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineLimit::AddressSpace { limit } => {
                f.write_str("the machine has no address space left for the component")?;
                if let Some(limit) = limit {
                    write!(f, ", because this process may use only {} MiB", limit >> 20)?;
                }
                f.write_str(
                    ": raise the limit to 2 GiB or more (`ulimit -v 2097152`; systemd: LimitAS=2G)",
                )
            }
            MachineLimit::ExecutableMemory => f.write_str(
                "the machine does not let this process make memory executable, which compiled \
                 components need: allow it (systemd: MemoryDenyWriteExecute=no; SELinux: execmem), or \
                 have the component interpreted, which is slower: `rawdash-host compile --out DIR`, \
                 then DIR as the component (`--component DIR`)",
            ),
            MachineLimit::Threads => f.write_str(
                "the machine does not let this process start another thread: raise the limit \
                 (`ulimit -u`; systemd: TasksMax=)",
            ),
        }
    }
}

impl From<MachineLimit> for FailureReport {
    fn from(limit: MachineLimit) -> FailureReport {
        FailureReport::new(HostKind::Machine, limit)
    }
}

#[cfg(all(test, unix, target_pointer_width = "64"))]
mod tests {
    use wasmtime::{Config, Engine, Memory, MemoryType, Store};

    use super::*;

    #[test]
    fn memory_that_cannot_be_reserved_is_no_defect_of_the_component() {
        let mut config = Config::new();
        // More than any process has.
        config.memory_reservation(1 << 48);
        let mut store = Store::new(&Engine::new(&config).unwrap(), ());
        let error = Memory::new(&mut store, MemoryType::new(0, None)).unwrap_err();
        let limit = MachineLimit::behind(&error);
        assert!(matches!(limit, Some(MachineLimit::AddressSpace { .. })), "{error:#}");
    }
}
