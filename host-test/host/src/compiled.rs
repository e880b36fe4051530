//! A component that is compiled ahead, in a directory: for machines that forbid
//! executable memory, and so the code that components are compiled to otherwise.
//!
//! It is compiled to bytecode that the host interprets. The directory is a cache of
//! the engine, beside the component itself: code of another version of the host or
//! of another component is not used, and the component is compiled to bytecode again
//! when it is loaded. The bytecode itself is trusted, so only those who may replace
//! the host may be able to write the directory.

use std::fmt;
use std::path::Path;

use wasmtime::Cache;

use crate::cache;
use crate::component::{Connector, no_component, read};
use crate::engine;
use crate::error::HostError;
use crate::failure::{FailureReport, HostKind};

/// The component's file in the directory.
const COMPONENT: &str = "component.wasm";

/// Why a component could not be compiled ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The component cannot be run.
    Component(HostError),
    /// The directory cannot be written.
    Unwritable {
        /// The directory.
        path: String,
        /// What the system says.
        cause: String,
    },
}

/// Compiles a component into a directory, which is created if it does not exist.
///
/// # Errors
/// When the component cannot be run, or the directory cannot be written.
pub fn compile(component: &[u8], directory: &Path) -> Result<(), CompileError> {
    let unwritable = |cause: String| {
        let path = directory.display().to_string();
        CompileError::Unwritable { path, cause }
    };
    std::fs::create_dir_all(directory).map_err(|error| unwritable(error.to_string()))?;
    load_from(component, directory)?;
    let code = load_from(component, directory)?.1;
    if code.cache_hits() == 0 {
        return Err(unwritable("the compiled code is not in it".to_owned()));
    }
    // Last and at once, so that a directory that is not complete is none.
    let part = directory.join("component.part");
    std::fs::write(&part, component)
        .and_then(|()| std::fs::rename(&part, directory.join(COMPONENT)))
        .map_err(|error| unwritable(error.to_string()))
}

/// The connector in a directory.
pub(crate) fn load(directory: &Path) -> Result<Connector, HostError> {
    let component = read(&directory.join(COMPONENT))?;
    Ok(load_from(&component, directory)?.0)
}

fn load_from(component: &[u8], directory: &Path) -> Result<(Connector, Cache), HostError> {
    let cache = cache::in_directory(directory).map_err(|error| HostError::Unreadable {
        path: directory.display().to_string(),
        cause: format!("{error:#}"),
    })?;
    let engine = engine::interpreting(cache.clone()).map_err(no_component)?;
    Ok((Connector::load_with(&engine, component)?, cache))
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Component(error) => error.fmt(f),
            CompileError::Unwritable { path, cause } => write!(
                f,
                "the compiled component cannot be written to {path} ({cause}): name a directory \
                 that may be written, on a disk with space"
            ),
        }
    }
}

impl std::error::Error for CompileError {}

impl From<HostError> for CompileError {
    fn from(error: HostError) -> CompileError {
        CompileError::Component(error)
    }
}

impl From<&CompileError> for FailureReport {
    fn from(error: &CompileError) -> FailureReport {
        match error {
            CompileError::Component(error) => FailureReport::from(error),
            CompileError::Unwritable { .. } => FailureReport::new(HostKind::Output, error),
        }
    }
}
