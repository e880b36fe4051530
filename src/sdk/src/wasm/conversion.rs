//! Converts between the contract's types and the SDK's. Decides nothing.

mod manifest;
mod records;
mod step;

use super::bindings::exports::rawdash::connector::connector;
use crate::contract::configuration::ConfigureError;
use crate::contract::failure::{Failure, FailureKind};
use crate::contract::request::{Condition, Mode, SyncRequest, Want};
use crate::time::timestamp::Timestamp;

pub(super) use self::manifest::{about, resource};
pub(super) use self::step::step;

/// Why `configure` failed.
pub(super) fn configure_error(error: ConfigureError) -> connector::ConfigureError {
    match error {
        ConfigureError::Configuration(issues) => {
            let issues = issues.into_iter();
            let issues = issues
                .map(|issue| connector::Issue { path: issue.path, message: issue.message })
                .collect();
            connector::ConfigureError::Configuration(issues)
        }
        ConfigureError::Checkpoint(message) => connector::ConfigureError::Checkpoint(message),
    }
}

/// The host's request.
pub(super) fn request(request: connector::Request) -> Result<SyncRequest, Failure> {
    let wants = request.wants.into_iter().map(want).collect::<Result<_, _>>()?;
    Ok(SyncRequest { wants, patience: request.patience })
}

fn want(want: connector::Want) -> Result<Want, Failure> {
    let since = want.since.map(|since| {
        Timestamp::from_millis(since).ok_or_else(|| {
            let message = "`since` is not a time between 1970 and 9999.";
            Failure::new(FailureKind::Request, message).of(&want.resource)
        })
    });
    let mode = match want.mode {
        connector::Mode::Auto => Mode::Auto,
        connector::Mode::Full => Mode::Full,
        connector::Mode::Latest => Mode::Latest,
    };
    let condition = |condition: connector::Condition| Condition {
        field: condition.field,
        op: condition.op,
        values: condition.values,
    };
    let conditions = want.conditions.into_iter().map(condition).collect();
    Ok(Want { since: since.transpose()?, resource: want.resource, mode, conditions })
}

/// A failure.
pub(super) fn failure(failure: Failure) -> connector::Failure {
    connector::Failure {
        kind: failure.kind.name().to_owned(),
        message: failure.message,
        resource: failure.resource,
        status: failure.status,
        retry_after: failure.retry_after.map(|millis| u32::try_from(millis).unwrap_or(u32::MAX)),
    }
}
