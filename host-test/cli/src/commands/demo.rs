//! `demo`: syncs a simulated tenant through the component over real sockets, and
//! shows what is in the database after that.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth0_tenant::{Clock, Options, Tenant};
use serde_json::json;
use tempfile::TempDir;

use crate::arguments::DemoArguments;
use crate::commands::sync;
use crate::early_end::EarlyEnd;
use crate::ended_early;
use crate::input::configuration::Configuration;
use crate::input::preparation::Preparation;
use crate::output::log::Log;
use crate::output::stored::Stored;
use crate::output::summary::{Notes, summary};
use crate::output::terminal;
use crate::process::interrupt;
use rawdash_host::clock::{SharedClock, SystemClock};
use rawdash_host::contract::Secret;
use rawdash_host::failure::{Exit, FailureReport, HostKind};
use rawdash_host::origins::Route;
use rawdash_host::report::Report;
use rawdash_host::run::{Selection, SyncOptions};
use rawdash_sqlite::Database;

const CONNECTOR: &str = "auth0";
const SECRET: &str = "AUTH0_CLIENT_SECRET";

/// Runs the command.
pub(crate) async fn run(arguments: &DemoArguments) -> Exit {
    match demonstrate(arguments).await {
        Ok(report) => report.exit(),
        Err(stop) => ended_early(&stop),
    }
}

async fn demonstrate(arguments: &DemoArguments) -> Result<Report, EarlyEnd> {
    let place = Place::new(arguments.db.clone())?;
    let tenant = tenant(arguments).await?;
    terminal::tell(&format!("simulated tenant {} on {}", tenant.domain(), tenant.url()));
    let mut database = Database::open(&place.path, CONNECTOR)?;
    let report = sync_into(&mut database, arguments, &tenant).await?;
    let notes = if arguments.notes { Notes::Listed } else { Notes::AnomaliesCounted };
    terminal::tell(&summary(&report, notes));
    if report.done {
        let stored = Stored::read(database.path(), CONNECTOR)?;
        terminal::show(&terminal::printable(&stored.to_string()))?;
        terminal::show(&place.next_steps())?;
    }
    Ok(report)
}

async fn tenant(arguments: &DemoArguments) -> Result<Tenant, EarlyEnd> {
    let options = Options {
        users: arguments.users,
        logs: arguments.logs,
        days: arguments.days,
        ..Options::default()
    };
    let tenant = Tenant::start(options, Clock::system()).await;
    tenant.map_err(|error| {
        let message = format!("the simulated tenant cannot listen on a port ({error})");
        FailureReport::new(HostKind::Tenant, message).into()
    })
}

async fn sync_into(
    database: &mut Database,
    arguments: &DemoArguments,
    tenant: &Tenant,
) -> Result<Report, EarlyEnd> {
    let value = json!({
        "domain": tenant.domain(),
        "clientId": tenant.client_id(),
        "clientSecret": { "$secret": SECRET },
        "statsLookbackDays": arguments.days,
    });
    let configuration = Configuration { text: value.to_string(), value };
    let secret = Secret { name: SECRET.to_owned(), value: tenant.client_secret() };
    let route: Route = format!("https://{}={}", tenant.domain(), tenant.url())
        .parse()
        .map_err(|error| EarlyEnd::Usage(format!("the tenant cannot be routed: {error}")))?;
    let preparation = Preparation::load(None).await?;
    let settings = preparation.settings_with(configuration, vec![secret], &[route])?;
    let (request, max_wait) = (Selection::default(), Duration::from_secs(60));
    let options = SyncOptions { request, max_wait, budget: None };
    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = &settings;
    let command =
        sync::Running { clock: &clock, stop: &interrupt::listen(Log::Text), log: Log::Text };
    Ok(sync::into_database(&preparation, settings, &options, command, database).await)
}

/// Where the database is.
struct Place {
    path: PathBuf,
    /// Removed at the end; `None` if the database was named.
    temporary: Option<TempDir>,
}

impl Place {
    fn new(named: Option<PathBuf>) -> Result<Place, EarlyEnd> {
        if let Some(path) = named {
            return Ok(Place { path, temporary: None });
        }
        let directory = tempfile::tempdir().map_err(|error| {
            let message =
                format!("cannot create a temporary directory ({error}): name a database with --db");
            FailureReport::new(HostKind::Storage, message)
        })?;
        Ok(Place { path: directory.path().join("rawdash.db"), temporary: Some(directory) })
    }

    fn next_steps(&self) -> String {
        let program = std::env::args().next().unwrap_or_else(|| "rawdash-host".to_owned());
        let database = match self.temporary {
            Some(_) => "demo.db".to_owned(),
            None => quoted(&self.path.display().to_string()),
        };
        // The temporary database is gone by then.
        let keep = match self.temporary {
            Some(_) => format!("To keep the database:\n  {program} demo --db {database}\n"),
            None => String::new(),
        };
        format!(
            "{keep}To query it:\n  sqlite3 {database} \"SELECT name, count(*) FROM events GROUP BY \
             name\"\nTo sync a tenant of your own:\n  {program} sync --help\nTo see it in a \
             browser:\n  {program} dashboard --db {database}"
        )
    }
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "/._-+:@%".contains(character);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_is_printed_opens_the_database_that_was_named() {
        for (path, word) in [
            ("demo.db", "demo.db"),
            ("a b/demo.db", "'a b/demo.db'"),
            ("it's; rm", r"'it'\''s; rm'"),
        ] {
            let place = Place::new(Some(path.into())).unwrap();
            let steps = place.next_steps();
            assert!(steps.ends_with(&format!(" dashboard --db {word}")), "{steps}");
        }
    }

    #[test]
    fn a_database_that_is_removed_is_not_said_to_be_there() {
        let steps = Place::new(None).unwrap().next_steps();
        assert!(steps.contains(" demo --db demo.db\n"), "{steps}");
        assert!(steps.ends_with(" dashboard --db demo.db"), "{steps}");
    }
}
