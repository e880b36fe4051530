//! The host's time. Prefer the source's own time, because a run should depend on
//! the source only.

use wasi::clocks::wall_clock;

/// Nanoseconds since 1970, from `wasi:clocks/wall-clock`.
pub fn now() -> u128 {
    let now = wall_clock::now();
    u128::from(now.seconds) * 1_000_000_000 + u128::from(now.nanoseconds)
}
