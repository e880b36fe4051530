//! How fresh a connector is, as rawdash reads it.

use rusqlite::Transaction;

use rawdash_schema::freshness::{REPORT_CONNECTOR, REPORT_INSTALLATION};

/// Reports that everything of a connector is fresh from this instant on; `backfill` says
/// that all of it was read.
pub(super) fn report(
    transaction: &Transaction<'_>,
    connector: &str,
    at: &str,
    backfill: bool,
) -> rusqlite::Result<()> {
    transaction.execute(REPORT_CONNECTOR, (connector, at, backfill.then_some(at)))?;
    transaction.execute(REPORT_INSTALLATION, [])?;
    Ok(())
}
