//! One transaction on the server.

use crate::hrana::{
    Answer, BatchResult, Condition, Failure, Outcome, Pipeline, Request, Response, Rows, Statement,
    Step, Steps,
};
use crate::link::{Link, Trouble};

/// About how many bytes are sent at once. A transaction that is larger is sent in
/// several requests of one stream, which ends with them or not at all. sqld takes 60 MB
/// at once; proxies before a server often take less.
const TOGETHER: usize = 1 << 20;

/// The result of a statement, once the transaction is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket(usize);

/// Collects statements, and sends them when a result is needed, when there are many, or
/// at the end.
///
/// sqld rolls back a transaction that another writer has waited for 5 s for, and
/// forgets a stream that is silent for 10 s.
pub(crate) struct Transaction<'a> {
    link: &'a Link,
    begin: &'static str,
    /// The statement on which all others depend.
    guard: Option<Statement>,
    /// The stream, once it is open.
    baton: Option<String>,
    waiting: Vec<Statement>,
    bytes: usize,
    results: Vec<Rows>,
}

impl<'a> Transaction<'a> {
    /// A transaction that writes, and that fails with [`Trouble::FenceLost`] if the guard
    /// violates a constraint.
    pub(crate) fn writing(link: &'a Link, guard: Option<Statement>) -> Transaction<'a> {
        Transaction { guard, begin: "BEGIN IMMEDIATE", ..Transaction::reading(link) }
    }

    /// A transaction that only reads.
    pub(crate) fn reading(link: &'a Link) -> Transaction<'a> {
        let (waiting, results) = (Vec::new(), Vec::new());
        Transaction { link, begin: "BEGIN", guard: None, baton: None, waiting, bytes: 0, results }
    }

    /// Adds a statement.
    pub(crate) async fn push(&mut self, statement: Statement) -> Result<Ticket, Trouble> {
        let size = statement.size();
        if self.bytes > 0 && self.bytes + size > TOGETHER {
            self.flush(End::Open).await?;
        }
        self.bytes += size;
        self.waiting.push(statement);
        Ok(Ticket(self.results.len() + self.waiting.len() - 1))
    }

    /// Adds a statement, and returns its rows.
    pub(crate) async fn read(&mut self, statement: Statement) -> Result<Rows, Trouble> {
        self.push(statement).await?;
        self.flush(End::Open).await?;
        Ok(self.results.last_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Stores everything, or nothing.
    pub(crate) async fn commit(mut self) -> Result<Results, Trouble> {
        if let Err(trouble) = self.flush(End::Commit).await {
            self.abandon().await;
            return Err(trouble);
        }
        Ok(Results(self.results))
    }

    /// Ends it if it is under way: others need not wait until the server forgets it.
    pub(crate) async fn abandon(self) {
        if let Some(baton) = &self.baton {
            let requests = vec![Request::Close];
            let _ = self.link.send(&Pipeline { baton: Some(baton), requests }).await;
        }
    }

    async fn flush(&mut self, end: End) -> Result<(), Trouble> {
        let own = self.waiting.len();
        let mut steps = Chain::default();
        let opening = self.baton.is_none();
        if opening {
            steps.push(Statement::new(self.begin, Vec::new()));
        } else {
            // A transaction that the server has rolled back must not go on without it.
            steps.first = Some(Condition::not(Condition::IsAutocommit));
        }
        let guard = if opening { self.guard.take() } else { None };
        let guarded = guard.is_some();
        guard.into_iter().chain(self.waiting.drain(..)).for_each(|stmt| steps.push(stmt));
        self.bytes = 0;
        let before = usize::from(opening) + usize::from(guarded);
        if end == End::Commit {
            steps.push(Statement::new("COMMIT", Vec::new()));
        }
        let mut requests = Vec::new();
        let last = steps.steps.len().saturating_sub(1);
        if end == End::Commit {
            let condition = Some(Condition::not(Condition::Ok { step: last }));
            let stmt = Statement::new("ROLLBACK", Vec::new());
            steps.steps.push(Step { condition, stmt });
        }
        requests.push(Request::Batch { batch: Steps { steps: steps.steps } });
        if end == End::Commit {
            requests.push(Request::Close);
        }
        let pipeline = Pipeline { baton: self.baton.as_deref(), requests };
        let Answer { baton, results } = self.link.send(&pipeline).await?;
        self.baton = baton;
        let BatchResult { step_results, step_errors } = batch(self.link, results)?;
        for (number, error) in step_errors.iter().take(last + 1).enumerate() {
            if let Some(error) = error {
                let lost = guarded && number == 1 && is_violation(error);
                return Err(if lost { Trouble::FenceLost } else { self.link.trouble(error) });
            }
        }
        let executed: Vec<Rows> = step_results.into_iter().take(last + 1).flatten().collect();
        if executed.len() != last + 1 {
            let said = "ended the transaction before all of it was written";
            return Err(Trouble::Passing(said.to_owned()));
        }
        self.results.extend(executed.into_iter().skip(before).take(own));
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// More follows.
    Open,
    Commit,
}

/// Steps of which each depends on the one before.
#[derive(Default)]
struct Chain {
    first: Option<Condition>,
    steps: Vec<Step>,
}

impl Chain {
    fn push(&mut self, stmt: Statement) {
        let condition = match self.steps.len().checked_sub(1) {
            Some(step) => Some(Condition::Ok { step }),
            None => self.first.take(),
        };
        self.steps.push(Step { condition, stmt });
    }
}

fn batch(link: &Link, results: Vec<Outcome>) -> Result<BatchResult, Trouble> {
    match results.into_iter().next() {
        Some(Outcome::Ok { response: Response::Batch { result } }) => Ok(result),
        Some(Outcome::Error { error }) => Err(link.trouble(&error)),
        _ => Err(Trouble::Lasting("is not a libSQL server: an answer has no result".to_owned())),
    }
}

/// SQLite's constraints are violated by the guard only if another writer was faster.
fn is_violation(failure: &Failure) -> bool {
    failure.code.as_deref().is_some_and(|code| code.starts_with("SQLITE_CONSTRAINT"))
}

/// The results of a committed transaction.
pub(crate) struct Results(Vec<Rows>);

impl Results {
    /// How many rows the statement changed.
    pub(crate) fn affected(&self, Ticket(number): Ticket) -> u64 {
        self.0.get(number).map_or(0, |rows| rows.affected_row_count)
    }

    /// The rows that it read.
    pub(crate) fn rows(&self, Ticket(number): Ticket) -> &Rows {
        const NONE: &Rows = &Rows { rows: Vec::new(), affected_row_count: 0 };
        self.0.get(number).unwrap_or(NONE)
    }
}
