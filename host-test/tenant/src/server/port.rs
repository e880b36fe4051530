//! The port of a tenant. It stays the tenant's own also while nobody listens on
//! it: another process that listened there would get the tenant's requests.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// A port of the loopback interface.
#[derive(Debug)]
pub(crate) struct Port {
    address: SocketAddr,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Listens(TcpListener),
    /// Bound and no more: clients get "connection refused".
    Refuses(TcpSocket),
    /// Only within [`Port::set_listening`], and after it failed.
    Lost,
}

impl Port {
    /// Listens on this port, or on a free one for 0.
    pub(crate) async fn listen_on(port: u16) -> io::Result<Port> {
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let listener = if port == 0 {
            let socket = shareable()?;
            socket.bind(address)?;
            socket.listen(BACKLOG)?
        } else {
            // A port that somebody chose may be in use, and must not be shared.
            TcpListener::bind(address).await?
        };
        Ok(Port { address: listener.local_addr()?, socket: Socket::Listens(listener) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens from now on, or refuses connections.
    pub(crate) fn set_listening(&mut self, listen: bool) -> io::Result<()> {
        self.socket = match (std::mem::replace(&mut self.socket, Socket::Lost), listen) {
            (Socket::Listens(listener), false) => Socket::Refuses(self.hold(listener)?),
            (Socket::Refuses(socket), true) => Socket::Listens(socket.listen(BACKLOG)?),
            (socket, _) => socket,
        };
        Ok(())
    }

    /// Binds the port anew before the listener is closed, so that it is never
    /// free; where the system does not let two sockets share it, after that.
    fn hold(&self, listener: TcpListener) -> io::Result<TcpSocket> {
        let socket = shareable()?;
        if socket.bind(self.address).is_err() {
            drop(listener);
            socket.bind(self.address)?;
        }
        Ok(socket)
    }

    /// The next connection; none ever where nobody listens.
    pub(crate) async fn accept(&self) -> TcpStream {
        let Socket::Listens(listener) = &self.socket else {
            return std::future::pending().await;
        };
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                return stream;
            }
            // Out of descriptors, or the client has left: the next one.
            tokio::task::yield_now().await;
        }
    }
}

/// A socket that can be bound where another of these is.
fn shareable() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    Ok(socket)
}
