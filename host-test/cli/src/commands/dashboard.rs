//! `dashboard`: one page about a database, served on this machine or written to a file.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::arguments::DashboardArguments;
use crate::early_end::EarlyEnd;
use crate::ended_early;
use crate::output::replacement::{Access, replace};
use crate::output::terminal;
use crate::process::signals::Signals;
use rawdash_dashboard::{ReadError, Shown};
use rawdash_host::failure::{Exit, FailureReport, HostKind};

/// Runs the command.
pub(crate) async fn run(arguments: &DashboardArguments) -> Exit {
    let ended = match &arguments.html {
        Some(file) => write(arguments, file),
        None => serve(arguments).await,
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(stop) => ended_early(&stop),
    }
}

fn write(arguments: &DashboardArguments, file: &Path) -> Result<(), EarlyEnd> {
    let page = page(&arguments.db, &arguments.name)?;
    if is_same(&arguments.db, file) {
        let message = format!("--html {} is the database: name another file", file.display());
        return Err(EarlyEnd::Usage(message));
    }
    replace(file, page.as_bytes(), Access::Unchanged).map_err(|error| {
        let message = format!(
            "{} cannot be written ({error}): check that its directory exists, is writable and has \
             room",
            file.display()
        );
        FailureReport::new(HostKind::Output, message).into()
    })
}

/// Whether both paths lead to one file that is there.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

async fn serve(arguments: &DashboardArguments) -> Result<(), EarlyEnd> {
    // What never was a database is reported here, not in a browser.
    page(&arguments.db, &arguments.name)?;
    let unheard = |error| {
        EarlyEnd::Usage(format!(
            "cannot listen on port {} ({error}): choose another one, or 0 for a free one",
            arguments.port
        ))
    };
    let listener = rawdash_dashboard::bind(arguments.port).await.map_err(unheard)?;
    let address = listener.local_addr().map_err(unheard)?;
    // Before the address is announced, because a reader of that line may stop it.
    let mut signals = Signals::listen();
    terminal::show(&format!("http://{address}/"))?;
    let (database, name): (PathBuf, String) = (arguments.db.clone(), arguments.name.clone());
    let shown = move || -> Shown {
        page(&database, &name).map_err(|end| rawdash_dashboard::failure(&name, &end.to_string()))
    };
    tokio::select! {
        () = rawdash_dashboard::serve(listener, shown) => {}
        () = signals.next() => {}
    }
    Ok(())
}

/// The page about what the database holds now.
fn page(database: &Path, name: &str) -> Result<String, EarlyEnd> {
    let now = OffsetDateTime::now_utc();
    let snapshot = rawdash_dashboard::read(database, name, now).map_err(|error| {
        let kind = match error {
            ReadError::Locked { .. } => HostKind::Busy,
            ReadError::Unreadable { .. } => HostKind::Storage,
        };
        EarlyEnd::from(FailureReport::new(kind, error))
    })?;
    Ok(rawdash_dashboard::page(&snapshot))
}
