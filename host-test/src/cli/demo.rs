//! `demo`: a simulated tenant, synced through the component over real sockets,
//! and what is in the database then.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth0_tenant::{Clock, Options, Tenant};
use serde_json::json;
use tempfile::TempDir;

use super::arguments::DemoArguments;
use super::configuration::Configuration;
use super::dashboard::Dashboard;
use super::preparation::Preparation;
use super::stop::Stop;
use super::summary::summary;
use super::{sync, terminal, told};
use crate::clock::{SharedClock, SystemClock};
use crate::contract::{Mode, Request, Secret};
use crate::database::Database;
use crate::origins::Route;
use crate::report::{FailureReport, Outcome, Report};
use crate::run::Asked;

const CONNECTOR: &str = "auth0";
const SECRET: &str = "AUTH0_CLIENT_SECRET";

/// Runs the command.
pub(super) async fn run(arguments: &DemoArguments) -> Outcome {
    match demonstrate(arguments).await {
        Ok(report) => report.outcome(),
        Err(stop) => told(&stop),
    }
}

async fn demonstrate(arguments: &DemoArguments) -> Result<Report, Stop> {
    let place = Place::new(arguments.db.clone())?;
    let tenant = tenant(arguments).await?;
    terminal::tell(&format!(
        "a simulated tenant, {}, listens on {}",
        tenant.domain(),
        tenant.url()
    ));
    let mut database = Database::open(&place.path, CONNECTOR)?;
    let report = bring(arguments, &tenant, &mut database).await?;
    terminal::tell(&summary(&report));
    if report.done {
        let dashboard = Dashboard::read(database.path(), CONNECTOR)?;
        terminal::show(&terminal::printable(&dashboard.to_string()));
        terminal::show(&place.further());
    }
    Ok(report)
}

async fn tenant(arguments: &DemoArguments) -> Result<Tenant, Stop> {
    let options = Options {
        users: arguments.users,
        logs: arguments.logs,
        days: arguments.days,
        ..Options::default()
    };
    let tenant = Tenant::start(options, Clock::system()).await;
    tenant.map_err(|error| {
        let message = format!("this machine gives the simulated tenant no port ({error})");
        FailureReport::new("tenant", message).into()
    })
}

async fn bring(
    arguments: &DemoArguments,
    tenant: &Tenant,
    database: &mut Database,
) -> Result<Report, Stop> {
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
        .map_err(|error| Stop::Usage(format!("the tenant cannot be routed: {error}")))?;
    let preparation = Preparation::load(None).await?;
    let settings = preparation.settings_with(configuration, vec![secret], &[route])?;
    let asked = Asked {
        request: Request { mode: Mode::Auto, since: None, resources: Vec::new() },
        max_wait: Duration::from_secs(60),
    };
    let clock: SharedClock = Arc::new(SystemClock::new());
    Ok(sync::into_database(&preparation, &settings, &asked, &clock, database).await)
}

/// Where the database is.
struct Place {
    path: PathBuf,
    /// Removed at the end, where no file was named.
    temporary: Option<TempDir>,
}

impl Place {
    fn new(named: Option<PathBuf>) -> Result<Place, Stop> {
        if let Some(path) = named {
            return Ok(Place { path, temporary: None });
        }
        let directory = tempfile::tempdir().map_err(|error| {
            let message =
                format!("no temporary directory can be made ({error}): name a database with --db");
            FailureReport::new("storage", message)
        })?;
        Ok(Place { path: directory.path().join("rawdash.db"), temporary: Some(directory) })
    }

    fn further(&self) -> String {
        let query = "SELECT name, count(*) FROM events GROUP BY name";
        if self.temporary.is_some() {
            format!(
                "To look further, keep the database:\n  rawdash-host demo --db demo.db\n  \
                 sqlite3 demo.db \"{query}\""
            )
        } else {
            format!("To look further:\n  sqlite3 {} \"{query}\"", self.path.display())
        }
    }
}
