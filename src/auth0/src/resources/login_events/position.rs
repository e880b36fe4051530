//! What is known of the log between runs.

use rawdash_connector_sdk::time::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::log_id::LogId;

/// How far the log was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Position {
    /// Nowhere yet.
    #[default]
    Unknown,
    /// The log held nothing since this bound; `None` is its very beginning.
    Bound(Option<Timestamp>),
    /// Behind this row, ingested at about that time.
    Behind(LogId, Timestamp),
}

/// Where the stored events begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Began {
    #[default]
    Nowhere,
    Oldest,
    Since(Timestamp),
}

/// What is known of the log between runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogState {
    /// How far it was read.
    pub position: Position,
    began: Began,
    /// When the end of the log was seen last.
    pub end_seen: Option<Timestamp>,
    /// A gap was reported.
    pub gap: bool,
}

impl LogState {
    /// Takes where the events shall begin: an earlier bound than the known one
    /// begins again.
    pub fn start_from(&mut self, since: Option<Timestamp>) {
        match (self.began, since) {
            (Began::Nowhere, None) => self.began = Began::Oldest,
            (Began::Nowhere, Some(since)) => self.began = Began::Since(since),
            (Began::Since(began), Some(since)) if since < began => {
                self.began = Began::Since(since);
                self.position = Position::Unknown;
            }
            _ => {}
        }
    }

    /// The instant from which the log is searched for its oldest row.
    pub fn bound(&self) -> Option<Timestamp> {
        match (&self.position, self.began) {
            (Position::Bound(bound), _) => *bound,
            (_, Began::Since(since)) => Some(since),
            _ => None,
        }
    }

    /// Whether the position is an id that was made, no row's own.
    pub fn is_made(&self) -> bool {
        match &self.position {
            Position::Behind(id, at) => id.before(*at).is_some_and(|made| made == *id),
            _ => false,
        }
    }
}
