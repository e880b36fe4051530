//! What the tests of every storage share: random sequences of steps, a model that knows
//! no SQL, and the query of all that a database holds.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod model;
mod sequences;

pub use model::Model;
pub use sequences::{Act, any_acts, batch, resources};

/// Every row of every connector as the model writes it: one column, in any order.
pub const ROWS: &str =
    "SELECT connector_id || ' ' || name || ' ' || event_id || ' ' || start_ts || ' ' ||
         coalesce(end_ts, '-') || ' ' || attributes FROM events
     UNION ALL
     SELECT connector_id || ' ' || type || ' ' || id || ' ' || updated_at || ' ' ||
         attributes FROM entities
     UNION ALL
     SELECT connector_id || ' ' || kind || ' ' || from_type || ' ' || from_id || ' ' ||
         to_type || ' ' || to_id || ' ' || updated_at || ' ' || attributes FROM edges
     UNION ALL
     SELECT connector_id || ' ' || name || ' ' || ts || ' ' || attributes || ' ' ||
         CAST(value AS INTEGER) FROM metrics
     UNION ALL
     SELECT connector_id || ' ' || name || ' ' || ts || ' ' || attributes || ' ' ||
         (data ->> '$.count') || ' ' || CAST(data ->> '$.sum' AS INTEGER)
         FROM distributions";

/// Every checkpoint as the model writes it: one column, in any order.
pub const CHECKPOINTS: &str = "SELECT connector_id || ' ' || checkpoint FROM host_checkpoints";
