//! Processes of an agent that wait for the next turn of their session, each for a limited time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tenure_model::id::SessionId;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::connection::Connection;

/// How long an idle process may take to leave before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// What a process can be used for: its session's turns, in the same folder, that get the same secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub session: SessionId,
    pub folder: PathBuf,
    pub granted: Vec<(String, String)>,
}

/// The idle processes of one agent.
pub struct Pool {
    limit: Duration,
    max: usize,
    numbers: AtomicU64,
    idle: Arc<Mutex<Vec<Idle>>>,
}

struct Idle {
    number: u64,
    key: Key,
    connection: Connection,
    /// Ends the task that watches over this process.
    taken: CancellationToken,
}

impl Pool {
    /// Returns an empty pool, in which at most `max` processes wait, each for at most `limit`.
    pub fn new(limit: Duration, max: usize) -> Self {
        Self { limit, max, numbers: AtomicU64::new(0), idle: Arc::default() }
    }

    /// Takes a living process for this use.
    pub fn take(&self, key: &Key) -> Option<Connection> {
        let mut idle = self.lock();
        let at = idle.iter().rposition(|idle| idle.key == *key && idle.connection.is_alive())?;
        let found = idle.remove(at);
        found.taken.cancel();
        Some(found.connection)
    }

    /// Says whether a process may wait at all.
    pub fn is_open(&self) -> bool {
        !self.limit.is_zero() && self.max > 0
    }

    /// Keeps a process until it is taken, dies, or has waited too long. From here on it ends with nobody's work.
    pub fn keep(&self, key: Key, connection: Connection) {
        let (number, taken) = (self.numbers.fetch_add(1, Ordering::Relaxed), CancellationToken::new());
        let crowded = {
            let mut idle = self.lock();
            let crowded = (idle.len() >= self.max).then(|| idle.remove(0));
            let watching = watch(Arc::clone(&self.idle), number, taken.clone(), connection.over(), self.limit);
            tokio::spawn(watching);
            idle.push(Idle { number, key, connection, taken });
            crowded
        };
        if let Some(oldest) = crowded {
            oldest.taken.cancel();
            tokio::spawn(end(oldest.connection));
        }
    }

    /// Ends all that wait.
    pub async fn end_all(&self) {
        let all = std::mem::take(&mut *self.lock());
        let endings = all.into_iter().map(|idle| {
            idle.taken.cancel();
            end(idle.connection)
        });
        futures_util::future::join_all(endings).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        lock(&self.idle)
    }
}

async fn watch(
    pool: Arc<Mutex<Vec<Idle>>>,
    number: u64,
    taken: CancellationToken,
    over: impl Future<Output = ()>,
    limit: Duration,
) {
    tokio::select! {
        () = taken.cancelled() => return,
        () = over => debug!("an idle agent ended by itself"),
        () = tokio::time::sleep(limit) => debug!("an idle agent is ended"),
    }
    let mine = {
        let mut idle = lock(&pool);
        // It may have been taken in this very moment.
        let at = idle.iter().position(|idle| idle.number == number);
        at.map(|at| idle.remove(at))
    };
    if let Some(idle) = mine {
        end(idle.connection).await;
    }
}

async fn end(connection: Connection) {
    if !connection.process.groups.end_all(GRACE).await {
        warn!("a process of an idle agent could not be killed");
    }
}

fn lock(pool: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    pool.lock().expect("no holder of this lock panics")
}
