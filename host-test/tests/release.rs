//! The one command that makes a release, run as whoever checks one runs it: in
//! two clones, in directories of other names and depths.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use crate::support::noon;
use auth0_tenant::{Options, Tenant};
use rawdash_host::component::CONTRACT_VERSION;
use rusqlite::Connection;
use serde_json::{Value, json};

// The packages of the workspace have one version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const COMPONENT: &str = concat!("rawdash_connector_auth0-", env!("CARGO_PKG_VERSION"), ".wasm");
const BILL: &str = concat!("rawdash_connector_auth0-", env!("CARGO_PKG_VERSION"), ".cdx.json");

const CONFINED: &str =
    concat!("rawdash_connector_auth0_confined-", env!("CARGO_PKG_VERSION"), ".wasm");
const CONFINED_BILL: &str =
    concat!("rawdash_connector_auth0_confined-", env!("CARGO_PKG_VERSION"), ".cdx.json");

const PACKAGE: &str =
    concat!("rawdash-connector-auth0-component-", env!("CARGO_PKG_VERSION"), ".tgz");

/// The releases of two clones of this repository as it is now.
struct Releases {
    /// The commit that both are of.
    commit: String,
    clones: [PathBuf; 2],
    /// Locked until this process ends: another one with the same target directory would
    /// remove the clones.
    _turn: fs::File,
}

impl Releases {
    fn files(&self, clone: usize) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.clones[clone].join("dist")).unwrap().map(Result::unwrap);
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        entries.map(|entry| (name(&entry), fs::read(entry.path()).unwrap())).collect()
    }

    fn component(&self) -> PathBuf {
        self.clones[0].join("dist").join(COMPONENT)
    }
}

static RELEASES: LazyLock<Releases> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
    let turn = fs::File::create(directory.with_extension("lock")).unwrap();
    turn.lock().unwrap();
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    let (origin, commit) = committed(&directory.join("origin"));
    let clones = [directory.join("a"), directory.join("deeper/another clone")];
    let programs = clones.each_ref().map(|clone| {
        git(
            &directory,
            &[OsStr::new("clone"), "--quiet".as_ref(), origin.as_ref(), clone.as_ref()],
        );
        program(clone)
    });
    // At once: most of a build of the component is one crate after another.
    let running = programs.map(|mut program| program.stdout(Stdio::piped()).spawn().unwrap());
    for child in running {
        let output = succeeded("the release", child.wait_with_output().unwrap());
        assert!(output.ends_with(&format!("revision: {commit}\n")), "{output}");
    }
    Releases { commit, clones, _turn: turn }
});

/// A repository of the sources as they are now, and its only commit.
fn committed(origin: &Path) -> (PathBuf, String) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    copy_sources(&sources, origin);
    let words = |text: &'static str| text.split(' ').map(OsStr::new).collect::<Vec<_>>();
    git(origin, &words("init --quiet"));
    git(origin, &words("add --all"));
    git(origin, &words("-c user.name=a -c user.email=a@example.com commit --quiet -m all"));
    (origin.to_owned(), git(origin, &words("rev-parse HEAD")).trim().to_owned())
}

fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        let source = [".git", "dist", "node_modules", "target"].iter().all(|made| name != *made);
        if source && entry.file_type().unwrap().is_dir() {
            copy_sources(&entry.path(), &to.join(name));
        } else if source {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn git(directory: &Path, arguments: &[&OsStr]) -> String {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(directory);
    // Whoever runs this may sign, or run hooks.
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    // A hook of git that runs this names its own repository.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        git.env_remove(name);
    }
    succeeded("git", git.output().unwrap())
}

/// Builds what `cargo run -p release` runs in a clone. Its crates are compiled
/// once for both, and not where this repository's own program is: to cargo it
/// would be the same one.
fn program(clone: &Path) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release-program");
    let mut cargo = component_build::cargo(clone);
    cargo.args(["build", "--quiet", "--locked", "-p", "release", "--target-dir"]).arg(&target);
    // It runs for a moment: optimising would take the most of the time.
    cargo.args(["--config", "profile.dev.package.'*'.opt-level=0"]);
    succeeded("cargo build -p release", cargo.output().unwrap());
    // The other clone's is built to the same place. Moved, not copied: while
    // this process had it open for writing, any process that another test
    // starts would have it too, and it could not be run.
    let own = clone.join("target/release-program");
    fs::create_dir_all(clone.join("target")).unwrap();
    fs::rename(target.join("debug/release"), &own).unwrap();
    let mut program = Command::new(own);
    // The static command is not built twice for a test: it takes minutes.
    program.arg("--without-host").env("CARGO_MANIFEST_DIR", clone.join("host-test/release"));
    program
}

