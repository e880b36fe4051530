//! The checkpoint's envelope: a state as text, with a version, the source it
//! belongs to, and a checksum.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json::anomalies::Anomalies;
use crate::json::cell::Cell;
use crate::json::object::FromObject;

/// The version of a state's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u32);

#[derive(Serialize)]
struct Written<'a> {
    version: Version,
    tenant: &'a str,
    sum: String,
    state: &'a str,
}

#[derive(Default)]
struct Read<'a> {
    version: Cell<'a>,
    tenant: Cell<'a>,
    sum: Cell<'a>,
    state: Cell<'a>,
}

impl<'a> FromObject<'a> for Read<'a> {
    fn set(&mut self, name: &str, value: Cell<'a>) {
        match name {
            "version" => self.version = value,
            "tenant" => self.tenant = value,
            "sum" => self.sum = value,
            "state" => self.state = value,
            _ => {}
        }
    }
}

/// Why an envelope is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeError {
    /// Truncated, altered, or not an envelope at all.
    Unreadable,
    /// Written with another version.
    OtherVersion(Version),
    /// Of another tenant.
    OtherTenant,
}

/// Writes a state of this version, for one tenant.
pub fn seal<T: Serialize>(version: Version, tenant: &str, state: &T) -> String {
    let state = postcard::to_allocvec(state).unwrap_or_default();
    let state = percent_encode(&state, NON_ALPHANUMERIC).to_string();
    let written = Written { version, tenant, sum: sum(tenant, &state), state: &state };
    serde_json::to_string(&written).unwrap_or_default()
}

/// Reads the state back, if it is whole, of this version and this tenant.
pub fn open<T: DeserializeOwned>(
    version: Version,
    tenant: &str,
    text: &str,
) -> Result<T, EnvelopeError> {
    let read = Read::read_text(text).ok_or(EnvelopeError::Unreadable)?;
    let stored = read.version.raw().and_then(|version| version.parse().ok());
    let stored = Version(stored.ok_or(EnvelopeError::Unreadable)?);
    if stored != version {
        return Err(EnvelopeError::OtherVersion(stored));
    }
    let member = |cell: Cell<'_>| {
        let text = cell.text("", &mut Anomalies::default());
        text.map(|text| text.into_owned()).ok_or(EnvelopeError::Unreadable)
    };
    let (stored_for, state) = (member(read.tenant)?, member(read.state)?);
    if member(read.sum)? != sum(&stored_for, &state) {
        return Err(EnvelopeError::Unreadable);
    }
    if stored_for != tenant {
        return Err(EnvelopeError::OtherTenant);
    }
    let state: Vec<u8> = percent_decode_str(&state).collect();
    postcard::from_bytes(&state).map_err(|_| EnvelopeError::Unreadable)
}

/// Guards against truncated and altered texts, not against forgery: whoever can
/// write here can write the whole database.
fn sum(tenant: &str, state: &str) -> String {
    // Without a table: a checkpoint is short, and the component is smaller.
    const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    let mut digest = CRC.digest();
    digest.update(tenant.as_bytes());
    digest.update(state.as_bytes());
    format!("{:08x}", digest.finalize())
}
