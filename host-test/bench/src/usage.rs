//! The resources that this process has used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::measured::Measured;

/// Processor time of all threads since the process began.
///
/// # Errors
/// When the system is not a Unix.
#[cfg(unix)]
pub fn cpu() -> Measured<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Ok(Duration::new(u64::try_from(used.tv_sec)?, u32::try_from(used.tv_nsec)?))
}

/// Processor time of all threads since the process began.
///
/// # Errors
/// When the system is not a Unix.
#[cfg(not(unix))]
pub fn cpu() -> Measured<Duration> {
    Err("the processor time of a process can only be read on Unix".into())
}

/// Memory after a number of log rows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Memory {
    /// Log rows.
    pub rows: u64,
    /// Bytes of the component's linear memory.
    pub linear: usize,
    /// Bytes of the process, now.
    pub now: u64,
    /// Bytes of the process, at its peak.
    pub peak: u64,
}

impl Memory {
    /// The memory of this process now.
    ///
    /// # Errors
    /// When the system has no `/proc`.
    pub fn look(rows: u64, linear: usize) -> Measured<Memory> {
        let status = std::fs::read_to_string("/proc/self/status")
            .map_err(|error| format!("a process's memory can only be read on Linux ({error})"))?;
        let bytes = |name: &str| -> Measured<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next());
            Ok(kib.ok_or_else(|| format!("/proc/self/status has no {name}"))?.parse::<u64>()? << 10)
        };
        Ok(Memory { rows, linear, now: bytes("VmRSS")?, peak: bytes("VmHWM")? })
    }
}
