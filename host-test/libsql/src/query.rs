//! Queries, each a transaction of its own.

use crate::hrana::{Rows, Statement};
use crate::link::{Link, Trouble};
use crate::transaction::Transaction;

/// The rows of a query, in as many attempts as the patience allows.
pub(crate) async fn rows(link: &Link, statement: &Statement) -> Result<Rows, Trouble> {
    let mut attempts = link.attempts();
    loop {
        match rows_once(link, statement.clone()).await {
            Err(Trouble::Passing(_)) if attempts.again().await => {}
            result => return result,
        }
    }
}

/// The rows of a query, in one attempt.
pub(crate) async fn rows_once(link: &Link, statement: Statement) -> Result<Rows, Trouble> {
    let mut transaction = Transaction::reading(link);
    let ticket = transaction.push(statement).await?;
    Ok(transaction.commit().await?.rows(ticket).clone())
}
