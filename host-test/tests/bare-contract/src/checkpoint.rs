//! A checkpoint: the connector's state as text, with the name of its source and a
//! checksum that detects truncation and alteration.
//!
//! ```
//! use bare_contract::checkpoint;
//!
//! let text = checkpoint::write(1, "api.example", &("page", 7));
//! let (at, page): (String, u64) = checkpoint::read(&text, 1, "api.example")?;
//! assert_eq!((&*at, page), ("page", 7));
//!
//! let altered = text.replace('7', "8");
//! assert!(checkpoint::read::<(String, u64)>(&altered, 1, "api.example").is_err());
//! assert!(checkpoint::read::<(String, u64)>(&text, 1, "other.example").is_err());
//! assert!(checkpoint::read::<(String, u64)>(&text, 2, "api.example").is_err());
//! # Ok::<(), bare_contract::contract::ConfigureError>(())
//! ```

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::contract::ConfigureError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    version: u32,
    /// A sum of the source's name: a checkpoint holds no host name.
    source: u32,
    state: String,
    sum: u32,
}

/// Writes a state. `version` is the version of the state's format, which the
/// connector chooses. `source` identifies where the records are from, such as a
/// host name.
pub fn write(version: u32, source: &str, state: &impl Serialize) -> String {
    let state = serde_json::to_string(state).unwrap_or_default();
    let source = sum(&[source]);
    let sum = sum(&[&version.to_string(), &source.to_string(), &state]);
    let sealed = Sealed { version, source, state, sum };
    serde_json::to_string(&sealed).unwrap_or_default()
}

/// Reads what [`write()`] wrote for this version and source. A text that was
/// truncated or altered, or is of another version or source, is a
/// [`ConfigureError::Checkpoint`].
pub fn read<State: DeserializeOwned>(
    text: &str,
    version: u32,
    source: &str,
) -> Result<State, ConfigureError> {
    let refused = |what: &str| {
        let message = format!("the checkpoint {what}: reset it and sync again; no record is lost");
        ConfigureError::Checkpoint(message)
    };
    let sealed: Sealed = serde_json::from_str(text).map_err(|_| refused("was cut or altered"))?;
    let parts = [&sealed.version.to_string(), &sealed.source.to_string(), &sealed.state];
    if sealed.sum != sum(&parts.map(String::as_str)) {
        return Err(refused("was cut or altered"));
    }
    if sealed.version != version {
        return Err(refused("belongs to another version of the connector"));
    }
    if sealed.source != sum(&[source]) {
        return Err(refused("is of another source"));
    }
    serde_json::from_str(&sealed.state).map_err(|_| refused("was truncated or altered"))
}

fn sum(parts: &[&str]) -> u32 {
    let crc = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update(b"\n");
    }
    digest.finalize()
}
