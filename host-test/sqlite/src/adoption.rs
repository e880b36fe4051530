//! Events that another program stored without an identity.

use super::scope::Scope;
use rawdash_schema::adoption::{ADOPT, HAS_STRANGERS};

/// Gives them their identity.
pub(super) fn adopt(scope: Scope<'_>) -> rusqlite::Result<()> {
    if scope.number(HAS_STRANGERS, &[])? == 0 {
        return Ok(());
    }
    ADOPT.iter().try_for_each(|sql| scope.execute(sql, &[]).map(drop))
}
