//! Ports for servers that must keep theirs when they are started again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Below those that systems give to connections: one of them could take the port
/// between the end of a server and its next start.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// A port that is free now.
///
/// # Errors
/// When there is none.
pub fn free() -> io::Result<SocketAddr> {
    // Far from those of the processes that began at the same time.
    let spread = std::process::id().wrapping_mul(64) % u32::from(LAST - FIRST);
    free_from(FIRST + u16::try_from(spread).unwrap_or_default())
}

/// Another one.
///
/// # Errors
/// When there is none.
pub fn free_after(address: SocketAddr) -> io::Result<SocketAddr> {
    free_from(address.port() + 1)
}

fn free_from(begin: u16) -> io::Result<SocketAddr> {
    for port in (begin..LAST).chain(FIRST..begin) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    Err(io::ErrorKind::AddrNotAvailable.into())
}
