//! Many pieces of work, some at a time.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;

use super::PATIENCE;

/// Does every piece of work, so many at once, and returns what became of each
/// in their order. One that hangs is given up.
pub(crate) async fn at_once<T, W, R>(
    count: usize,
    pieces: Vec<T>,
    work: impl Fn(T) -> W + Send + Sync + 'static,
) -> Vec<Result<R, String>>
where
    T: Send + 'static,
    W: Future<Output = Result<R, String>>,
    R: Send + 'static,
{
    let left = Arc::new(Mutex::new(pieces.into_iter().enumerate()));
    let work = Arc::new(work);
    let workers: Vec<_> = (0..count)
        .map(|_| {
            let (left, work) = (left.clone(), work.clone());
            let runtime = Handle::current();
            // A sync is no `Send`: it stays on its thread.
            tokio::task::spawn_blocking(move || {
                let next = || left.lock().unwrap().next();
                std::iter::from_fn(next)
                    .map(|(number, piece)| {
                        let end = runtime.block_on(tokio::time::timeout(PATIENCE, work(piece)));
                        (number, end.unwrap_or_else(|_| Err("it hangs".to_owned())))
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ended = Vec::new();
    for worker in workers {
        ended.extend(worker.await.unwrap());
    }
    ended.sort_by_key(|(number, _)| *number);
    ended.into_iter().map(|(_, end)| end).collect()
}
