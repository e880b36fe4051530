//! Ports for servers that must keep theirs when they are started again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that systems give to connections: while a server is dead, one of them could
/// take its port, even one that looks for the server.
const PORTS: Range<u16> = 10_000..32_000;

/// A port that is free now, and another one each time.
///
/// # Errors
/// When there is none.
pub fn free() -> io::Result<SocketAddr> {
    static LOOKED_AT: AtomicU32 = AtomicU32::new(0);
    // Far from those of the processes that began at the same time.
    let first = process::id().wrapping_mul(64);
    for _ in PORTS {
        let place = first.wrapping_add(LOOKED_AT.fetch_add(1, Ordering::Relaxed));
        let spread = u16::try_from(place % u32::from(PORTS.end - PORTS.start)).unwrap_or_default();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORTS.start + spread));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    Err(io::ErrorKind::AddrNotAvailable.into())
}
