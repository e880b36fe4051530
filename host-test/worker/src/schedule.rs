//! When the syncs of a tenant begin by themselves.

use std::time::Duration;

use rawdash_host_cli::arguments::span::span;
use serde::{Deserialize, Serialize};

use crate::tenants::TenantName;

/// The shortest interval between two syncs.
const SHORTEST: Duration = Duration::from_secs(1);

/// A request to sync regularly.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleRequest {
    /// A span, as on the command line: `1h`.
    every: String,
}

/// A schedule, as the engine keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// Milliseconds between the beginnings of two syncs.
    every_ms: u64,
    /// When the next one begins, in Unix milliseconds.
    pub(crate) next_at: i64,
    /// What tells it from the schedules before it, whose delayed calls still arrive.
    pub(crate) number: u64,
}

impl ScheduleRequest {
    /// The schedule from `now` on, the one after `before`, and how long until its first
    /// sync. The tenants' first syncs are spread over the interval, so that thousands
    /// of them do not begin at once.
    ///
    /// # Errors
    /// What is wrong with the interval.
    pub(crate) fn schedule(
        &self,
        tenant: &TenantName,
        before: u64,
        now: i64,
    ) -> Result<(Schedule, Duration), String> {
        let every = span(&self.every)?;
        if every < SHORTEST {
            return Err("the interval is too short: write 1s or more".to_owned());
        }
        let every_ms = u64::try_from(every.as_millis()).unwrap_or(u64::MAX);
        let first = Duration::from_millis(spread(tenant.as_str()) % every_ms);
        let number = before.saturating_add(1);
        Ok((Schedule { every_ms, next_at: after(now, first), number }, first))
    }
}

impl Schedule {
    /// The same with its next sync one interval after `now`.
    pub(crate) fn again(&self, now: i64) -> (Schedule, Duration) {
        let every = Duration::from_millis(self.every_ms);
        (Schedule { next_at: after(now, every), ..self.clone() }, every)
    }
}

fn after(now: i64, span: Duration) -> i64 {
    now.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

/// A number that depends on the name only: FNV-1a.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(every: &str) -> ScheduleRequest {
        ScheduleRequest { every: every.to_owned() }
    }

    #[test]
    fn the_first_syncs_of_many_tenants_do_not_begin_at_once() {
        let mut by_minute = [0; 60];
        for number in 0..6000 {
            let tenant = format!("tenant-{number}").parse().unwrap();
            let (schedule, first) = request("1h").schedule(&tenant, 0, 0).unwrap();
            assert_eq!(schedule.next_at, i64::try_from(first.as_millis()).unwrap());
            by_minute[usize::try_from(first.as_secs() / 60).unwrap()] += 1;
        }
        assert!(by_minute.iter().all(|tenants| (50..200).contains(tenants)), "{by_minute:?}");
    }

    #[test]
    fn a_schedule_keeps_its_interval_and_another_one_has_another_number() {
        let tenant = "acme".parse().unwrap();
        let (first, _) = request("15m").schedule(&tenant, 0, 0).unwrap();
        let (again, every) = first.again(1_000);
        assert_eq!((again.next_at, again.number), (901_000, first.number));
        assert_eq!(every, Duration::from_mins(15));
        let (second, _) = request("15m").schedule(&tenant, first.number, 0).unwrap();
        assert_ne!(second.number, first.number);
    }

    #[test]
    fn an_interval_that_is_none_is_refused() {
        for every in ["", "1", "0s", "999ms"] {
            assert!(request(every).schedule(&"a".parse().unwrap(), 0, 0).is_err(), "{every}");
        }
    }
}
