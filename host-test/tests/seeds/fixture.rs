//! What the last program before the SDK left.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::rows::Left;

/// By seed and case.
pub(crate) type Histories = BTreeMap<(u64, String), Left>;

/// The file: for each seed, the histories by what they left.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fixture(Vec<Group>);

/// The histories of one seed that left the same rows.
#[derive(Debug, Serialize, Deserialize)]
struct Group {
    seed: u64,
    left: Left,
    histories: Vec<String>,
}

impl Fixture {
    pub(crate) fn read() -> Self {
        serde_json::from_str(include_str!("before-the-sdk.json")).unwrap()
    }

    pub(crate) fn write(histories: Histories) {
        let mut groups: Vec<Group> = Vec::new();
        for ((seed, name), left) in histories {
            match groups.iter_mut().find(|group| group.seed == seed && group.left == left) {
                Some(group) => group.histories.push(name),
                None => groups.push(Group { seed, left, histories: vec![name] }),
            }
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/seeds/before-the-sdk.json");
        let text = serde_json::to_string_pretty(&Fixture(groups)).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }

    pub(crate) fn histories(self) -> Histories {
        let groups = self.0.into_iter();
        groups
            .flat_map(|Group { seed, left, histories }| {
                histories.into_iter().map(move |name| ((seed, name), left.clone()))
            })
            .collect()
    }
}
