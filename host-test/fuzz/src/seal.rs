//! Checkpoints of any state, with a valid checksum: what someone who can write the
//! database could put there.

use data_encoding::BASE64_NOPAD;
use rawdash_connector_sdk::contract::batch::Progress;
use rawdash_connector_sdk::contract::step::RunMode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The state of a checkpoint, as the engine writes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What the resources share.
    pub shared: Vec<u8>,
    /// Whether the source was ever reached.
    pub worked: bool,
    /// The resources.
    pub resources: Vec<StoredResource>,
}

/// A resource's part of the state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredResource {
    /// Its name.
    pub name: String,
    /// The generation of its last run.
    pub generation: u64,
    /// When its last full run began.
    pub full_at: Option<i64>,
    /// The number of its last request that was answered.
    pub answered: u64,
    /// Its own state.
    pub state: Vec<u8>,
    /// The run under way.
    pub run: Option<StoredRun>,
}

/// A run under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRun {
    /// How much it reads.
    pub mode: RunMode,
    /// When it began.
    pub date: i64,
    /// How far it is.
    pub progress: Progress,
    /// Its own state.
    pub state: Vec<u8>,
}

impl State {
    /// The state in the bytes of an envelope.
    pub fn read(bytes: &[u8]) -> Option<State> {
        match postcard::take_from_bytes(bytes) {
            Ok((state, [])) => Some(state),
            _ => None,
        }
    }

    /// The bytes that an envelope holds.
    pub fn write(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }
}

/// The text of a checkpoint that holds these bytes, for a tenant.
pub fn sealed(tenant: &str, bytes: &[u8]) -> String {
    let state = BASE64_NOPAD.encode(bytes);
    let source = fingerprint(tenant);
    let sum = format!("{:016x}", hash(&state, hash(&source, BEGIN)));
    json!({ "version": 6, "source": source, "sum": sum, "state": state }).to_string()
}

/// The bytes in a checkpoint's text; `None` where there are none.
pub fn unsealed(text: &str) -> Option<Vec<u8>> {
    let text: Value = serde_json::from_str(text).ok()?;
    BASE64_NOPAD.decode(text.get("state")?.as_str()?.as_bytes()).ok()
}

fn fingerprint(tenant: &str) -> String {
    format!("{:016x}", hash(tenant, BEGIN))
}

const BEGIN: u64 = 0xCBF2_9CE4_8422_2325;

/// Eight bytes at once where there are as many.
fn hash(text: &str, begin: u64) -> u64 {
    let words = text.as_bytes().chunks(8).flat_map(|chunk| match chunk.try_into() {
        Ok(word) => vec![u64::from_le_bytes(word)],
        Err(_) => chunk.iter().map(|byte| u64::from(*byte)).collect(),
    });
    std::iter::once(text.len() as u64).chain(words).fold(begin, |hash, word| {
        let spread = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        spread ^ (spread >> 32)
    })
}
