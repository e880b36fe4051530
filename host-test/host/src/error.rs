//! What can go wrong with a component, including the limits of the sandbox.

use std::fmt;
use std::time::Duration;

use semver::Version;

use crate::failure::{FailureReport, HostKind};
use crate::machine::MachineLimit;

/// Why a component could not be loaded, or why a call did not return. After a
/// failed call that instance cannot be used; others are not affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// The bytes are not a component, or one that this host's engine refuses.
    NoComponent {
        /// What the engine says.
        cause: String,
    },
    /// The component was built for another version of the contract.
    OtherContract {
        /// The version that this host supports.
        spoken: &'static str,
        /// The version that the component exports, if any.
        found: Option<Version>,
    },
    /// The component imports interfaces that connectors may not use.
    DeniedImports {
        /// The imports by name, version included.
        imports: Vec<String>,
    },
    /// The component reached a limit of the sandbox.
    Limit(Limit),
    /// The machine has too little of something, which is not the component's fault.
    Machine(MachineLimit),
    /// The component crashed.
    Trap {
        /// What the engine says.
        cause: String,
    },
    /// The instance was called after it had crashed.
    Gone,
}

/// A limit of the sandbox, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of linear memory.
    Memory(usize),
    /// Elements of tables.
    Tables(usize),
    /// Call depth.
    Stack,
    /// Computing time of one call.
    Computing(Duration),
    /// Time of one call, waiting included.
    Call(Duration),
    /// Bytes that one call may return.
    Output(usize),
    /// Requests, responses, streams and other handles held at once.
    Handles(usize),
    /// Records of one run.
    Records(u64),
    /// Steps in a row that neither return a record nor send a request.
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
                write!(f, "steps in a row without a record or a request ({count})")
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
                    "the component {path} cannot be read ({cause}): name the .wasm file of a \
                     connector, or a directory that `rawdash-host compile` has made"
                )
            }
            HostError::NoComponent { cause } => write!(
                f,
                "this is not a WebAssembly component that the host can run: {cause}; build it for \
                 wasm32-unknown-unknown with the linker wasm-component-ld"
            ),
            HostError::OtherContract { spoken, found: Some(found) } => {
                // Both are compared as versions: 0.10.0 is newer than 0.9.0.
                let newer = Version::parse(spoken).is_ok_and(|spoken| *found > spoken);
                let what_to_do = if newer {
                    "use a newer host or an older component"
                } else {
                    "use a newer component, or rebuild it against this host's wit/"
                };
                write!(
                    f,
                    "the component was built for rawdash:connector@{found}, this host supports \
                     {spoken}: {what_to_do}"
                )
            }
            HostError::OtherContract { spoken, found: None } => write!(
                f,
                "the component does not export rawdash:connector/connector, so it is not a \
                 connector; this host supports version {spoken}"
            ),
            HostError::DeniedImports { imports } => write!(
                f,
                "the component imports {}, which connectors may not use: remove the code that \
                 needs it",
                imports.join(", ")
            ),
            HostError::Limit(limit) => write!(
                f,
                "the component reached a limit of the sandbox, {limit}: this is a bug in the \
                 component, report it to its author"
            ),
            HostError::Machine(limit) => limit.fmt(f),
            HostError::Trap { cause } => write!(
                f,
                "the component crashed (trap: {cause}): this is a bug in the component, report it \
                 to its author"
            ),
            HostError::Gone => f.write_str(
                "the component crashed in an earlier call and cannot be called again: create a new \
                 instance",
            ),
        }
    }
}

impl std::error::Error for HostError {}

impl From<&HostError> for FailureReport {
    fn from(error: &HostError) -> FailureReport {
        match error {
            HostError::Machine(limit) => FailureReport::from(*limit),
            _ => FailureReport::new(HostKind::Component, error),
        }
    }
}
