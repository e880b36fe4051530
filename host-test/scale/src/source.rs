//! The simulated tenants, which all trials read.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth0_tenant::{Clock, Options, Plan, Tenant};
use serde_json::{Value, json};

/// The status of a response that says that the rate limit is reached.
const TOO_MANY: u16 = 429;
const DAY: u64 = 24 * 60 * 60;

/// The tenants.
pub struct Source {
    tenants: Vec<Tenant>,
    day: u64,
}

/// How large each tenant is, and how far away.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Log rows.
    pub logs: u32,
    /// The round-trip time of each request.
    pub latency: Duration,
}

/// What the tenants received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received {
    /// Requests.
    pub requests: u64,
    /// Those that were answered with 429.
    pub refused: u64,
}

impl Source {
    /// Starts the tenants, each with other content.
    ///
    /// # Errors
    /// When the machine does not let them listen.
    pub async fn start(count: u32, size: Size) -> Result<Source, String> {
        let mut tenants = Vec::new();
        let clock = Clock::system();
        for number in 1..=count {
            let options = Options {
                seed: u64::from(number),
                logs: size.logs,
                latency: size.latency,
                plan: Plan::Enterprise,
                ..Options::default()
            };
            let tenant = Tenant::start(options, clock.clone()).await;
            tenants.push(tenant.map_err(|error| format!("a tenant cannot listen: {error}"))?);
        }
        Ok(Source { tenants, day: day() })
    }

    /// The tenants with their names.
    pub fn tenants(&self) -> impl Iterator<Item = (String, &Tenant)> {
        self.tenants.iter().enumerate().map(|(number, tenant)| (format!("tenant-{number}"), tenant))
    }

    /// Forgets what the tenants received.
    pub fn forget(&self) {
        self.tenants.iter().for_each(|tenant| tenant.state().forget_requests());
    }

    /// What the tenants received since it was forgotten.
    pub fn received(&self) -> Received {
        let mut received = Received::default();
        for tenant in &self.tenants {
            let state = tenant.state();
            let requests = state.requests();
            let refused = requests.iter().filter(|request| request.status == Some(TOO_MANY));
            received.refused += u64::try_from(refused.count()).unwrap_or(u64::MAX);
            received.requests += u64::try_from(requests.len()).unwrap_or(u64::MAX);
        }
        received
    }

    /// Writes the tenants' configurations into a directory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_configurations(&self, directory: &Path) -> std::io::Result<()> {
        self.tenants().try_for_each(|(name, tenant)| {
            let text = configuration(&name, tenant).to_string();
            std::fs::write(directory.join(format!("{name}.json")), text)
        })
    }

    /// The secrets that the configurations name, for the environment.
    pub fn secrets(&self) -> Vec<(String, String)> {
        self.tenants().map(|(name, tenant)| (secret_name(&name), tenant.client_secret())).collect()
    }

    /// # Errors
    /// When midnight has passed: the statistics of another day differ, whatever was
    /// killed.
    pub fn same_day(&self) -> Result<(), String> {
        if day() == self.day {
            return Ok(());
        }
        Err("a day (UTC) ended in between, so the trials read other statistics: try again".into())
    }
}

/// The configuration of a tenant.
pub fn configuration(name: &str, tenant: &Tenant) -> Value {
    json!({
        "domain": tenant.domain(),
        "clientId": tenant.client_id(),
        "clientSecret": {"$secret": secret_name(name)},
    })
}

/// What sends a tenant's requests to the tenant.
pub fn route(tenant: &Tenant) -> String {
    format!("https://{}={}", tenant.domain(), tenant.url())
}

/// The name of a tenant's secret.
pub fn secret_name(name: &str) -> String {
    format!("SECRET_{}", name.replace('-', "_").to_uppercase())
}

fn day() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs() / DAY
}
