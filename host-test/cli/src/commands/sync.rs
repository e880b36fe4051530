//! `sync`: syncs one connector into one database.

mod opened;
mod repeat;
mod schedule;

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use crate::arguments::SyncArguments;
use crate::early_end::EarlyEnd;
use crate::input::configuration::Configuration;
use crate::input::preparation::Preparation;
use crate::input::resources;
use crate::output::log::{Entry, Level, Log};
use crate::output::metrics::{self, EndedSync};
use crate::output::progress::Progress;
use crate::output::terminal;
use crate::process::interrupt;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::contract::About;
use rawdash_host::failure::{Exit, FailureReport};
use rawdash_host::origins::{Egress, Origin, OriginPattern};
use rawdash_host::report::Report;
use rawdash_host::run::{
    Acceptance, ConfiguredInstance, Selection, Settings, Sync, SyncOptions, accept_origins,
};
use rawdash_host::stop::StopSignal;
use rawdash_host::storage::Storage;
use rawdash_host::transport::Proxies;

use self::opened::Opened;

/// What a sync runs by.
#[derive(Clone, Copy)]
pub(crate) struct Running<'a> {
    /// The clock of everything in it.
    pub(crate) clock: &'a SharedClock,
    /// What ends it between two steps.
    pub(crate) stop: &'a StopSignal,
    /// The form of its messages.
    pub(crate) log: Log,
}

/// Runs the command.
pub(crate) async fn run(arguments: &SyncArguments) -> Exit {
    let clock: SharedClock = Arc::new(SystemClock::new());
    let stop = interrupt::listen(arguments.log);
    let running = Running { clock: &clock, stop: &stop, log: arguments.log };
    match arguments.every {
        Some(every) => repeat::run(arguments, every, running).await,
        None => once(arguments, running).await.exit,
    }
}

/// What decides when the next sync begins.
struct Synced {
    exit: Exit,
    /// How long after its end nothing can be read, where that is known.
    return_after: Option<Duration>,
}

/// Syncs once, and reports how it ended.
async fn once(arguments: &SyncArguments, running: Running<'_>) -> Synced {
    let begun = running.clock.monotonic();
    let synced = sync(arguments, running).await;
    let return_after = synced.as_ref().ok().and_then(return_after);
    let exit = end(synced, running.clock.monotonic().saturating_sub(begun), arguments);
    Synced { exit, return_after }
}

/// How long nothing can be read, where waiting repairs all that is missing.
fn return_after(report: &Report) -> Option<Duration> {
    let failure = report.failure.as_ref().filter(|_| report.exit() == Exit::Later)?;
    failure.retry_after_ms.map(Duration::from_millis)
}

/// Reports how the command ended after `wall`: to people, with `--json` to programs, and
/// with `--metrics` to a collector.
pub(crate) fn end(
    synced: Result<Report, EarlyEnd>,
    wall: Duration,
    arguments: &SyncArguments,
) -> Exit {
    let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
    let (report, exit) = match synced {
        Ok(report) => finish(report, arguments),
        Err(EarlyEnd::Failure(failure)) => {
            finish(Report { failure: Some(failure), wall_ms, ..Report::default() }, arguments)
        }
        Err(stop @ EarlyEnd::Usage(_)) => {
            let exit = arguments.log.ended_early(&stop);
            (Report { wall_ms, ..Report::default() }, exit)
        }
    };
    let exit = match &arguments.metrics {
        Some(path) => arguments.log.exit_after(measured(path, &report, exit, arguments), exit),
        None => exit,
    };
    arguments.log.outcome(&report, exit);
    exit
}

/// Writes the figures of the sync.
fn measured(
    path: &Path,
    report: &Report,
    exit: Exit,
    arguments: &SyncArguments,
) -> Result<(), FailureReport> {
    let (connector, at) = (&arguments.name, OffsetDateTime::now_utc());
    metrics::write(path, &EndedSync { connector, report, exit, at })
}

fn finish(report: Report, arguments: &SyncArguments) -> (Report, Exit) {
    let SyncArguments { log, json, .. } = arguments;
    log.report(&report);
    let exit = report.exit();
    if !json || exit == Exit::Usage {
        return (report, exit);
    }
    let exit = log.exit_after(terminal::show_json(&report), exit);
    (report, exit)
}

async fn sync(arguments: &SyncArguments, running: Running<'_>) -> Result<Report, EarlyEnd> {
    let Running { clock, log, .. } = running;
    let since = arguments
        .since
        .map(|since| since.past_timestamp(clock.wall()))
        .transpose()
        .map_err(EarlyEnd::Usage)?;
    let preparation = Preparation::load(arguments.component.as_deref()).await?;
    let request = Selection {
        mode: arguments.mode.into(),
        since,
        resources: resources::in_storage(&arguments.resources, &preparation.about.resources)?,
    };
    let configuration = Configuration::read(&arguments.config)?;
    let value = configuration.value.clone();
    let (settings, hints) = preparation.settings(configuration, &arguments.network)?;
    // Before anything is made: a configuration that cannot be used leaves no database
    // behind, and no origins in one.
    let Preparation { connector, about } = &preparation;
    let egress = ConfiguredInstance::try_configuration(connector, about, &settings, clock).await?;
    let mut opened = Opened::open(arguments, &settings.network).await?;
    let accepted =
        accept(opened.storage(), &preparation.about, &value, arguments.accept_origins).await?;
    if let Some(line) = accepted {
        log.tell(&Entry::new(Level::Info, line));
    }
    if arguments.reset {
        opened.reset().await?;
    }
    if let Some(line) = proxy_line(&egress, &settings.network.proxies) {
        log.tell(&Entry::new(Level::Info, line));
    }
    let options = SyncOptions { request, max_wait: arguments.max_wait, budget: arguments.budget };
    let storage = opened.storage();
    let mut report = into_database(&preparation, &settings, &options, running, storage).await;
    report.failures_mut().for_each(|failure| hints.explain(failure));
    Ok(report)
}

