//! No core dump while a secret is in memory.

/// Keeps a crash from writing this process's memory to a file. If the system
/// refuses, the command continues: this is a second line of defence.
#[cfg(unix)]
pub fn disable() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    // The limit does not apply if dumps are piped to a program.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// This system writes none unless an administrator enables them.
#[cfg(not(unix))]
pub fn disable() {}
