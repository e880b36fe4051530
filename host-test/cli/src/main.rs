//! The command line of the host: see `rawdash-host --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rawdash_host_cli::main()
}
