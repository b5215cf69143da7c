//! The feed of one kind of entity: who watches which one, through bounded queues. An actor never waits for a watcher.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use serde_json::Value;
use tenure_journal::Position;
use tenure_model::{Delta, Entity, Timestamp};
use tokio::sync::mpsc;
use uuid::Uuid;

/// What became durable by one commit.
#[derive(Debug)]
pub struct Committed<E: Entity> {
    pub position: Position,
    /// The record's number; none when the commit held text only.
    pub seq: Option<u64>,
    pub at: Timestamp,
    pub events: Vec<E::Event>,
    pub deltas: Vec<Delta>,
    /// What readers derived from it, so that a hundred of them derive it once.
    pub encoded: OnceLock<Arc<[Arc<str>]>>,
}

/// One piece of news.
#[derive(Debug)]
pub enum News<E: Entity> {
    Committed(Arc<Committed<E>>),
    /// Unrecorded: presence, typing.
    Signal(Arc<Value>),
}

impl<E: Entity> Clone for News<E> {
    fn clone(&self) -> Self {
        match self {
            News::Committed(committed) => News::Committed(committed.clone()),
            News::Signal(signal) => News::Signal(signal.clone()),
        }
    }
}

/// Remembers since when a watcher has been losing news.
#[derive(Debug, Default)]
pub struct LostMark(OnceLock<Instant>);

impl LostMark {
    /// Returns when the first piece was lost.
    pub fn since(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

struct Watcher<E: Entity> {
    number: u64,
    queue: mpsc::Sender<News<E>>,
    lost: Arc<LostMark>,
}

struct Inner<E: Entity> {
    watchers: Mutex<HashMap<Uuid, Vec<Watcher<E>>>>,
    next: AtomicU64,
    lagged: AtomicU64,
}

/// The watchers of one kind of entity.
pub struct Feed<E: Entity>(Arc<Inner<E>>);

impl<E: Entity> Clone for Feed<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Entity> Default for Feed<E> {
    fn default() -> Self {
        Self(Arc::new(Inner { watchers: Mutex::default(), next: AtomicU64::new(0), lagged: AtomicU64::new(0) }))
    }
}

impl<E: Entity> Feed<E> {
    /// Watches one entity through a queue of `queue_max` pieces. When the queue overflows the subscription ends, after
    /// what is in it: the watcher then takes a fresh look and subscribes anew.
    pub fn subscribe(&self, id: impl Into<Uuid>, queue_max: usize) -> Subscription<E> {
        let id = id.into();
        let (queue, news) = mpsc::channel(queue_max.max(1));
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let lost = Arc::new(LostMark::default());
        let watcher = Watcher { number, queue, lost: lost.clone() };
        self.0.watchers.lock().expect("watching does not panic").entry(id).or_default().push(watcher);
        Subscription { feed: self.clone(), id, number, news, lost }
    }

    /// Tells the watchers of one entity something that is not recorded.
    pub fn signal(&self, id: impl Into<Uuid>, signal: Value) {
        self.offer(id.into(), || News::Signal(Arc::new(signal)));
    }

    /// Tells the watchers what became durable. Called in commit order.
    pub(crate) fn publish(&self, id: Uuid, committed: impl FnOnce() -> Committed<E>) {
        self.offer(id, || News::Committed(Arc::new(committed())));
    }

    fn offer(&self, id: Uuid, make: impl FnOnce() -> News<E>) {
        let mut all = self.0.watchers.lock().expect("watching does not panic");
        let Some(watchers) = all.get_mut(&id) else { return };
        let news = make();
        watchers.retain(|watcher| {
            let taken = watcher.queue.try_send(news.clone()).is_ok();
            if !taken && watcher.lost.0.set(Instant::now()).is_ok() && !watcher.queue.is_closed() {
                self.0.lagged.fetch_add(1, Ordering::Relaxed);
            }
            taken
        });
        if watchers.is_empty() {
            all.remove(&id);
        }
    }

    /// Returns how many watch one entity.
    pub fn subscribers(&self, id: impl Into<Uuid>) -> usize {
        self.0.watchers.lock().expect("watching does not panic").get(&id.into()).map_or(0, Vec::len)
    }

    /// Returns how many watchers have lost news since the start.
    pub fn lagged(&self) -> u64 {
        self.0.lagged.load(Ordering::Relaxed)
    }

    fn leave(&self, id: Uuid, number: u64) {
        let mut all = self.0.watchers.lock().expect("watching does not panic");
        if let Some(watchers) = all.get_mut(&id) {
            watchers.retain(|watcher| watcher.number != number);
            if watchers.is_empty() {
                all.remove(&id);
            }
        }
    }
}

/// One watcher's end of the feed. Dropping it ends the watching.
pub struct Subscription<E: Entity> {
    feed: Feed<E>,
    id: Uuid,
    number: u64,
    news: mpsc::Receiver<News<E>>,
    lost: Arc<LostMark>,
}

impl<E: Entity> Subscription<E> {
    /// Waits for the next piece; none once news were lost and what came before is read.
    pub async fn next(&mut self) -> Option<News<E>> {
        self.news.recv().await
    }

    /// Returns the mark that tells others since when this watcher has been losing news.
    pub fn lost_since(&self) -> Arc<LostMark> {
        self.lost.clone()
    }
}

impl<E: Entity> Drop for Subscription<E> {
    fn drop(&mut self) {
        self.feed.leave(self.id, self.number);
    }
}
