//! The memory of a process that syncs many tenants at once.

use auth0_tenant::{Announcement, Clock, Options, Plan, Tenant};
use tempfile::TempDir;

use crate::measured::Measured;
use crate::pages::NOW;
use crate::process::measure;
use crate::table::{Bound, Comparison, Figure};
use crate::waiting_syncs::Waiting;
use crate::work::Work;

const TENANTS: u32 = 100;

pub(super) async fn rows() -> Measured<Vec<Comparison>> {
    let mut running = Vec::new();
    for seed in 1..=TENANTS {
        let (seed, plan) = (u64::from(seed), Plan::Enterprise);
        let options = Options { seed, plan, users: 1_000, logs: 10_000, ..Options::default() };
        running.push(Tenant::start(options, Clock::fixed(NOW * 1000)).await?);
    }
    let tenants: Vec<Announcement> = running.iter().map(Tenant::announcement).collect();
    let one = memory(tenants.iter().take(1).cloned().collect()).await?;
    let all = memory(tenants).await?;
    let each = all.saturating_sub(one) / u64::from(TENANTS - 1);
    Ok(vec![Comparison::new(
        format!("memory of a process with {TENANTS} waiting syncs of {TENANTS} tenants"),
        "with one; for each more",
        Figure::Bytes(each),
        Some(Bound::AtMost(Figure::Bytes(1_000_000))),
    )])
}

/// Bytes of a process with a waiting sync of each tenant.
async fn memory(tenants: Vec<Announcement>) -> Measured<u64> {
    let directory = TempDir::new()?;
    let waiting = Waiting { tenants, directory: directory.path().to_owned() };
    let figures = measure(&Work::Waiting(waiting)).await?;
    Ok(figures.memory.first().ok_or("memory was not measured")?.now)
}