/// Runs the connector until it is done, fails, or a signal stops it.
pub(crate) async fn into_database(
    preparation: &Preparation,
    settings: &Settings,
    options: &SyncOptions,
    running: Running<'_>,
    storage: &mut dyn Storage,
) -> Report {
    let Running { clock, stop, log } = running;
    let mut observer = Progress::new(clock.clone(), log, std::io::stderr().is_terminal());
    let sync = Sync {
        connector: &preparation.connector,
        about: &preparation.about,
        settings,
        options,
        clock,
        stop,
    };
    sync.run(storage, &mut observer).await
}

/// Remembers the origins that the component may reach, or refuses those that nobody has
/// accepted. Returns what a person should know.
async fn accept(
    storage: &mut dyn Storage,
    about: &About,
    configuration: &Value,
    accepted: bool,
) -> Result<Option<String>, EarlyEnd> {
    let About { id, version, .. } = about;
    let shown = |origins: &[String]| {
        let shown: Vec<String> = origins.iter().map(|o| shown(o, configuration)).collect();
        shown.join(", ")
    };
    match accept_origins(storage, about, accepted).await? {
        Acceptance::Known => Ok(None),
        Acceptance::Remembered(new) => Ok(Some(format!(
            "{id} {version} may reach {}, and nothing else (remembered in the database)",
            shown(&new)
        ))),
        Acceptance::Refused(new) => Err(EarlyEnd::configuration(format!(
            "{id} {version} wants to reach {}, which has not been accepted for it: if that is \
             intended, add --accept-origins once",
            shown(&new)
        ))),
    }
}

/// Which proxy the requests go through, if one applies to any of the origins.
fn proxy_line(egress: &Egress, proxies: &Proxies) -> Option<String> {
    let open = egress.allowed().iter().filter(|allowed| allowed.route.is_none());
    let proxy_of = |origin: &Origin| proxies.for_host(origin.host());
    let proxied = open.filter_map(|allowed| Some((&allowed.origin, proxy_of(&allowed.origin)?)));
    let (origins, proxies): (Vec<_>, Vec<_>) = proxied.unzip();
    let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
    let proxy = proxies.first()?;
    Some(format!("requests to {} go through the proxy {proxy}", origins.join(", ")))
}

/// The origin as the manifest writes it, and as this configuration resolves it.
fn shown(origin: &str, configuration: &Value) -> String {
    let resolved =
        origin.parse::<OriginPattern>().and_then(|pattern| pattern.resolve(configuration));
    match resolved {
        Ok(Some(resolved)) if resolved.to_string() != origin => format!("{resolved} ({origin})"),
        _ => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawdash_host::contract::Documentation;
    use rawdash_host::failure::{HostKind, SourceKind};
    use rawdash_host::report::ResourceState;
    use rawdash_sqlite::Database;
    use serde_json::json;
    use tempfile::TempDir;

    fn about(origins: &[&str]) -> About {
        About {
            id: "auth0".to_owned(),
            name: String::new(),
            version: "1.0.0".to_owned(),
            description: String::new(),
            origins: origins.iter().map(ToString::to_string).collect(),
            configuration_schema: String::new(),
            resources: Vec::new(),
            documentation: Documentation::empty(),
        }
    }

    #[tokio::test]
    async fn a_component_that_declares_new_origins_is_refused_until_a_person_accepts_them() {
        let directory = TempDir::new().unwrap();
        let mut database = Database::open(&directory.path().join("db"), "auth0").unwrap();
        let configuration = json!({"domain": "acme.auth0.com"});
        let mut accepts = async |origins: &[&str], accepted| {
            let about = about(origins);
            accept(&mut database, &about, &configuration, accepted).await.map(drop)
        };
        let (own, more) = ("https://{/domain}", "https://collector.example");
        assert_eq!(accepts(&[own], false).await, Ok(()));
        assert_eq!(accepts(&[own], false).await, Ok(()));
        let stop = accepts(&[own, more], false).await.unwrap_err();
        assert_eq!(stop.exit(), Exit::Configuration);
        assert!(stop.to_string().contains(more), "{stop}");
        assert!(accepts(&[own, more], false).await.is_err(), "a second attempt is not consent");
        assert_eq!(accepts(&[own, more], true).await, Ok(()));
        assert_eq!(accepts(&[own, more], false).await, Ok(()));
    }

    #[test]
    fn only_a_sync_that_waiting_repairs_moves_the_next_one() {
        let mut failure = FailureReport::new(HostKind::Wait, "later");
        failure.retry_after_ms = Some(9000);
        let mut report = Report { failure: Some(failure), ..Report::default() };
        assert_eq!(return_after(&report), Some(Duration::from_secs(9)));
        let users = report.resources.entry("user".to_owned()).or_default();
        users.state = ResourceState::Failed;
        users.failure = Some(FailureReport::new(SourceKind::Permission, "grant read:users"));
        assert_eq!(return_after(&report), None);
        assert_eq!(return_after(&Report::default()), None);
    }

    #[test]
    fn the_resolved_host_name_is_shown() {
        let configuration = json!({"domain": "acme.auth0.com"});
        assert_eq!(
            shown("https://{/domain}", &configuration),
            "https://acme.auth0.com (https://{/domain})"
        );
        assert_eq!(shown("https://{/other}", &configuration), "https://{/other}");
    }
}
