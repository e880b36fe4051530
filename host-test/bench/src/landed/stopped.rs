//! A clock that stands still, so that each reading sends the same requests.

use std::time::Duration;

use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

use crate::pages::NOW;

pub(super) struct Stopped;

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(NOW.unsigned_abs())
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}
