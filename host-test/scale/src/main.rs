//! The program `scale-test`.

use std::process::ExitCode;

fn main() -> ExitCode {
    scale_test::main()
}
