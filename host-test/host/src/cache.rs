//! The cache of compiled code that processes share.

use std::path::{Path, PathBuf};

use wasmtime::{Cache, CacheConfig};

/// The user's cache; `None` if it cannot be written.
pub(crate) fn cache() -> Option<Cache> {
    let mut cache = CacheConfig::new();
    cache.with_directory(directory()?);
    Cache::new(cache).ok()
}

/// The user's own directory, because write access to it means running code here.
fn directory() -> Option<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(directory) if Path::new(&directory).is_absolute() => PathBuf::from(directory),
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    let directory = base.join("rawdash-host");
    std::fs::create_dir_all(&directory).ok()?;
    tempfile::tempfile_in(&directory).ok()?;
    Some(directory)
}
