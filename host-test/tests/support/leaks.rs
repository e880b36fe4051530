//! That no secret gets out. Every secret and token of these tests begins with
//! one of the simulated tenant's marks, so that one search finds any of them,
//! plain or encoded, in whatever a host has said or stored.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Once};

use auth0_tenant::{ACCESS_TOKEN_MARK, CLIENT_SECRET_MARK};
use data_encoding::BASE64_NOPAD;
use memchr::memmem::Finder;

/// A secret for tests that have no tenant to give them one.
pub(crate) fn secret() -> String {
    format!("{CLIENT_SECRET_MARK}OfAHostWithoutATenant")
}

/// What is looked for, each with its name.
static NEEDLES: LazyLock<Vec<(String, Finder<'static>)>> = LazyLock::new(|| {
    let marks = [("client secret", CLIENT_SECRET_MARK), ("access token", ACCESS_TOKEN_MARK)];
    marks
        .into_iter()
        .flat_map(|(what, mark)| {
            let name = move |form: &str| format!("a {what}, {form}");
            let hex: String = mark.bytes().map(|byte| format!("{byte:02x}")).collect();
            let mut needles = vec![(name("as it is"), mark.to_owned()), (name("in hex"), hex)];
            needles.extend((0..3).map(|shift| (name("in base64"), base64(mark, shift))));
            needles
        })
        .map(|(name, needle)| (name, Finder::new(needle.as_bytes()).into_owned()))
        .collect()
});

/// The part of a mark's base64 that is the same whatever stands around it,
/// where `shift` bytes of a group of three stand before it.
fn base64(mark: &str, shift: usize) -> String {
    let whole = &mark.as_bytes()[(3 - shift) % 3..];
    BASE64_NOPAD.encode(&whole[..whole.len() / 3 * 3])
}

/// What stands in the bytes and must not.
pub(crate) fn found(bytes: &[u8]) -> Option<&'static str> {
    let needle = NEEDLES.iter().find(|(_, needle)| needle.find(bytes).is_some());
    needle.map(|(name, _)| name.as_str())
}

/// Sees that no secret stands in what `place` names.
pub(crate) fn none_in(place: &str, bytes: impl AsRef<[u8]>) {
    // A second panic would end the process, and hide the first.
    if let Some(found) = found(bytes.as_ref())
        && !std::thread::panicking()
    {
        panic!("{found}, stands in {place}");
    }
}

/// Sees that no secret stands in any file of a directory: databases, their
/// WAL, what commands wrote; and in no text of a panic so far.
pub(crate) fn none_in_files(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            none_in_files(&path);
        } else if let Ok(bytes) = std::fs::read(&path) {
            // Not there any more: a WAL goes with its last connection.
            none_in(&path.display().to_string(), bytes);
        }
    }
    none_in_panics();
}

static PANICKED: AtomicBool = AtomicBool::new(false);

/// From now on looks at the text of every panic, of whatever thread.
pub(crate) fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if found(panic.to_string().as_bytes()).is_some() {
                PANICKED.store(true, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
}

fn none_in_panics() {
    if PANICKED.load(Ordering::SeqCst) && !std::thread::panicking() {
        panic!("a secret stands in the text of a panic");
    }
}
