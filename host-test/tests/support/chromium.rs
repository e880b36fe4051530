//! The browser Chromium, without a window. Whatever it requests that is not on this
//! machine goes to a proxy of the test.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::left_out;
use super::proxy::{Answer, StandIn};

/// The colours that the person prefers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scheme {
    Dark = 0,
    Light = 1,
}

/// What a page led to.
pub(crate) struct Visit {
    /// The document after it was loaded.
    pub(crate) document: String,
    /// The first line of each request to another machine, the browser's own included.
    pub(crate) requests: Vec<String>,
}

/// Loads a page. `None`, said on standard error, where the program is not installed and
/// `RAWDASH_WITH_CHROMIUM` is not set.
pub(crate) async fn visit(url: &str, scheme: Scheme) -> Option<Visit> {
    let proxy = StandIn::start(Answer::Say("HTTP/1.1 502 No\r\n\r\n")).await;
    let profile = tempfile::tempdir().unwrap();
    let command = command(url, scheme, &proxy.url(), profile.path());
    let output = tokio::task::spawn_blocking(|| { command }.output()).await.unwrap();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound && !is_expected() => {
            left_out("a test with a real browser; it needs the program chromium");
            return None;
        }
        Err(error) => panic!("chromium cannot be started: {error}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = String::from_utf8(output.stdout).unwrap();
    Some(Visit { document, requests: proxy.connects() })
}

fn command(url: &str, scheme: Scheme, proxy: &str, profile: &Path) -> Command {
    let mut command = Command::new("chromium");
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--dump-dom",
    ]);
    command.arg(format!("--proxy-server={proxy}"));
    command.arg(format!("--blink-settings=preferredColorScheme={}", scheme as u8));
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(url).stdin(Stdio::null());
    command
}

/// Whether the program must be there: a test that cannot start it then fails.
fn is_expected() -> bool {
    std::env::var_os("RAWDASH_WITH_CHROMIUM").is_some()
}
