//! The files of `docs/schedule`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use auth0_tenant::Options;
use rawdash_sqlite::Database;
use tokio::task::block_in_place;
use yaml_rust2::{Yaml, YamlLoader};

use super::PAGE;
use crate::support::auth0::Auth0;
use crate::support::{leaks, left_out};

const SERVICE: &str = include_str!("../../../docs/schedule/rawdash-sync.service");
const TIMER: &str = include_str!("../../../docs/schedule/rawdash-sync.timer");
const METRICS: &str = include_str!("../../../docs/schedule/metrics.conf");
const CRONTAB: &str = include_str!("../../../docs/schedule/crontab");
const CRONJOB: &str = include_str!("../../../docs/schedule/cronjob.yaml");

/// Where the files expect the program.
const PROGRAM: &str = "/usr/local/bin/rawdash-host";

#[test]
fn the_page_leads_to_every_file() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schedule");
    for entry in std::fs::read_dir(files).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(PAGE.contains(&format!("(schedule/{name})")), "{name}");
    }
}

/// A directory with the units, which start the program that was built.
fn units() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let service = SERVICE.replace(PROGRAM, env!("CARGO_BIN_EXE_rawdash-host"));
    let drop_ins = directory.path().join("rawdash-sync.service.d");
    std::fs::create_dir(&drop_ins).unwrap();
    std::fs::write(directory.path().join("rawdash-sync.service"), service).unwrap();
    std::fs::write(directory.path().join("rawdash-sync.timer"), TIMER).unwrap();
    std::fs::write(drop_ins.join("metrics.conf"), METRICS).unwrap();
    directory
}

/// What systemd-analyze says; `None` where it is not installed and need not be.
fn analyzed(words: &[&str], units: &[PathBuf]) -> Option<String> {
    let output = Command::new("systemd-analyze").args(words).args(units).output();
    match output {
        Ok(output) => {
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(output.status.success(), "{words:?}: {said}");
            Some(said)
        }
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound
                && std::env::var_os("RAWDASH_WITH_SYSTEMD").is_none() =>
        {
            left_out("a check of the systemd units; it needs the program systemd-analyze");
            None
        }
        Err(error) => panic!("systemd-analyze cannot be started: {error}"),
    }
}

#[test]
fn systemd_loads_the_units_without_a_word_and_finds_them_hardened() {
    let directory = units();
    let both = ["rawdash-sync.service", "rawdash-sync.timer"];
    let both = both.map(|name| directory.path().join(name));
    let Some(said) = analyzed(&["verify", "--man=no"], &both) else { return };
    let own: Vec<&str> = said.lines().filter(|line| line.contains("rawdash")).collect();
    assert!(own.is_empty(), "{own:?}");
    // From 0 to 10; 2.0 and less is "OK" for a service that needs the network.
    let security = ["security", "--offline=true", "--no-pager", "--threshold=20"];
    analyzed(&security, &both[..1]);
}

#[test]
fn the_service_lets_the_component_be_compiled_and_takes_later_for_no_failure() {
    assert!(SERVICE.lines().any(|line| line == "SuccessExitStatus=75"));
    assert!(!SERVICE.lines().any(|line| line.starts_with("MemoryDenyWriteExecute")));
    // The service sees its secret by this name, which the configuration of the README has.
    assert!(SERVICE.contains("Environment=AUTH0_CLIENT_SECRET_FILE=%d/auth0\n"));
    assert!(SERVICE.contains("LoadCredential=auth0:"));
}

/// The command that a line of a unit, a crontab or a manifest starts is one that the
/// program understands.
fn is_understood(arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
    command.args(arguments).stdin(Stdio::null()).current_dir("/");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    // The configuration is not there: it got as far as that.
    assert_eq!(output.status.code(), Some(78), "{said}");
}

