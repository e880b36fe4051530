//! What processes use.

use std::time::Duration;

/// Processor time and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time on processors.
    pub computing: Duration,
    /// The most memory, in bytes.
    pub memory: u64,
}

impl Usage {
    /// What a process has used so far, where the system says so.
    pub fn of(process: u32) -> Option<Usage> {
        let statistics = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // After the name, which may hold spaces: times are the 14th and 15th fields.
        let (_, fields) = statistics.rsplit_once(") ")?;
        let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(number).sum();
        let per_second = rustix::param::clock_ticks_per_second();
        let computing = Duration::from_millis(ticks.checked_mul(1000)?.checked_div(per_second)?);
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let memory = number(peak.trim().strip_suffix(" kB")?)?.checked_mul(1024)?;
        Some(Usage { computing, memory })
    }

    /// Both together.
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            computing: self.computing.saturating_add(other.computing),
            memory: self.memory.saturating_add(other.memory),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}
