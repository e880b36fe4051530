//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use rawdash_host_cli::arguments::network::NetworkArguments;
use rawdash_host_cli::arguments::span::span;

const HELP: &str = "\
Example, with restate-server running on this machine:
  rawdash-host worker --tenants tenants --db 'data/{tenant}.sqlite'
  curl localhost:9070/deployments --json '{\"uri\": \"http://localhost:9080\"}'
  curl -X POST localhost:8080/RawdashTenant/acme/sync
  curl localhost:8080/RawdashTenant/acme/schedule --json '{\"every\": \"1h\"}'
  curl -X POST localhost:8080/RawdashTenant/acme/status

The directory holds one configuration for each tenant, tenants/acme.json for the
tenant `acme`. Secrets come from the environment, as for `rawdash-host sync`. On
SIGTERM, syncs end after the step under way, and another worker resumes them.";

/// Syncs many tenants, as a service of the engine Restate.
#[derive(Debug, Parser)]
#[command(bin_name = "rawdash-host worker", version, after_help = HELP)]
pub(crate) struct Arguments {
    /// The tenants' configurations: a directory with NAME.json for each, or a database,
    /// as --db takes it, with the table rawdash_tenants (name, config)
    #[arg(long, value_name = "PLACE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) tenants: String,
    /// The database: a file, or the address of a libSQL server, whose token is in
    /// RAWDASH_DB_TOKEN. `{tenant}` stands for the tenant's name; without it, all
    /// tenants share the database, each as a connector of its name
    #[arg(long, value_name = "PLACE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) db: String,
    /// Permit plain http to a libSQL server on another machine
    #[arg(long)]
    pub(crate) insecure_db: bool,
    /// The connector's name in a database of one tenant: rawdash's `connector_id`
    #[arg(long, default_value = "auth0", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// The connector's component [default: the Auth0 connector]
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// The address to serve; the engine must reach it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9080")]
    pub(crate) listen: SocketAddr,
    /// The engine's public key, publickeyv1_...: refuse requests that it did not sign
    #[arg(long, value_name = "KEY")]
    pub(crate) identity_key: Option<String>,
    /// How long one slice of a sync lasts; the engine records each
    #[arg(long, value_name = "SPAN", default_value = "1m", value_parser = span)]
    pub(crate) slice: Duration,
    /// How many syncs run at once; others wait
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_argument_contradicts_another_and_no_line_of_help_is_cut_in_a_narrow_terminal() {
        let mut command = Arguments::command();
        command.clone().debug_assert();
        let help = command.render_help().to_string();
        assert!(HELP.lines().all(|line| line.len() <= 80), "{HELP}");
        assert!(help.contains("Syncs many tenants"), "{help}");
    }
}
