//! Who writes.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One opened database, as others read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    /// Different for each; in the fence, also for each call.
    pub(crate) id: String,
    /// The machine and the process.
    pub(crate) holder: String,
    /// When it was opened.
    pub(crate) since: String,
}

impl Writer {
    pub(crate) fn new() -> Writer {
        let now = OffsetDateTime::now_utc();
        // The keys of a hash map are random.
        let random = || RandomState::new().hash_one(now.unix_timestamp_nanos());
        Writer {
            id: format!("{:016x}{:016x}", random(), random()),
            holder: format!("{}, process {}", machine(), std::process::id()),
            since: now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default(),
        }
    }
}

#[cfg(unix)]
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn machine() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "another machine".to_owned())
}
