//! Checkpoints of any state, their sum right: what one who can write the
//! database could put there.

use crc::{CRC_32_ISO_HDLC, Crc};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde_json::{Value, json};

/// The text of a checkpoint of this state, for a tenant.
pub fn sealed(tenant: &str, state: &[u8]) -> String {
    let state = percent_encode(state, NON_ALPHANUMERIC).to_string();
    let sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(format!("{tenant}{state}").as_bytes());
    json!({ "version": 3, "tenant": tenant, "sum": format!("{sum:08x}"), "state": state })
        .to_string()
}

/// The state in a checkpoint's text; none where there is none.
pub fn state_of(text: &str) -> Option<Vec<u8>> {
    let text: Value = serde_json::from_str(text).ok()?;
    Some(percent_decode_str(text.get("state")?.as_str()?).collect())
}
