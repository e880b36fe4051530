//! A checkpoint: the connector's state as text, with the source that it is of
//! and a sum that tells whether it was cut or altered.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::contract::ConfigureError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    version: u32,
    source: String,
    state: String,
    sum: u32,
}

/// Writes a state of a version of the connector's own, and of a source.
pub fn write(version: u32, source: &str, state: &impl Serialize) -> String {
    let state = serde_json::to_string(state).unwrap_or_default();
    let sum = sum(version, source, &state);
    let sealed = Sealed { version, source: source.to_owned(), state, sum };
    serde_json::to_string(&sealed).unwrap_or_default()
}

/// Reads back what [`write`] wrote for this version and source.
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
    if sealed.sum != sum(sealed.version, &sealed.source, &sealed.state) {
        return Err(refused("was cut or altered"));
    }
    if sealed.version != version {
        return Err(refused("is of another version of the connector"));
    }
    if sealed.source != source {
        return Err(refused("is of another source"));
    }
    serde_json::from_str(&sealed.state).map_err(|_| refused("was cut or altered"))
}

fn sum(version: u32, source: &str, state: &str) -> u32 {
    let crc = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    for part in [&version.to_string(), source, state] {
        digest.update(part.as_bytes());
        digest.update(b"\n");
    }
    digest.finalize()
}
