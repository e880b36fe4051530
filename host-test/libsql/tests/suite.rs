//! The storage at the real server, sqld. The environment variable `RAWDASH_SQLD` names
//! the program; without it these tests are left out, and say so.
// clippy's leave for tests ends at the test functions; these are their hands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "suite/faults.rs"]
mod faults;
#[path = "suite/fixture.rs"]
mod fixture;
#[path = "suite/given_up.rs"]
mod given_up;
#[path = "suite/relay.rs"]
mod relay;
#[path = "suite/sequences.rs"]
mod sequences;
#[path = "suite/tables.rs"]
mod tables;
#[path = "suite/writers.rs"]
mod writers;
