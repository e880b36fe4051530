//! One batch, written action by action.

use rawdash_host::contract::Batch;
use rawdash_schema::actions::{Action, Statement, actions};
use rawdash_schema::publication::{Check, Counts};

use crate::hrana::values;
use crate::link::Trouble;
use crate::scope::Scope;
use crate::tally::Tally;
use crate::{staging, timed};

/// Writes one batch of the scope's resource.
pub(crate) async fn write(scope: &mut Scope<'_, '_>, batch: &Batch) -> Result<Tally, Trouble> {
    let mut tally = Tally::default();
    for action in actions(batch, scope.is_staged()).map_err(Trouble::Refused)? {
        execute(scope, action, &mut tally).await?;
    }
    Ok(tally)
}

async fn execute(
    scope: &mut Scope<'_, '_>,
    action: Action<'_>,
    tally: &mut Tally,
) -> Result<(), Trouble> {
    match action {
        Action::BeginStaging(generation) => staging::begin(scope, generation).await?,
        Action::Insert { insertion, cells, counts } => {
            let written = scope.insert(insertion, cells).await?;
            if counts {
                tally.written.extend(written);
            }
        }
        Action::Write(Statement { sql, further }) => {
            tally.written.push(scope.push(sql, values(further)).await?);
        }
        Action::Remove(Statement { sql, further }) => {
            tally.removed.push(scope.push(sql, values(further)).await?);
        }
        Action::Execute(Statement { sql, further }) => {
            scope.push(sql, values(further)).await?;
        }
        Action::Check(check) => judge(scope, check).await?,
        Action::Compare(table, comparison) => {
            timed::compare(scope, table, comparison, tally).await?;
        }
        Action::ClearStaging => staging::clear(scope).await?,
    }
    Ok(())
}

async fn judge(scope: &mut Scope<'_, '_>, check: Check<'_>) -> Result<(), Trouble> {
    let outside = match &check.outside {
        Some(statement) => scope.number(statement).await?,
        None => 0,
    };
    let (stored, staged) = (scope.number(&check.stored).await?, scope.number(&check.staged).await?);
    check.judge(scope.resource, Counts { stored, outside, staged }).map_err(Trouble::Refused)
}