#[test]
fn every_file_starts_a_command_that_the_program_understands() {
    let (_, command) = SERVICE.split_once(&format!("ExecStart={PROGRAM} ")).unwrap();
    let command = command.lines().next().unwrap().replace("%S", "/nowhere");
    let (_, more) = METRICS.split_once("Environment=\"SYNC_OPTIONS=").unwrap();
    let (more, _) = more.split_once('"').unwrap();
    let (option, file) = more.split_once(' ').unwrap();
    assert!(file.ends_with(".prom"), "node_exporter reads no other file: {file}");
    let directory = tempfile::tempdir().unwrap();
    let metrics = format!("{option} {}", directory.path().join("rawdash.prom").display());
    let command = command.replace("$SYNC_OPTIONS", &metrics);
    is_understood(&command.split(' ').collect::<Vec<_>>());

    let job = YamlLoader::load_from_str(CRONJOB).unwrap();
    let container = &pod(&job[1])["containers"][0];
    let words: Vec<&str> =
        container["args"].as_vec().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    is_understood(&words);
}

fn pod(job: &Yaml) -> &Yaml {
    &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
}

#[test]
fn the_cron_job_never_runs_twice_at_once_and_has_what_it_mounts() {
    let documents = YamlLoader::load_from_str(CRONJOB).unwrap();
    let [claim, job] = &documents[..] else { panic!("not two documents") };
    assert_eq!(claim["kind"].as_str(), Some("PersistentVolumeClaim"));
    assert_eq!(job["kind"].as_str(), Some("CronJob"));
    assert_eq!(job["spec"]["concurrencyPolicy"].as_str(), Some("Forbid"));
    let failures = &job["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0];
    assert_eq!(failures["onExitCodes"]["operator"].as_str(), Some("NotIn"));
    assert_eq!(failures["onExitCodes"]["values"][0].as_i64(), Some(75));
    let container = &pod(job)["containers"][0];
    assert_eq!(failures["onExitCodes"]["containerName"], container["name"]);
    let volumes = pod(job)["volumes"].as_vec().unwrap();
    let mounts = container["volumeMounts"].as_vec().unwrap();
    let names = |all: &[Yaml]| all.iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(mounts), names(volumes));
    assert_eq!(volumes[0]["persistentVolumeClaim"]["claimName"], claim["metadata"]["name"]);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"].as_bool(), Some(true));
}

/// The line is run by a shell as cron would run it, with other paths.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn cron_mails_what_waiting_does_not_repair_and_nothing_else() {
    let auth0 = Auth0::new(Options { users: 20, logs: 20, ..Options::default() }).await;
    let directory = auth0.path().parent().unwrap().to_owned();
    let configuration = directory.join("auth0.json");
    let text = auth0.settings.configuration.replace("\"SECRET\"", "\"AUTH0_CLIENT_SECRET\"");
    std::fs::write(&configuration, text).unwrap();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&secret, auth0.tenant.client_secret()).unwrap();
    let line = CRONTAB.lines().find(|line| line.starts_with("*/15 ")).unwrap();
    assert!(!line.contains('%'), "cron takes % for a line end");
    let command = line.splitn(7, ' ').last().unwrap();
    let route = format!("https://{}={}", auth0.tenant.domain(), auth0.tenant.url());
    let program = format!("{} sync --route {route} ", env!("CARGO_BIN_EXE_rawdash-host"));
    let command = command
        .replace(&format!("{PROGRAM} sync "), &program)
        .replace("/etc/rawdash", directory.to_str().unwrap())
        .replace("/var/lib/rawdash", directory.to_str().unwrap());
    let run = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).env("AUTH0_CLIENT_SECRET_FILE", secret.path());
        let output = block_in_place(|| shell.output().unwrap());
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert_eq!(run(), "");
    let database = directory.join("rawdash.sqlite");
    let held = Database::open(&database, "auth0").unwrap();
    assert_eq!(run(), "", "another process is syncing, which waiting repairs");
    drop(held);
    std::fs::write(&configuration, "{").unwrap();
    assert!(run().contains("rawdash-host sync failed: see the end of"));
    let log = std::fs::read_to_string(directory.join("sync.log")).unwrap();
    for status in [0, 75, 78] {
        assert!(log.contains(&format!("\"exit_status\":{status}")), "{log}");
    }
    leaks::none_in("the log", &log);
}
