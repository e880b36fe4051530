//! The program that syncs: this one, or one that is a file.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::faults::place::grant;
use crate::support::auth0::Auth0;
use crate::support::history::{Phase, pause};
use serde_json::Value;

/// Commands that an operator gives before calling it hopeless.
const PATIENCE: usize = 20;

/// What syncs a tenant.
pub(crate) enum Program {
    /// The host of this repository with its component, on a driven clock.
    This,
    /// The command at this path, on the machine's clock.
    At(PathBuf),
}

/// How a command ended: its exit status, and when it is worth another try.
struct Ended {
    code: u8,
    pause: Duration,
    said: String,
}

impl Program {
    /// The commands that an operator gives: again after a time when the exit
    /// status says that time repairs it, and with the scope that was missing.
    pub(crate) async fn carry(&self, auth0: &mut Auth0, phase: Phase) -> Result<(), String> {
        let mut said = String::new();
        for _ in 0..PATIENCE {
            let ended = self.sync(auth0, phase).await;
            match ended.code {
                0 => return Ok(()),
                75 => auth0.pass(ended.pause),
                77 => grant(&mut auth0.tenant.state()),
                code => return Err(format!("exit status {code}: {}", ended.said)),
            }
            said = ended.said;
        }
        Err(format!("not done after {PATIENCE} commands: {said}"))
    }

    async fn sync(&self, auth0: &mut Auth0, phase: Phase) -> Ended {
        match self {
            Program::This => {
                let report = auth0.sync_mode(phase.mode()).await;
                let code = report.exit().code();
                Ended { code, pause: pause(&report), said: format!("{report:?}") }
            }
            Program::At(path) => command(path, auth0, phase),
        }
    }
}

fn command(path: &PathBuf, auth0: &Auth0, phase: Phase) -> Ended {
    let mut command = Command::new(path);
    auth0.operate(&mut command, phase.mode());
    let output = command.stdout(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(&said).unwrap_or_default();
    let pause = report.pointer("/failure/retry_after_ms").and_then(Value::as_u64);
    Ended {
        code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX),
        pause: Duration::from_millis(pause.unwrap_or(60_000)),
        said,
    }
}
