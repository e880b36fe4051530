//! `tenant`: a simulated Auth0 tenant, served until the process is stopped.

use auth0_tenant::{Clock, Options, Tenant};
use time::OffsetDateTime;

use crate::arguments::TenantArguments;
use crate::early_end::EarlyEnd;
use crate::ended_early;
use crate::output::terminal;
use crate::process::signals::Signals;
use rawdash_host::failure::Exit;

/// Runs the command.
pub(crate) async fn run(arguments: &TenantArguments) -> Exit {
    match serve(arguments).await {
        Ok(()) => Exit::Done,
        Err(stop) => ended_early(&stop),
    }
}

async fn serve(arguments: &TenantArguments) -> Result<(), EarlyEnd> {
    let clock = match arguments.now {
        None => Clock::system(),
        Some(now) => {
            let now = now.timestamp(OffsetDateTime::now_utc());
            Clock::running(now.map_err(EarlyEnd::Usage)?)
        }
    };
    let tenant =
        Tenant::start_on(arguments.port, options(arguments), clock).await.map_err(|error| {
            EarlyEnd::Usage(format!(
                "cannot listen on port {} ({error}): choose another one, or 0 for a free one",
                arguments.port
            ))
        })?;
    // Before it is announced, because a reader of that line may stop it.
    let mut signals = Signals::listen();
    terminal::show_json(&tenant.announcement())?;
    signals.next().await;
    Ok(())
}

fn options(arguments: &TenantArguments) -> Options {
    Options {
        seed: arguments.seed,
        users: arguments.users,
        logs: arguments.logs,
        days: arguments.days,
        plan: arguments.plan,
        scopes: arguments.scopes.clone(),
        retention_days: arguments.retention_days,
        latency: arguments.latency,
        profile_bytes: arguments.profile_bytes,
        index_lag: arguments.index_lag,
        token_lifetime: arguments.token_lifetime,
        ..Options::default()
    }
}
