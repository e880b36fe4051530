//! The arguments of each command, and the help that teaches them.

mod moment;
mod span;

use std::path::PathBuf;
use std::time::Duration;

use auth0_tenant::Plan;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::arguments::moment::Moment;
use crate::arguments::span::span;
use rawdash_bench::rows::GROUPS;
use rawdash_host::contract::Mode;
use rawdash_host::origins::Route;

const STATUSES: &str = "\
Exit status:
   0  done
  64  the command line is wrong
  70  the component broke the contract, met a limit, or broke down
  74  the database failed
  75  come back later: what was stored stays, the same command goes on from there
  77  the credentials are refused, or lack a scope
  78  the configuration or the checkpoint cannot be used
Of several the gravest counts; 75 only if waiting mends all that is left.";

const SYNC_EXAMPLES: &str = "\
Examples:
  Sync a tenant. The file holds the connector's `config`:
    {\"domain\": \"acme.eu.auth0.com\", \"clientId\": \"...\",
     \"clientSecret\": {\"$secret\": \"AUTH0_CLIENT_SECRET\"}}
  and the environment the secret:
    export AUTH0_CLIENT_SECRET=...
    rawdash-host sync --config auth0.json --db rawdash.db

  The same again brings what has changed since, or goes on where it was stopped.

  Only login events, from a week ago on:
    rawdash-host sync --config auth0.json --db rawdash.db --resources login_events --since 7d

  Against a tenant on this machine (see `rawdash-host tenant --help`):
    rawdash-host sync --config auth0.json --db test.db \\
      --route https://acme-1.eu.auth0.com=http://127.0.0.1:8080";

const CHECK_EXAMPLES: &str = "\
Example:
  rawdash-host check --config auth0.json

It asks for the least of each resource and stores nothing.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  rawdash-host describe
  rawdash-host describe --json --component other.wasm

It needs no configuration, no secret and no network.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  The component alone; what needs a source is not tried:
    rawdash-host verify connector.wasm

  Under a configuration, its secrets in the environment, against a source on
  this machine:
    rawdash-host verify connector.wasm --config connector.json \\
      --route https://api.example=http://127.0.0.1:8080

It asks the source for all that it has, once for every step of a run: let it be
a small one that stands still. It stores nothing that stays. With --json,
standard output is one JSON object: `broken`, the number of broken rules;
`rules`, each with `rule`, `demand`, `verdict` (ok, wrong, not tried), `why`,
`problems` and `mend`; and `failure`, what hindered it.

It exits 0 when no rule is broken and nothing hindered it, 70 when one is; else
as `sync` does.";

const TENANT_EXAMPLES: &str = "\
Examples:
  rawdash-host tenant --port 8080 --users 5000 --plan free
prints one line,
  {\"url\":\"http://127.0.0.1:8080\",\"domain\":\"acme-1.eu.auth0.com\",\"client_id\":...}
and serves until it is stopped. Sync it with
  --route https://DOMAIN=URL

The same seed, time and numbers make the same tenant.";

const DEMO_EXAMPLES: &str = "\
Examples:
  rawdash-host demo
  rawdash-host demo --users 2500 --logs 20000 --days 90 --db demo.db";

const BENCH_EXAMPLES: &str = "\
Examples:
  rawdash-host bench
  rawdash-host bench page start

Tenants, and what is measured, run in processes of their own. It takes some
minutes, and two idle cores. A bound that is missed is told in its row; the exit
status is 0 all the same.";

/// Runs rawdash connectors in a sandbox, and stores what they bring in
/// rawdash's SQLite database.
#[derive(Debug, Parser)]
#[command(name = "rawdash-host", version, after_help = STATUSES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring what a source has into a database, step by step
    #[command(after_help = SYNC_EXAMPLES, after_long_help = long(SYNC_EXAMPLES))]
    Sync(SyncArguments),
    /// See whether the credentials and their scopes suffice
    #[command(after_help = CHECK_EXAMPLES, after_long_help = long(CHECK_EXAMPLES))]
    Check(CheckArguments),
    /// Show what a connector brings, needs and reaches
    #[command(after_help = DESCRIBE_EXAMPLES)]
    Describe(DescribeArguments),
    /// See whether a component keeps the contract, rule by rule
    #[command(after_help = VERIFY_EXAMPLES, after_long_help = long(VERIFY_EXAMPLES))]
    Verify(VerifyArguments),
    /// Serve a simulated Auth0 tenant on this machine
    #[command(after_help = TENANT_EXAMPLES)]
    Tenant(TenantArguments),
    /// Sync a simulated tenant and show what is in the database
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArguments),
    /// Measure how fast the Auth0 connector is, against bounds and rivals
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArguments),
}

fn long(examples: &str) -> String {
    format!("{examples}\n\n{STATUSES}")
}

