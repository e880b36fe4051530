//! Machines that give a process little: it works, or says what it lacks.
#![cfg(target_os = "linux")]

use super::*;
use crate::support::left_out;

/// The same command, started by a shell that first runs `limit`, without the handles
/// that this process happens to leave to it.
pub(super) fn limited(limit: &str, command: &Command) -> Command {
    let script = format!(
        "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
        {limit} && exec \"$@\""
    );
    started_by(&["sh", "-c", &script, "sh"], command)
}

/// The same command, with the words of another before it.
fn started_by(words: &[&str], command: &Command) -> Command {
    let mut starting = Command::new(words[0]);
    starting.args(&words[1..]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => starting.env(name, value),
            None => starting.env_remove(name),
        };
    }
    starting.stdin(Stdio::null());
    starting
}

/// What a command that lacks something says.
fn lack(report: &Value) -> &str {
    assert_eq!(report["failure"]["kind"], "machine", "{report}");
    report["failure"]["message"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn address_space_of_512_mebibytes_syncs_every_row() {
    let operator = Operator::new().await;
    operator.report(operator.sync_into("whole.db", &[]), 0).await;
    for kibibytes in [2 << 20, 524_288] {
        let database = format!("{kibibytes}.db");
        let command = operator.sync_into(&database, &[]);
        operator.report(limited(&format!("ulimit -v {kibibytes}"), &command), 0).await;
        assert_eq!(rows(&operator.path(&database)), rows(&operator.path("whole.db")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_address_space_exits_71_with_the_limit_and_makes_nothing() {
    let operator = Operator::new().await;
    for kibibytes in [300_000, 524_287] {
        let command = limited(&format!("ulimit -v {kibibytes}"), &operator.sync(&[]));
        let report = operator.report(command, 71).await;
        let expected = format!("only {} MiB", kibibytes >> 10);
        assert!(
            lack(&report).contains(&expected) && lack(&report).contains("ulimit -v"),
            "{report}"
        );
    }
    assert!(!operator.path("rawdash.db").exists());
    let described = limited("ulimit -v 300000", &host(&["describe", "--json"]));
    let described = operator.end(described).await;
    assert_eq!(described.status, Some(71), "{}", described.stderr);
    assert!(lack(&described.json()).contains("address space"));
}

#[tokio::test(flavor = "multi_thread")]
async fn few_handles_are_no_failure_of_the_database_or_the_network() {
    let operator = Operator::new().await;
    let mut worked = 0;
    for handles in [4, 6, 8, 12, 16, 20, 24, 32, 40] {
        let command = limited(&format!("ulimit -n {handles}"), &operator.sync(&[]));
        let ended = operator.end(command).await;
        match ended.status {
            Some(0) => worked += 1,
            status => {
                assert_eq!((status, worked), (Some(71), 0), "{handles}: {}", ended.stderr);
                let report = ended.json();
                let limit = format!("raise the limit of {handles} to");
                assert!(lack(&report).contains(&limit), "{report}");
                assert!(handles < 32, "{report}");
                assert!(!operator.path("rawdash.db").exists());
            }
        }
    }
    assert!(worked >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_limit_of_handles_is_raised_instead_of_ending_the_sync() {
    let operator = Operator::new().await;
    operator.report(limited("ulimit -S -n 8", &operator.sync(&[])), 0).await;
}

/// The same command for a user who may have this many threads. Root may have any number,
/// so another user takes its place, who keeps its access to files. `None`, with a word,
/// where that is not possible.
fn with_threads(count: usize, command: &Command) -> Option<Command> {
    let another: &[&str] = &[
        "setpriv",
        "--reuid=64321",
        "--regid=64321",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ];
    let user = if rustix::process::getuid().is_root() { another } else { &[] };
    let limit = format!("--nproc={count}");
    let words = [user, &["prlimit", &limit]].concat();
    let works = started_by(&words, &Command::new("true")).status();
    if !works.is_ok_and(|status| status.success()) {
        left_out("a test with few threads; it needs the programs setpriv and prlimit");
        return None;
    }
    Some(started_by(&words, command))
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_threads_exit_71_and_neither_panic_nor_wait_for_ever() {
    let operator = Operator::new().await;
    for count in 1..=4 {
        let Some(command) = with_threads(count, &operator.sync(&[])) else { return };
        let report = operator.report(command, 71).await;
        assert!(lack(&report).contains("ulimit -u"), "{report}");
    }
    assert!(!operator.path("rawdash.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_cannot_be_written_costs_no_sync() {
    let operator = Operator::new().await;
    let mut command = operator.sync(&[]);
    command.env("XDG_CACHE_HOME", "/proc/nowhere").env("HOME", "/proc/nowhere");
    operator.report(command, 0).await;
    let mut command = operator.sync(&[]);
    command.env_remove("XDG_CACHE_HOME").env_remove("HOME");
    operator.report(command, 0).await;
}

/// The number of the system call `prctl`.
#[cfg(target_arch = "x86_64")]
const PRCTL: u32 = 157;
#[cfg(target_arch = "aarch64")]
const PRCTL: u32 = 167;

/// The same command on a machine that forbids executable memory: `PR_SET_MDWE` with
/// `PR_MDWE_REFUSE_EXEC_GAIN` is what systemd's `MemoryDenyWriteExecute=yes` sets.
/// `None`, with a word, before Linux 6.3, which does not have it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn without_executable_memory(command: &Command) -> Option<Command> {
    let forbid = format!("exit 1 if syscall({PRCTL}, 65, 1, 0, 0, 0); exec @ARGV");
    let started = |command: &Command| started_by(&["perl", "-e", &forbid, "--"], command);
    if !started(&Command::new("true")).status().unwrap().success() {
        left_out("a test without executable memory; it needs Linux 6.3 or later");
        return None;
    }
    Some(started(command))
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[tokio::test(flavor = "multi_thread")]
async fn memory_that_must_not_be_executable_exits_71_and_is_no_defect_of_the_component() {
    let operator = Operator::new().await;
    let mut verify = host(&["verify", "--json"]);
    verify.arg(env!("RAWDASH_COMPONENT"));
    for command in [operator.sync(&[]), verify, host(&["describe", "--json"])] {
        let Some(command) = without_executable_memory(&command) else { return };
        let ended = operator.end(command).await;
        assert_eq!(ended.status, Some(71), "{}", ended.stderr);
        let report = ended.json();
        for remedy in ["MemoryDenyWriteExecute=no", "rawdash-host compile --out DIR"] {
            assert!(lack(&report).contains(remedy), "{report}");
        }
    }
    assert!(operator.tenant.requests().is_empty());
    assert!(!operator.path("rawdash.db").exists());
}

/// Every command that runs a component, and `compile` itself.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_compiled_ahead_syncs_every_row_without_executable_memory() {
    let operator = Operator::new().await;
    operator.report(operator.sync_into("whole.db", &[]), 0).await;
    let directory = operator.path("auth0.compiled");
    let directory = directory.to_str().unwrap();
    let Some(compile) = without_executable_memory(&host(&["compile", "--out", directory])) else {
        return;
    };
    let compiled = operator.end(compile).await;
    assert_eq!(compiled.status, Some(0), "{}", compiled.stderr);
    assert!(compiled.stdout.contains(&format!("--component {directory}")), "{}", compiled.stdout);
    let more = ["--component", directory];
    let mut check = operator.command("check");
    check.args(more);
    let verify = host(&["verify", "--json", directory]);
    for command in [host(&["describe", "--json", more[0], more[1]]), verify, check] {
        let ended = operator.end(without_executable_memory(&command).unwrap()).await;
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    }
    // With little address space too.
    for limit in ["true", "ulimit -v 524288"] {
        let synced = limited(limit, &operator.sync(&["--mode", "full", more[0], more[1]]));
        operator.report(without_executable_memory(&synced).unwrap(), 0).await;
        assert_eq!(rows(&operator.path("rawdash.db")), rows(&operator.path("whole.db")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_cannot_be_compiled_ahead_leaves_nothing_that_could_be_run() {
    let operator = Operator::new().await;
    let out = operator.path("out");
    let out = out.to_str().unwrap();
    let no_component = operator.path("auth0.json");
    let no_component = no_component.to_str().unwrap();
    let full = ["compile", "--out", "/proc/nowhere"];
    let refused = ["compile", "--out", out, "--component", no_component];
    for (words, status) in [(&full[..], 74), (&refused[..], 70)] {
        let ended = operator.end(host(words)).await;
        assert_eq!(ended.status, Some(status), "{words:?}: {}", ended.stderr);
    }
    let described = operator.end(host(&["describe", "--json", "--component", out])).await;
    assert_eq!(described.status, Some(70));
    assert!(described.stderr.contains("rawdash-host compile"), "{}", described.stderr);
}
