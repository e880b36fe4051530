//! One batch, written action by action.

use super::scope::Scope;
use super::write_error::WriteError;
use super::{staging, timed};
use rawdash_host::contract::Batch;
use rawdash_host::storage::Changed;
use rawdash_schema::actions::{Action, Statement, actions};
use rawdash_schema::publication::{Check, Counts};

/// Writes one batch of the scope's resource.
pub(super) fn write(scope: Scope<'_>, batch: &Batch) -> Result<Changed, WriteError> {
    let mut changed = Changed::default();
    for action in actions(batch, staging::staged(scope)?.is_some())? {
        execute(scope, action, &mut changed)?;
    }
    Ok(changed)
}

fn execute(scope: Scope<'_>, action: Action<'_>, changed: &mut Changed) -> Result<(), WriteError> {
    match action {
        Action::BeginStaging(generation) => staging::begin(scope, generation)?,
        Action::Insert { insertion, cells, counts } => {
            let written = scope.insert(insertion, &cells)?;
            if counts {
                changed.written += written;
            }
        }
        Action::Write(Statement { sql, further }) => {
            changed.written += scope.execute(sql, &further)?;
        }
        Action::Remove(Statement { sql, further }) => {
            changed.removed += scope.execute(sql, &further)?;
        }
        Action::Execute(Statement { sql, further }) => {
            scope.execute(sql, &further)?;
        }
        Action::Check(check) => judge(scope, &check)?,
        Action::Compare(table, comparison) => timed::compare(scope, table, comparison, changed)?,
        Action::ClearStaging => staging::clear(scope)?,
    }
    Ok(())
}

fn judge(scope: Scope<'_>, check: &Check<'_>) -> Result<(), WriteError> {
    let number = |statement: &Statement<'_>| scope.number(statement.sql, &statement.further);
    let counts = Counts {
        stored: number(&check.stored)?,
        outside: check.outside.as_ref().map_or(Ok(0), number)?,
        staged: number(&check.staged)?,
    };
    Ok(check.judge(scope.resource, counts)?)
}