#[derive(Debug, Args)]
pub(crate) struct SyncArguments {
    /// The connector's configuration: the JSON that stands under `config` in
    /// rawdash's
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The SQLite database; made where there is none. rawdash's own is fine
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// The connector's name in the database: rawdash's `connector_id`
    #[arg(long, default_value = "auth0", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// The connector's component [default: the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// How much to bring
    #[arg(long, value_enum, default_value_t = ModeArgument::Auto)]
    pub(crate) mode: ModeArgument,
    /// Where events begin when there is no position yet, and how far back
    /// samples go: 2026-01-31, 2026-01-31T12:00:00Z, or 7d for a week ago. It
    /// deletes nothing
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Only these, by their names in the configuration or in storage
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(crate) resources: Vec<String>,
    /// Send what is for ORIGIN, one that the connector declares, to a server
    /// on this machine
    #[arg(long = "route", value_name = "ORIGIN=URL")]
    pub(crate) routes: Vec<Route>,
    /// Forget how far earlier runs came; keep what is stored
    #[arg(long)]
    pub(crate) reset: bool,
    /// Let the component reach all origins that it declares now
    #[arg(long)]
    pub(crate) accept_origins: bool,
    /// End with 75 rather than wait longer than this at once
    #[arg(long, value_name = "SPAN", default_value = "5m", value_parser = span)]
    pub(crate) max_wait: Duration,
    /// Write the outcome to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The connector's configuration: the JSON that stands under `config` in
    /// rawdash's
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The connector's component [default: the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// Send what is for ORIGIN, one that the connector declares, to a server
    /// on this machine
    #[arg(long = "route", value_name = "ORIGIN=URL")]
    pub(crate) routes: Vec<Route>,
    /// Write the outcome to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DescribeArguments {
    /// The connector's component [default: the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// Write the description as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The connector's component
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: PathBuf,
    /// A configuration to verify it under; each one that is given is tried
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) configs: Vec<PathBuf>,
    /// Send what is for ORIGIN, one that the connector declares, to a server
    /// on this machine
    #[arg(long = "route", value_name = "ORIGIN=URL")]
    pub(crate) routes: Vec<Route>,
    /// Write what was found to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TenantArguments {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The tenant's time at its start, from where it runs on [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
    /// The seed of everything that is generated
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many users there are
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) users: u32,
    /// How many log rows there are
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(crate) logs: u32,
    /// Over how many days the log rows are spread
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) days: u32,
    /// The Auth0 plan whose rate limits hold
    #[arg(long, value_name = "NAME", default_value_t = Plan::Unlimited)]
    pub(crate) plan: Plan,
    /// The scopes that the application is granted
    #[arg(
        long,
        value_name = "SCOPE,...",
        value_delimiter = ',',
        default_value = "read:users,read:logs,read:stats"
    )]
    pub(crate) scopes: Vec<String>,
    /// For how many days logs are kept [default: for ever]
    #[arg(long, value_name = "N")]
    pub(crate) retention_days: Option<u32>,
    /// How long each request is under way, there and back
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    pub(crate) latency: Duration,
    /// How many bytes of metadata each user carries
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) profile_bytes: u32,
    /// For how long the user search does not see a write
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    pub(crate) index_lag: Duration,
    /// For how long a token is valid
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = span)]
    pub(crate) token_lifetime: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// How many users the tenant has
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) users: u32,
    /// How many log rows it has
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(crate) logs: u32,
    /// Over how many days these are spread
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) days: u32,
    /// The database to sync into, and to keep [default: a temporary one]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// What to measure [default: all]
    #[arg(value_name = "GROUP", value_parser = PossibleValuesParser::new(GROUPS))]
    pub(crate) groups: Vec<String>,
    /// Run the workload on standard input, and tell on standard output what it
    /// took: the process that is measured
    #[arg(long, hide = true)]
    pub(crate) workload: bool,
}

/// How much a run brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArgument {
    /// Full or latest, as the last runs and the source ask for
    Auto,
    /// Everything that the source still has
    Full,
    /// What has changed since the last run
    Latest,
}

impl From<ModeArgument> for Mode {
    fn from(mode: ModeArgument) -> Mode {
        match mode {
            ModeArgument::Auto => Mode::Auto,
            ModeArgument::Full => Mode::Full,
            ModeArgument::Latest => Mode::Latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_argument_contradicts_another() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_sync_without_options_is_careful() {
        let arguments =
            Arguments::try_parse_from(["rawdash-host", "sync", "--config", "c", "--db", "d"]);
        let Command::Sync(sync) = arguments.unwrap().command else {
            panic!("not sync");
        };
        assert_eq!((sync.name.as_str(), sync.mode), ("auth0", ModeArgument::Auto));
        assert_eq!(sync.max_wait, Duration::from_secs(300));
        assert!(!sync.reset && !sync.accept_origins && !sync.json);
        assert!(sync.resources.is_empty() && sync.routes.is_empty() && sync.since.is_none());
    }

    #[test]
    fn a_route_that_leaves_this_machine_is_refused() {
        for route in [
            "https://a.example=http://10.0.0.1",
            "https://a.example=http://127.0.0.1/path",
            "https://a.example",
        ] {
            let words = ["rawdash-host", "check", "--config", "c", "--route", route];
            assert!(Arguments::try_parse_from(words).is_err(), "{route}");
        }
        let route = "https://{/domain}=http://127.0.0.1:8080";
        let words = ["rawdash-host", "check", "--config", "c", "--route", route];
        assert!(Arguments::try_parse_from(words).is_ok());
    }
}
