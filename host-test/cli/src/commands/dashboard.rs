//! `dashboard`: one page about a database, served on this machine or written to a file.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::arguments::DashboardArguments;
use crate::early_end::EarlyEnd;
use crate::ended_early;
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
    replace(file, &page).map_err(|error| {
        let message = format!(
            "{} cannot be written ({error}): check that its directory exists, is writable and has \
             room",
            file.display()
        );
        FailureReport::new(HostKind::Output, message).into()
    })
}

/// Puts the page in the file's place, all of it or nothing.
fn replace(file: &Path, page: &str) -> std::io::Result<()> {
    // A link stays one.
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    let mut new = new_file(directory.unwrap_or(Path::new(".")))?;
    new.write_all(page.as_bytes())?;
    if let Ok(old) = std::fs::metadata(file) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

/// A new file that has the permissions of any other, not those of a secret one.
#[cfg(unix)]
fn new_file(directory: &Path) -> std::io::Result<NamedTempFile> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(directory)
}

#[cfg(not(unix))]
fn new_file(directory: &Path) -> std::io::Result<NamedTempFile> {
    NamedTempFile::new_in(directory)
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
