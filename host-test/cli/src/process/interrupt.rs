//! Stopping because of a signal.

use rawdash_host::failure::Exit;
use rawdash_host::stop::StopSignal;

use crate::output::log::{Entry, Level, Log};
use crate::process::signals::Signals;

/// Listens to the process's signals from now on: the first raises the returned
/// stop signal, the second ends the process. No step is stored in part in either
/// case.
pub(crate) fn listen(log: Log) -> StopSignal {
    let stop = StopSignal::new();
    let raised = stop.clone();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        // First, so that whoever reads the line knows that no further step begins.
        raised.raise();
        let message = "stopping before the next step; press Ctrl-C again to stop at once";
        log.tell(&Entry::new(Level::Warn, message).with("code", "interrupted"));
        signals.next().await;
        std::process::exit(Exit::Later.code().into());
    });
    stop
}
