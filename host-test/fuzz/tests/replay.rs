//! Every input that was ever of use goes through its target again, and so do some
//! hundred new ones.

// Clippy lets only the test functions panic; these are their helpers.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use auth0_fuzz::seal::{State, sealed, unsealed};
use auth0_fuzz::{TARGETS, Target, parts};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Bytes of a corpus file: a page of some rows, or a sync of some pages.
const LARGEST_FILE: usize = 32 << 10;
const MOST_FILES: usize = 40;
/// New inputs a target, unless `PROPTEST_CASES` says how many; each of most targets
/// is one or more whole syncs.
const CASES: u32 = 64;
const SHORT_CASES: u32 = 256;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let listed = fs::read_dir(corpus().join(target));
    let listed = listed.unwrap_or_else(|error| panic!("the corpus of {target}: {error}"));
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let directories = fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().file_name());
    let directories: BTreeSet<String> =
        directories.map(|name| name.into_string().unwrap()).collect();
    let targets = TARGETS.map(|(name, _)| name.to_owned());
    assert_eq!(directories, BTreeSet::from(targets));
    let bins = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer/fuzz_targets"));
    let bins = bins.unwrap().map(|entry| entry.unwrap().path());
    let bins: BTreeSet<String> =
        bins.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(directories, bins);
    assert_eq!(SEARCHED, TARGETS.map(|(name, _)| name));
    for (name, _) in TARGETS {
        let files = files(name);
        assert!((3..=MOST_FILES).contains(&files.len()), "{name}: {} files", files.len());
        for (path, bytes) in files {
            assert!(bytes.len() <= LARGEST_FILE, "{} has {} bytes", path.display(), bytes.len());
        }
    }
}

/// Says which input it was: a panic in a target does not know.
fn run(name: &str, target: Target, what: &str, input: &[u8]) {
    let ran = std::panic::catch_unwind(|| target(input));
    assert!(ran.is_ok(), "{name} breaks its promise at {what}: see the message above");
}

#[test]
fn no_input_that_was_found_breaks_a_promise_again() {
    for (name, target) in TARGETS {
        for (path, input) in files(name) {
            run(name, target, &path.display().to_string(), &input);
        }
    }
}

/// A change to an input: some bytes are replaced by others, or cut out.
#[derive(Clone, Debug)]
struct Change {
    at: Index,
    cut: usize,
    instead: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    let telling: &[&[u8]] = &[
        b"",
        b"\"",
        b"{",
        b"]",
        b"null",
        b"-1",
        b"1e400",
        b"\\u0000",
        b"\\ud800",
        b"https://",
        b"\n",
        b"\n\n",
        &[0xff],
        &[0, 0, 0, 0],
        &[0xff, 0xff, 0xff, 0xff],
    ];
    let telling: Vec<Vec<u8>> = telling.iter().map(|text| text.to_vec()).collect();
    let instead = prop_oneof![
        proptest::sample::select(telling),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    (any::<Index>(), 0..6usize, instead).prop_map(|(at, cut, instead)| Change { at, cut, instead })
}

fn changed(input: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut input = input.to_vec();
    for change in changes {
        let at = change.at.index(input.len() + 1);
        let end = (at + change.cut).min(input.len());
        input.splice(at..end, change.instead.iter().copied());
    }
    input
}

/// An input that is shown as it would be written.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn cases(target: &str) -> u32 {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default().cases,
        None if matches!(target, "configuration" | "links") => SHORT_CASES,
        None => CASES,
    }
}

/// Anything, and what was found with some changes.
fn search(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    let known: Vec<Vec<u8>> = files(name).into_iter().map(|(_, bytes)| bytes).collect();
    let input = prop_oneof![
        1 => proptest::collection::vec(any::<u8>(), 0..400),
        3 => (proptest::sample::select(known), proptest::collection::vec(change(), 0..5))
            .prop_map(|(input, changes)| changed(&input, &changes)),
    ];
    let config = Config { cases: cases(name), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&input.prop_map(Input), |Input(input)| {
        match std::panic::catch_unwind(|| target(&input)) {
            Ok(()) => Ok(()),
            Err(_) => Err(TestCaseError::fail("a promise is broken")),
        }
    });
    outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// A test for each target, so that one can be run alone and for long.
macro_rules! search {
    ($($target:ident),* $(,)?) => {
        const SEARCHED: &[&str] = &[$(stringify!($target)),*];

        mod no_input_near_those_breaks_a_promise {
            $(
                #[test]
                fn $target() {
                    super::search(stringify!($target));
                }
            )*
        }
    };
}

search! {
    checkpoint, configuration, json_text, links, logs_page, response_headers, session, stats_page,
    token_answer, users_page,
}

/// The state that the engine seals is the one that the targets forge.
#[test]
fn a_forged_checkpoint_has_the_form_of_a_real_one() {
    let texts = files("checkpoint")
        .into_iter()
        .filter(|(path, _)| path.file_name().unwrap().to_str().unwrap().starts_with("text-"));
    let mut runs = 0;
    for (path, text) in texts {
        let text = String::from_utf8(text).unwrap();
        let state = State::read(&unsealed(&text).unwrap()).unwrap();
        assert_eq!(sealed("acme.eu.auth0.com", &state.write()), text, "{}", path.display());
        assert_eq!(parts::read(&parts::write(&state)), state, "{}", path.display());
        runs += state.resources.iter().filter(|resource| resource.run.is_some()).count();
    }
    assert!(runs >= 3, "{runs} runs under way");
}
