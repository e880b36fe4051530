//! `cargo run -p component-build -- PACKAGE…` builds components of this
//! repository into `target/component` and prints where each lies.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let packages: Vec<String> = std::env::args().skip(1).collect();
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match component_build::build(&root, &root.join("target/component"), &names) {
        Ok(paths) => {
            for path in paths {
                println!("{}", path.display());
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
