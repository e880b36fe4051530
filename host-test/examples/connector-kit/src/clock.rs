//! The host's idea of the time. What a source tells is better: a run is to be
//! a function of what the source says.

use wasi::clocks::wall_clock;

/// Nanoseconds since 1970, from `wasi:clocks/wall-clock`.
pub fn now() -> u128 {
    let now = wall_clock::now();
    u128::from(now.seconds) * 1_000_000_000 + u128::from(now.nanoseconds)
}
