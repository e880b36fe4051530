//! The arguments and the help of each command.

mod moment;
pub mod network;
pub(crate) mod place;
pub mod span;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use auth0_tenant::Plan;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::arguments::moment::Moment;
use crate::arguments::network::NetworkArguments;
use crate::arguments::place::Place;
use crate::arguments::span::{interval, span};
use crate::commands::new::ConnectorName;
use crate::output::log::Log;
use rawdash_bench::rows::GROUPS;
use rawdash_host::contract::Mode;

const STATUSES: &str = "\
Exit status:
   0  done
  64  the command line is wrong
  70  the component broke the contract, reached a limit, or crashed; or this
      program has a bug
  71  the machine has too little address space, executable memory, files or
      threads, or cannot measure (`bench`)
  74  the database failed, or standard output cannot be written
  75  run the same command later: it resumes from what is stored
  77  the credentials are refused, or lack a scope
  78  the configuration or the checkpoint cannot be used, the certificate of the
      source or of a proxy is refused, or a proxy refuses the connection
With several failures, the most severe one counts; 75 only if waiting repairs
all of them.";

const NETWORK: &str = "\
Network:
  Requests go through the proxy in the environment variable HTTPS_PROXY, else
  ALL_PROXY, else HTTP_PROXY, in lower or upper case: http:// or https://, with
  USER:PASSWORD@ before the host if it needs them. Hosts in NO_PROXY, separated
  by commas, are reached directly, and routes always are. The trusted certificate
  authorities are the machine's, or those in SSL_CERT_FILE and SSL_CERT_DIR.";

