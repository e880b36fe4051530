//! The signals that stop a process: SIGINT and SIGTERM; Ctrl-C on other systems.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals since this was created. They no longer end the process.
pub struct Signals {
    #[cfg(unix)]
    kinds: [Option<Signal>; 2],
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on. A signal that the system does not let it handle still
    /// ends the process.
    pub fn listen() -> Signals {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Signals { kinds: kinds.map(|kind| signal(kind).ok()) }
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.kinds;
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Listens from the first wait on.
    pub fn listen() -> Signals {
        Signals {}
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
