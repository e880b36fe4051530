//! A server's process, which is killed and started again.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A running process. It is killed when this is dropped.
pub struct Process {
    command: Command,
    child: Child,
}

impl Process {
    /// Starts a program that is silent.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn start(mut command: Command) -> io::Result<Process> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn()?;
        Ok(Process { command, child })
    }

    /// Ends it as `kill -9` does, and starts another like it.
    ///
    /// # Errors
    /// When it had ended already, or cannot be run again.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.child.kill().await?;
        self.child = self.command.spawn()?;
        Ok(())
    }

    /// # Errors
    /// When it has ended by itself.
    pub fn check(&mut self) -> io::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let program = self.command.as_std().get_program().display();
                Err(io::Error::other(format!("{program} ended by itself: {status}")))
            }
        }
    }
}