const SYNC_EXAMPLES: &str = "\
Examples:
  Sync a tenant. The file holds the connector's `config`:
    {\"domain\": \"acme.eu.auth0.com\", \"clientId\": \"...\",
     \"clientSecret\": {\"$secret\": \"AUTH0_CLIENT_SECRET\"}}
  and the environment holds the secret:
    export AUTH0_CLIENT_SECRET=...
    rawdash-host sync --config auth0.json --db rawdash.db
  or AUTH0_CLIENT_SECRET_FILE names the file that holds it.

  Run it again to sync what has changed, or to resume after an interruption.

  Only login events, from a week ago on:
    rawdash-host sync --config auth0.json --db rawdash.db --resources login_events --since 7d

  Against a tenant on this machine (see `rawdash-host tenant --help`):
    rawdash-host sync --config auth0.json --db test.db \\
      --route https://acme-1.eu.auth0.com=http://127.0.0.1:8080";

const CHECK_EXAMPLES: &str = "\
Example:
  rawdash-host check --config auth0.json

It sends one small request for each resource and stores nothing.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  rawdash-host describe
  rawdash-host describe --json --component other.wasm

It needs no configuration, no secret and no network.";

const COMPILE_EXAMPLES: &str = "\
Example:
  rawdash-host compile --out auth0.compiled
  rawdash-host sync --component auth0.compiled --config auth0.json --db auth0.db

For machines that forbid executable memory, as systemd does with
MemoryDenyWriteExecute=yes and SELinux without execmem: there every command that
runs a component exits with 71. The component in the directory is interpreted,
which needs no executable memory and computes several times slower. Any machine
can make the directory. Compile again after an update of rawdash-host, or each
start takes longer. Whoever may write the directory can run code in rawdash-host.";

const NEW_EXAMPLES: &str = "\
Example:
  rawdash-host new my-service --path my-service

It writes a connector with one resource, a scripted source and tests; its
README.md says how to build it and verify it. No file is overwritten.";

const MAN_EXAMPLES: &str = "\
Example:
  rawdash-host man --out /usr/local/share/man/man1
  man rawdash-host-sync";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  rawdash-host completions bash > /etc/bash_completion.d/rawdash-host
  rawdash-host completions zsh > ~/.zfunc/_rawdash-host
  rawdash-host completions fish > ~/.config/fish/completions/rawdash-host.fish";

const VERIFY_EXAMPLES: &str = "\
Examples:
  Only the component; rules that need a source are not tried:
    rawdash-host verify connector.wasm

  With a configuration, its secrets in the environment, and a source on this
  machine:
    rawdash-host verify connector.wasm --config connector.json \\
      --route https://api.example=http://127.0.0.1:8080

It reads everything from the source once for every step of a run, so use a small
source that does not change. It deletes what it stores. With --json, standard
output is one JSON object: `broken`, the number of broken rules; `rules`, each
with `rule`, `demand`, `verdict` (ok, wrong, not tried), `why`, `problems` and
`fix` (how to fix it); and `failure`, what prevented the test.

It exits with 0 if no rule is broken and nothing prevented the test, with 70 if
a rule is broken, otherwise as `sync` does.";

const TENANT_EXAMPLES: &str = "\
Examples:
  rawdash-host tenant --port 8080 --users 5000 --plan free
prints one line,
  {\"url\":\"http://127.0.0.1:8080\",\"domain\":\"acme-1.eu.auth0.com\",\"client_id\":...}
and serves until it is stopped. Sync it with
  --route https://DOMAIN=URL

The same seed, time and numbers produce the same tenant.";

const DEMO_EXAMPLES: &str = "\
Examples:
  rawdash-host demo
  rawdash-host demo --users 2500 --logs 20000 --days 90 --db demo.db";

const DASHBOARD_EXAMPLES: &str = "\
Examples:
  rawdash-host dashboard --db rawdash.db
prints one line, such as
  http://127.0.0.1:41873/
and serves the page there, to browsers on this machine only, until it is stopped.
Each time the page is loaded, the database is read again.

  The same page as a file:
    rawdash-host dashboard --db rawdash.db --html auth0.html

It reads the tables that rawdash itself has, whichever program filled them, and
writes nothing to the database. Exit status: 0 once it is stopped, 64 if the port
is in use, 74 if the database cannot be read or the file not be written, 75 if the
database is locked.";

const BENCH_EXAMPLES: &str = "\
Examples:
  rawdash-host bench
  rawdash-host bench page start

Tenants and measured syncs run in separate processes. It takes some minutes and
needs two idle cores. A missed bound is marked in its row; the exit status is
still 0.";

/// Runs rawdash connectors in a sandbox, and stores their records in rawdash's
/// database.
#[derive(Debug, Parser)]
#[command(name = "rawdash-host", version, after_help = STATUSES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sync a source into a database
    #[command(after_help = SYNC_EXAMPLES, after_long_help = long(SYNC_EXAMPLES))]
    Sync(SyncArguments),
    /// Test the credentials and their scopes
    #[command(after_help = CHECK_EXAMPLES, after_long_help = long(CHECK_EXAMPLES))]
    Check(CheckArguments),
    /// Show what a connector reads, needs and reaches
    #[command(after_help = DESCRIBE_EXAMPLES)]
    Describe(DescribeArguments),
    /// Compile a component ahead, for machines that forbid executable memory
    #[command(after_help = COMPILE_EXAMPLES)]
    Compile(CompileArguments),
    /// Write the crate of a new connector
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArguments),
    /// Test whether a component satisfies the contract, rule by rule
    #[command(after_help = VERIFY_EXAMPLES, after_long_help = long(VERIFY_EXAMPLES))]
    Verify(VerifyArguments),
    /// Serve a simulated Auth0 tenant on this machine
    #[command(after_help = TENANT_EXAMPLES)]
    Tenant(TenantArguments),
    /// Sync a simulated tenant and show what is in the database
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArguments),
    /// Sync many tenants, as a service of the engine Restate
    #[command(disable_help_flag = true)]
    Worker(WorkerArguments),
    /// Show what is in a database, on one page
    #[command(after_help = DASHBOARD_EXAMPLES)]
    Dashboard(DashboardArguments),
    /// Measure the performance of the Auth0 connector
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArguments),
    /// Write the man pages, one for each command
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArguments),
    /// Write a shell's completions to standard output
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArguments),
}