fn succeeded(what: &str, output: Output) -> String {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_release_is_the_same_to_the_byte_in_another_directory() {
    let [one, other] = [0, 1].map(|clone| RELEASES.files(clone));
    assert!(one.keys().eq(other.keys()), "{:?} {:?}", one.keys(), other.keys());
    let contract = format!("rawdash-connector-{CONTRACT_VERSION}.wasm");
    for name in ["SHA256SUMS", COMPONENT, BILL, CONFINED, CONFINED_BILL, &contract] {
        assert!(one.contains_key(name), "{name} is not in {:?}", one.keys());
    }
    // Without npm there is no package of it, and the summary says so.
    if Command::new("npm").arg("--version").output().is_ok_and(|npm| npm.status.success()) {
        assert!(one.contains_key(PACKAGE), "{PACKAGE} is not in {:?}", one.keys());
    }
    for (name, contents) in &one {
        assert!(other[name] == *contents, "{name} differs");
    }
}

#[test]
fn no_released_file_holds_a_path_of_the_machine_that_made_it() {
    let sysroot = component_build::rustc(&RELEASES.clones[0], &["--print", "sysroot"]).unwrap();
    let home = std::env::home_dir().unwrap();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or(home.join(".cargo"), PathBuf::from);
    let paths = [env!("CARGO_TARGET_TMPDIR"), &sysroot, cargo_home.to_str().unwrap()];
    for (name, contents) in RELEASES.files(0) {
        for path in paths {
            let found = contents.windows(path.len()).any(|window| window == path.as_bytes());
            assert!(!found, "{path} is in {name}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_sums_are_those_that_sha256sum_checks() {
    let dist = RELEASES.clones[0].join("dist");
    let check = Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(dist).output();
    let checked = succeeded("sha256sum", check.unwrap());
    let files = RELEASES.files(0).len();
    assert_eq!(checked.lines().filter(|line| line.ends_with(": OK")).count(), files - 1);
}

#[test]
fn the_bill_of_materials_is_of_the_component_beside_it() {
    let files = RELEASES.files(0);
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    for (bill, component) in [(BILL, COMPONENT), (CONFINED_BILL, CONFINED)] {
        let bill: Value = serde_json::from_slice(&files[bill]).unwrap();
        let told = bill["metadata"]["component"]["hashes"][0]["content"].as_str().unwrap();
        assert!(sums.contains(&format!("{told}  {component}\n")), "{told} is not in {sums}");
    }
}

#[test]
fn a_released_component_tells_the_commit_that_it_is_of() {
    let component = RELEASES.component();
    let described = host(&["describe", "--component", component.to_str().unwrap(), "--json"]);
    let described: Value = serde_json::from_str(&described).unwrap();
    let expected = json!({
        "version": VERSION,
        "description": described["manifest"]["description"],
        "licenses": "Apache-2.0",
        "source": "https://github.com/rawdash/connector-auth0",
        "homepage": "https://rawdash.dev",
        "revision": RELEASES.commit,
    });
    assert_eq!(described["metadata"], expected);
    assert_eq!(described["manifest"]["version"], expected["version"]);
    let text = host(&["describe", "--component", component.to_str().unwrap()]);
    assert!(text.contains(&format!("\nrevision: {}\n", RELEASES.commit)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn released_components_bring_what_the_tenant_has() {
    let component = tokio::task::spawn_blocking(|| RELEASES.component()).await.unwrap();
    brings_what_the_tenant_has(&component).await;
    brings_what_the_tenant_has(&component.with_file_name(CONFINED)).await;
}

async fn brings_what_the_tenant_has(component: &Path) {
    let options = Options { users: 30, logs: 100, odd: false, ..Options::default() };
    let tenant = Tenant::start(options, noon()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (file, database) = (directory.path().join("auth0.json"), directory.path().join("db"));
    let configuration = json!({
        "domain": tenant.domain(),
        "clientId": tenant.client_id(),
        "clientSecret": { "$secret": "AUTH0_CLIENT_SECRET" },
    });
    fs::write(&file, configuration.to_string()).unwrap();
    let mut sync = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
    sync.arg("sync").arg("--component").arg(component).arg("--config").arg(file);
    sync.args(["--route", &format!("https://{}={}", tenant.domain(), tenant.url())]);
    sync.arg("--db").arg(&database).env("AUTH0_CLIENT_SECRET", tenant.client_secret());
    let output = tokio::task::spawn_blocking(move || sync.output().unwrap()).await.unwrap();
    succeeded("sync", output);
    let users: i64 = Connection::open(&database)
        .unwrap()
        .query_row("SELECT count(*) FROM entities WHERE type = 'auth0_user'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(users, 30);
}

fn host(arguments: &[&str]) -> String {
    let mut host = Command::new(env!("CARGO_BIN_EXE_rawdash-host"));
    succeeded("rawdash-host", host.args(arguments).output().unwrap())
}
