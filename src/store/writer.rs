//! One thread owns the only read-write connection. Whoever waits meanwhile is committed together:
//! one sync on disk acknowledges them all.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::guard::Guard;
use crate::base::{Error, Result, StorageFault};

/// Who waits: a person before a page, or a job that has time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody is waiting for the answer.
    Interactive,
    /// A step of a job, at most some 50 ms of work; it waits while anybody interactive does.
    Background,
}

/// So many interactive closures share one commit at the most, so that the first is not kept waiting.
const TOGETHER: usize = 64;

/// Work to do; answers whether it went well, so that the batch knows what to keep.
type Work = Box<dyn FnOnce(&Transaction<'_>) -> bool + Send>;
/// Called after the commit (or its failure), when the answer is true.
type Acknowledge = Box<dyn FnOnce(Result<(), CommitFailed>) + Send>;

/// Why nothing of a batch was kept; everybody in it is told.
#[derive(Clone)]
struct CommitFailed {
    fault: Option<StorageFault>,
    why: String,
}

impl From<rusqlite::Error> for CommitFailed {
    fn from(error: rusqlite::Error) -> CommitFailed {
        match Error::from(error) {
            Error::Storage(fault, why) => CommitFailed {
                fault: Some(fault),
                why,
            },
            other => CommitFailed {
                fault: None,
                why: format!("the commit failed: {other}"),
            },
        }
    }
}

impl From<CommitFailed> for Error {
    fn from(failed: CommitFailed) -> Error {
        match failed.fault {
            Some(fault) => Error::Storage(fault, failed.why),
            None => Error::Internal(failed.why),
        }
    }
}

struct Queued {
    work: Work,
    acknowledge: Acknowledge,
}

#[derive(Default)]
struct Queues {
    interactive: VecDeque<Queued>,
    background: VecDeque<Queued>,
    closed: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    ready: Condvar,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, guard: Guard) -> Result<Writer> {
        let shared = Arc::new(Shared {
            queues: Mutex::default(),
            ready: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || serve(connection, guard, &theirs))
            .map_err(Error::internal)?;
        Ok(Writer {
            shared,
            thread: Some(thread),
        })
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        urgency: Urgency,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, waiting) = mpsc::sync_channel::<Result<T>>(1);
        // The closure's own result waits here until the commit says that it is true.
        let outcome = Arc::new(Mutex::new(None));
        let theirs = Arc::clone(&outcome);
        let queued = Queued {
            work: Box::new(move |tx| {
                let result = match catch_unwind(AssertUnwindSafe(|| work(tx))) {
                    Ok(result) => result,
                    Err(_) => Err(Error::Internal("a write panicked".to_owned())),
                };
                let good = result.is_ok();
                *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                good
            }),
            acknowledge: Box::new(move |committed| {
                let result = outcome
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                let result = match (result, committed) {
                    (Some(Ok(_)) | None, Err(failed)) => Err(failed.into()),
                    (Some(result), _) => result,
                    (None, Ok(())) => Err(Error::Internal("the write never ran".to_owned())),
                };
                // Nobody waits any more when the request was given up: the write stands all the same.
                let _ = answer.send(result);
            }),
        };
        {
            let mut queues = self
                .shared
                .queues
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match urgency {
                Urgency::Interactive => queues.interactive.push_back(queued),
                Urgency::Background => queues.background.push_back(queued),
            }
        }
        self.shared.ready.notify_one();
        waiting
            .recv()
            .map_err(|_| Error::Internal("the writer has stopped".to_owned()))?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared
            .queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.shared.ready.notify_one();
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

fn serve(mut connection: Connection, mut guard: Guard, shared: &Shared) {
    while let Some(batch) = next_batch(shared) {
        commit_together(&mut connection, batch);
        guard.committed();
    }
    guard.leave(&connection);
}

fn next_batch(shared: &Shared) -> Option<Vec<Queued>> {
    let mut queues = shared.queues.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if !queues.interactive.is_empty() {
            let count = queues.interactive.len().min(TOGETHER);
            return Some(queues.interactive.drain(..count).collect());
        }
        if let Some(step) = queues.background.pop_front() {
            return Some(vec![step]);
        }
        if queues.closed {
            return None;
        }
        queues = shared
            .ready
            .wait(queues)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

fn commit_together(connection: &mut Connection, batch: Vec<Queued>) {
    // Apart, because everybody is told, also those whose work is never reached.
    let (batch, acknowledgements): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|queued| (queued.work, queued.acknowledge))
        .unzip();
    let committed = (|| -> rusqlite::Result<()> {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for work in batch {
            tx.execute_batch("savepoint one")?;
            if !work(&tx) {
                tx.execute_batch("rollback to one")?;
            }
            tx.execute_batch("release one")?;
        }
        tx.commit()
    })();
    let committed = committed.map_err(CommitFailed::from);
    for acknowledge in acknowledgements {
        acknowledge(committed.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let connection = super::super::connect::creator(&folder.path().join("t.sqlite")).unwrap();
        connection
            .busy_timeout(std::time::Duration::from_millis(100))
            .unwrap();
        connection
            .execute_batch("create table t (n integer primary key) strict")
            .unwrap();
        let guard = Guard::enter(folder.path()).unwrap();
        (folder, Writer::start(connection, guard).unwrap())
    }

    fn insert(writer: &Writer, n: i64) -> Result<()> {
        writer.run(Urgency::Interactive, move |tx| {
            tx.execute("insert into t values (?1)", [n])?;
            if n == 13 {
                Err(Error::Forbidden)
            } else {
                Ok(())
            }
        })
    }

    #[test]
    fn one_failure_in_a_batch_takes_nobody_along() {
        let (_folder, writer) = writer();
        std::thread::scope(|scope| {
            for n in 0..40 {
                let writer = &writer;
                scope.spawn(move || assert_eq!(insert(writer, n).is_ok(), n != 13));
            }
        });
        let count: i64 = writer
            .run(Urgency::Background, |tx| {
                Ok(tx.query_row("select count(*) from t", [], |r| r.get(0))?)
            })
            .unwrap();
        assert_eq!(count, 39);
    }

    #[test]
    fn a_batch_that_can_t_begin_tells_everybody_why() {
        let (folder, writer) = writer();
        let stranger = Connection::open(folder.path().join("t.sqlite")).unwrap();
        stranger.execute_batch("begin immediate").unwrap();
        let told = insert(&writer, 1);
        assert!(
            matches!(told, Err(Error::Storage(StorageFault::Locked, _))),
            "{told:?}"
        );
        stranger.execute_batch("rollback").unwrap();
        insert(&writer, 1).unwrap();
    }

    #[test]
    fn a_panic_is_an_error_and_the_writer_lives_on() {
        let (_folder, writer) = writer();
        let result: Result<()> = writer.run(Urgency::Interactive, |_| panic!("on purpose"));
        assert!(result.is_err());
        assert!(insert(&writer, 1).is_ok());
    }
}
