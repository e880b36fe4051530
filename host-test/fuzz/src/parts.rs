//! The state of a checkpoint as a fuzzer changes it best: part by part, so that a
//! change to one does not make all that follows unreadable.

use arbitrary::{Result, Unstructured};
use rawdash_connector_sdk::contract::batch::Progress;
use rawdash_connector_sdk::contract::step::RunMode;

use crate::script::{text, write_text};
use crate::seal::{State, StoredResource, StoredRun};
use crate::tenant::RESOURCES;

/// Reads a state of all resources; what runs out is zero.
pub fn read(bytes: &[u8]) -> State {
    let mut input = Unstructured::new(bytes);
    let shared = text(&mut input).unwrap_or_default().to_vec();
    let worked = input.arbitrary().unwrap_or_default();
    let read = |(name, _): (&str, &str)| read_resource(&mut input, name).ok();
    let resources = RESOURCES.into_iter().map_while(read).collect();
    State { shared, worked, resources }
}

fn read_resource(input: &mut Unstructured<'_>, name: &str) -> Result<StoredResource> {
    let (generation, answered, full_at) =
        (input.arbitrary()?, input.arbitrary()?, input.arbitrary()?);
    let state = text(input)?.to_vec();
    let run = match input.arbitrary::<u8>()? % 3 {
        0 => None,
        mode => Some(StoredRun {
            mode: if mode == 1 { RunMode::Full } else { RunMode::Latest },
            date: input.arbitrary()?,
            progress: Progress {
                pages: input.arbitrary()?,
                records: input.arbitrary()?,
                expected: input.arbitrary()?,
            },
            state: text(input)?.to_vec(),
        }),
    };
    Ok(StoredResource { name: name.to_owned(), generation, full_at, answered, state, run })
}

/// Writes a state of all resources, as [`read`] reads it.
pub fn write(state: &State) -> Vec<u8> {
    let mut parts = Vec::new();
    write_text(&mut parts, &state.shared);
    parts.push(u8::from(state.worked));
    for resource in &state.resources {
        parts.extend(resource.generation.to_le_bytes());
        parts.extend(resource.answered.to_le_bytes());
        write_option(&mut parts, resource.full_at.map(i64::to_le_bytes));
        write_text(&mut parts, &resource.state);
        let Some(run) = &resource.run else {
            parts.push(0);
            continue;
        };
        parts.push(if run.mode == RunMode::Full { 1 } else { 2 });
        parts.extend(run.date.to_le_bytes());
        parts.extend(run.progress.pages.to_le_bytes());
        parts.extend(run.progress.records.to_le_bytes());
        write_option(&mut parts, run.progress.expected.map(u64::to_le_bytes));
        write_text(&mut parts, &run.state);
    }
    parts
}

fn write_option(parts: &mut Vec<u8>, bytes: Option<[u8; 8]>) {
    parts.push(u8::from(bytes.is_some()));
    parts.extend(bytes.into_iter().flatten());
}
