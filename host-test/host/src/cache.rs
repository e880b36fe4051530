//! Caches of compiled code, which processes share.

use std::path::{Path, PathBuf};

use wasmtime::{Cache, CacheConfig};

/// The user's cache; `None` if it cannot be written.
pub(crate) fn of_user() -> Option<Cache> {
    in_directory(&user_directory()?).ok()
}

/// The cache in a directory. Write access to it means running code here.
pub(crate) fn in_directory(directory: &Path) -> wasmtime::Result<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(std::path::absolute(directory)?);
    Cache::new(config)
}

/// The user's own directory, where nobody else may write.
fn user_directory() -> Option<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(directory) if Path::new(&directory).is_absolute() => PathBuf::from(directory),
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    let directory = base.join("rawdash-host");
    std::fs::create_dir_all(&directory).ok()?;
    tempfile::tempfile_in(&directory).ok()?;
    Some(directory)
}
