//! The program `rawdash-host-worker`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rawdash_worker::main(std::env::args_os())
}
