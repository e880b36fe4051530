//! The instructions of a component for a row: a count that does not depend on the
//! machine.

use super::measured::Measured;
use super::pages::{Pages, Reader, Reading, Rows};

const FEW: u32 = 2_000;
const MANY: u32 = 10_000;

/// The instructions for one row, with its share of the pages and checkpoints, but
/// without what every run costs. The component must have been loaded so that it
/// counts.
///
/// On one thread: the answers then arrive in the same order each time, and with them
/// the steps and their checkpoints are the same.
///
/// # Errors
/// When a row is lost, or the pages cannot be read.
pub fn of_a_row(rows: Rows, reader: Reader<'_>) -> Measured<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (few, many) = (of(rows, FEW, reader).await?, of(rows, MANY, reader).await?);
        Ok(many.saturating_sub(few) / u64::from(MANY - FEW))
    })
}

async fn of(rows: Rows, count: u32, reader: Reader<'_>) -> Measured<u64> {
    let pages = Pages::of(rows, count).await?;
    let Reading { records, fuel } = pages.from_memory(reader).await?;
    let wanted = match rows {
        Rows::Log => pages.natively().await?,
        Rows::Users => u64::from(count),
    };
    if records != wanted {
        return Err(format!("{records} records were read instead of {wanted}").into());
    }
    Ok(fuel.ok_or("the component's instructions were not counted")?)
}
