//! The driver as a command.

use std::io::{self, Read, Write};

use wasi::cli::{stdin, stdout};
use wasi::exports::cli::run::Guest;

use crate::{Driver, job};

impl Guest for Driver {
    fn run() -> Result<(), ()> {
        drive().map_err(drop)
    }
}

fn drive() -> io::Result<()> {
    let mut text = String::new();
    stdin::get_stdin().read_to_string(&mut text)?;
    let mut out = stdout::get_stdout();
    for line in job::lines(&text) {
        out.write_all(line.as_bytes())?;
    }
    out.blocking_flush().map_err(io::Error::other)
}
