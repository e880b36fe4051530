//! What can go wrong with a component, its limits included.

use std::fmt;
use std::time::Duration;

use semver::Version;

/// Why a component could not be loaded, or why a call of it did not return.
/// After an error of a call the instance is gone; others are not touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// The bytes are no component, or one that this host's engine refuses.
    NoComponent {
        /// What the engine says.
        cause: String,
    },
    /// The component was written for another contract.
    OtherContract {
        /// The version this host speaks.
        spoken: &'static str,
        /// The version the component exports, if any.
        found: Option<Version>,
    },
    /// The component wants what no connector is given.
    DeniedImports {
        /// The imports by name, version included.
        imports: Vec<String>,
    },
    /// A limit of the sandbox was met.
    Limit(Limit),
    /// The component broke down by itself.
    Trap {
        /// What the engine says.
        cause: String,
    },
    /// The instance was called after it had broken down.
    Gone,
}

/// A limit of the sandbox, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of linear memory.
    Memory(usize),
    /// Elements of tables.
    Tables(usize),
    /// Depth of calls.
    Stack,
    /// Computing time of one call.
    Computing(Duration),
    /// Time of one call, waiting included.
    Call(Duration),
    /// Bytes that one call may hand over.
    Output(usize),
    /// Requests, responses, streams and other handles held at once.
    Handles(usize),
    /// Records of one run.
    Records(u64),
    /// Steps in a row that neither bring a record nor ask the source.
    IdleSteps(u64),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Memory(bytes) => write!(f, "memory ({bytes} bytes)"),
            Limit::Tables(elements) => write!(f, "table elements ({elements})"),
            Limit::Stack => f.write_str("call depth"),
            Limit::Computing(span) => write!(f, "computing time of one call ({span:?})"),
            Limit::Call(span) => write!(f, "time of one call ({span:?})"),
            Limit::Output(bytes) => write!(f, "output of one call ({bytes} bytes)"),
            Limit::Handles(count) => write!(f, "handles held at once ({count})"),
            Limit::Records(count) => write!(f, "records of one run ({count})"),
            Limit::IdleSteps(count) => {
                write!(f, "steps in a row that bring nothing and ask for nothing ({count})")
            }
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::Unreadable { path, cause } => {
                write!(
                    f,
                    "the component {path} cannot be read ({cause}): name the .wasm file of a connector"
                )
            }
            HostError::NoComponent { cause } => write!(
                f,
                "this is no WebAssembly component that the host can run: {cause}; build it for \
                 wasm32-unknown-unknown with the linker wasm-component-ld"
            ),
            HostError::OtherContract { spoken, found: Some(found) } => {
                // Both are compared as versions: 0.10.0 is newer than 0.9.0.
                let newer = Version::parse(spoken).is_ok_and(|spoken| *found > spoken);
                let what_to_do = if newer {
                    "take a newer host, or an older component"
                } else {
                    "take a newer component, or build it again against this host's wit/"
                };
                write!(
                    f,
                    "the component speaks rawdash:connector@{found}, this host {spoken}: \
                     {what_to_do}"
                )
            }
            HostError::OtherContract { spoken, found: None } => write!(
                f,
                "the component exports no rawdash:connector/connector, so it is no connector; \
                 this host speaks version {spoken}"
            ),
            HostError::DeniedImports { imports } => write!(
                f,
                "the component imports {}, which no connector is given: remove what asks for it",
                imports.join(", ")
            ),
            HostError::Limit(limit) => write!(
                f,
                "the component was stopped at the limit of {limit}: this is a defect of the \
                 component, tell its author"
            ),
            HostError::Trap { cause } => write!(
                f,
                "the component broke down ({cause}): this is a defect of the component, tell its \
                 author"
            ),
            HostError::Gone => f.write_str(
                "the component broke down before and cannot be called again: make a new instance",
            ),
        }
    }
}

impl std::error::Error for HostError {}
