//! The worker with a real engine and a real store. Without the programs these tests are
//! left out, and say so; with `RAWDASH_WITH_RESTATE` they fail.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod suite {
    mod kills;
    mod service;
}

/// What to do where a program is missing.
fn left_out(message: &str) {
    assert!(std::env::var_os("RAWDASH_WITH_RESTATE").is_none(), "{message}");
    eprintln!("left out: {message}");
}
