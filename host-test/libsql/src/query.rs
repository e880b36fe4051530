//! A query about what a program stores beside rawdash's tables.

use rawdash_host::storage::StorageError;

use crate::hrana::Statement;
use crate::link::{Link, Trouble};
use crate::transaction::Transaction;

/// The text in the first column of the first row.
pub(crate) async fn text(
    link: &Link,
    sql: &str,
    parameter: &str,
) -> Result<Option<String>, StorageError> {
    let mut attempts = link.attempts();
    loop {
        match once(link, sql, parameter).await {
            Ok(text) => return Ok(text),
            Err(Trouble::Passing(_)) if attempts.again().await => {}
            Err(trouble) => return Err(link.error(trouble)),
        }
    }
}

async fn once(link: &Link, sql: &str, parameter: &str) -> Result<Option<String>, Trouble> {
    let mut transaction = Transaction::reading(link);
    let ticket = transaction.push(Statement::new(sql, vec![parameter.into()])).await?;
    let results = transaction.commit().await?;
    Ok(results.rows(ticket).texts().next().map(str::to_owned))
}
