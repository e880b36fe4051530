//! The stored checkpoint: any text, and any state with a valid checksum.

use serde_json::json;

use crate::drive::{Drive, Setting};
use crate::parts;
use crate::seal::sealed;
use crate::tenant::{DOMAIN, configuration};

/// Reads a checkpoint. One that is accepted is written and read back equal, and
/// leads to a sync that requests only from the configured tenant and ends.
pub fn checkpoint(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        accept(text.to_owned(), data);
    }
    accept(sealed(DOMAIN, data), data);
    accept(sealed(DOMAIN, &parts::read(data).write()), data);
}

fn accept(text: String, data: &[u8]) {
    let setting = Setting { checkpoint: Some(text), ..Setting::of(configuration(json!({}))) };
    if let Some(drive) = Drive::new(setting.with_input(data), std::iter::empty()) {
        drive.finish();
    }
}