fn long(examples: &str) -> String {
    format!("{examples}\n\n{NETWORK}\n\n{STATUSES}")
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SyncArguments {
    /// The connector's configuration: the JSON under `config` in rawdash's
    /// configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The database, which may be rawdash's own: an SQLite file, created if it does
    /// not exist, or libsql://HOST, https://HOST or http://HOST:PORT of a libSQL
    /// server, with the token in RAWDASH_DB_TOKEN or in the file that
    /// RAWDASH_DB_TOKEN_FILE names
    #[arg(long, value_name = "PLACE")]
    pub(crate) db: Place,
    /// Send records and token to a server of another machine over plain http
    #[arg(long)]
    pub(crate) insecure_db: bool,
    /// The connector's name in the database: rawdash's `connector_id`
    #[arg(long, default_value = "auth0", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// The connector's component, or a directory that `compile` has made [default:
    /// the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// How much to read
    #[arg(long, value_enum, default_value_t = ModeArgument::Auto)]
    pub(crate) mode: ModeArgument,
    /// Where events begin in the first sync, and how far back samples go:
    /// 2026-01-31, 2026-01-31T12:00:00Z, or 7d for a week ago. It deletes nothing
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Only these resources, by their names in the configuration or in storage
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(crate) resources: Vec<String>,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Discard the progress of earlier syncs; keep the stored data
    #[arg(long)]
    pub(crate) reset: bool,
    /// Accept all origins that the component declares now
    #[arg(long)]
    pub(crate) accept_origins: bool,
    /// Exit with 75 instead of waiting longer than this at once
    #[arg(long, value_name = "SPAN", default_value = "5m", value_parser = span)]
    pub(crate) max_wait: Duration,
    /// Stop between two steps after this time, with 75 and `more: true`; the next
    /// sync carries on
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) budget: Option<Duration>,
    /// Sync again and again, this long from one begin to the next, until a signal;
    /// for machines that have no scheduler
    #[arg(long, value_name = "SPAN", value_parser = interval)]
    pub(crate) every: Option<Duration>,
    /// Write the result to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// The form of standard error
    #[arg(long, value_enum, default_value_t = Log::Text)]
    pub(crate) log: Log,
    /// After each sync, write its figures in Prometheus' text format to this file,
    /// such as /var/lib/prometheus/node-exporter/rawdash.prom
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The connector's configuration: the JSON under `config` in rawdash's
    /// configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The connector's component, or a directory that `compile` has made [default:
    /// the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Write the result to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DescribeArguments {
    /// The connector's component, or a directory that `compile` has made [default:
    /// the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// Write the description as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompileArguments {
    /// The connector's component [default: the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// The directory for the component and its compiled code; created if there is
    /// none
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The connector's id in rawdash, such as my-service
    pub(crate) name: ConnectorName,
    /// The directory of the crate; created if there is none
    #[arg(long, value_name = "DIR")]
    pub(crate) path: PathBuf,
    /// A checkout of this project to take the SDK from [default: its repository]
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The connector's component, or a directory that `compile` has made
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: PathBuf,
    /// A configuration to verify it with; may be repeated
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) configs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Write the findings to standard output, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TenantArguments {
    /// The port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The tenant's time at its start [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Moment>,
    /// The seed of all generated data
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The number of users
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) users: u32,
    /// The number of log rows
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(crate) logs: u32,
    /// The number of days over which the log rows are spread
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) days: u32,
    /// The Auth0 plan whose rate limits apply
    #[arg(long, value_name = "NAME", default_value_t = Plan::Unlimited)]
    pub(crate) plan: Plan,
    /// The scopes that the application has
    #[arg(
        long,
        value_name = "SCOPE,...",
        value_delimiter = ',',
        default_value = "read:users,read:logs,read:stats"
    )]
    pub(crate) scopes: Vec<String>,
    /// The number of days for which logs are kept [default: for ever]
    #[arg(long, value_name = "N")]
    pub(crate) retention_days: Option<u32>,
    /// The round-trip time of each request
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    pub(crate) latency: Duration,
    /// The bytes of metadata in each user's profile
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) profile_bytes: u32,
    /// How long the user search lags behind writes
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    pub(crate) index_lag: Duration,
    /// How long a token is valid
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = span)]
    pub(crate) token_lifetime: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The number of users
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) users: u32,
    /// The number of log rows
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(crate) logs: u32,
    /// The number of days over which the log rows are spread
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) days: u32,
    /// The database to sync into, which is kept [default: a temporary one]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// List the values that are not as Auth0 documents them
    #[arg(long)]
    pub(crate) notes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    /// The arguments of the program rawdash-host-worker
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct DashboardArguments {
    /// The SQLite database, which is only read
    #[arg(long, value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// The connector's name in the database: rawdash's `connector_id`
    #[arg(long, default_value = "auth0", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// The port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Write the page to this file instead of serving it
    #[arg(long, value_name = "FILE", conflicts_with = "port")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// What to measure [default: all]
    #[arg(value_name = "GROUP", value_parser = PossibleValuesParser::new(GROUPS))]
    pub(crate) groups: Vec<String>,
    /// Run the workload on standard input, and write its figures to standard
    /// output: this is the measured process
    #[arg(long, hide = true)]
    pub(crate) workload: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The directory for the pages; created if there is none
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// How much a run reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArgument {
    /// Full or latest, decided from the earlier runs
    Auto,
    /// Everything that the source still has
    Full,
    /// What changed since the last run
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
        assert_eq!(sync.budget, None);
        assert!(!sync.reset && !sync.accept_origins && !sync.json);
        assert!(
            sync.resources.is_empty() && sync.network.routes.is_empty() && sync.since.is_none()
        );
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
