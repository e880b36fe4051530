//! The fence: of several writers of a connector, exactly one goes on.
//!
//! A connector has one row with a revision. Each transaction advances it from the revision
//! that its writer knows, or fails as a whole. So two writers that began at the same
//! checkpoint cannot both store a step: the first to do so goes on, and the other ends.
//! A writer that is dead keeps nobody waiting, and no clock is compared.
//!
//! An answer that was lost leaves unknown whether its transaction was committed. The row
//! has the id of the writer and the number of its call, so reading it answers that.

use crate::hrana::{Rows, Statement};
use crate::writer::Writer;

/// What this crate adds to the tables of `rawdash-schema`.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS host_fences (
    connector_id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    writer TEXT NOT NULL,
    holder TEXT NOT NULL,
    since TEXT NOT NULL,
    completed TEXT
) WITHOUT ROWID";

/// Advances the fence from the revision `?2`. With any other there, the new one is null,
/// which violates a constraint.
const ADVANCE: &str = "INSERT OR REPLACE INTO host_fences
    (connector_id, revision, writer, holder, since, completed)
    SELECT ?1,
        CASE WHEN coalesce((SELECT revision FROM host_fences WHERE connector_id = ?1), 0) = ?2
             THEN ?2 + 1 END,
        ?3, ?4, ?5,
        coalesce(?6, (SELECT completed FROM host_fences WHERE connector_id = ?1))";

const READ: &str = "SELECT revision, writer, holder, since, completed FROM host_fences
    WHERE connector_id = ?1";

/// The fence as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// 0 before the first step.
    pub(crate) revision: i64,
    /// Who advanced it last, if anybody.
    pub(crate) last: Option<Writer>,
    /// The id of the sync that completed last, where it has one.
    pub(crate) completed: Option<String>,
}

/// The statement that advances the fence, and notes that the sync of this id is complete.
pub(crate) fn advance(
    connector: &str,
    revision: i64,
    writer: &Writer,
    completed: Option<&str>,
) -> Statement {
    let Writer { id, holder, since } = writer;
    let args = vec![
        connector.into(),
        revision.into(),
        id.into(),
        holder.into(),
        since.into(),
        completed.into(),
    ];
    Statement::new(ADVANCE, args)
}

/// The statement that reads it.
pub(crate) fn read(connector: &str) -> Statement {
    Statement::new(READ, vec![connector.into()])
}

impl Fence {
    /// The fence in the rows of [`read`].
    pub(crate) fn of(rows: &Rows) -> Fence {
        let Some(row) = rows.rows.first() else {
            return Fence { revision: 0, last: None, completed: None };
        };
        let text = |column: usize| row.get(column).and_then(|value| value.text());
        let owned = |column| text(column).unwrap_or_default().to_owned();
        let revision = row.first().and_then(|value| value.integer()).unwrap_or_default();
        let last = Writer { id: owned(1), holder: owned(2), since: owned(3) };
        Fence { revision, last: Some(last), completed: text(4).map(str::to_owned) }
    }
}
