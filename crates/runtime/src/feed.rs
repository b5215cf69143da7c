//! The feed of one kind of entity: who watches which one, through bounded queues. An actor never waits for a watcher.
//!
//! Several feeds can tell into one queue ([`Feed::watch`]), which then holds the news in the order in which they were told.

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
    /// The entity that it is about.
    pub id: Uuid,
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

/// The near end of a bounded queue: whoever tells something into it never waits.
pub(crate) struct Room<P> {
    queue: mpsc::Sender<P>,
    lost: Arc<LostMark>,
}

/// What became of a piece that was told into a queue.
enum Fate {
    Taken,
    /// The queue was full, for the first time.
    LostFirst,
    Lost,
}

impl<P> Room<P> {
    /// Returns both ends of a queue of `queue_max` pieces, and the mark of its first loss.
    pub fn new(queue_max: usize) -> (Self, mpsc::Receiver<P>, Arc<LostMark>) {
        let (queue, news) = mpsc::channel(queue_max.max(1));
        let lost = Arc::new(LostMark::default());
        (Self { queue, lost: lost.clone() }, news, lost)
    }

    /// Returns another near end of the same queue.
    pub fn another(&self) -> Self {
        Self { queue: self.queue.clone(), lost: self.lost.clone() }
    }

    /// Puts a piece into the queue. After the first loss nothing is taken any more, so that nothing is missing in between.
    fn put(&self, piece: P) -> Fate {
        if self.lost.since().is_some() {
            return Fate::Lost;
        }
        match self.queue.try_send(piece) {
            Ok(()) => Fate::Taken,
            Err(mpsc::error::TrySendError::Full(_)) if self.lost.0.set(Instant::now()).is_ok() => Fate::LostFirst,
            Err(_) => Fate::Lost,
        }
    }
}

struct Watcher<E: Entity> {
    number: u64,
    put: Box<dyn Fn(News<E>) -> Fate + Send>,
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
        let (room, news, lost) = Room::new(queue_max);
        Subscription { _watch: self.watch(id, room, |piece| piece), news, lost }
    }

    /// Watches one entity through a queue that others may tell into as well.
    pub(crate) fn watch<P: Send + 'static>(
        &self,
        id: impl Into<Uuid>,
        room: Room<P>,
        wrap: fn(News<E>) -> P,
    ) -> Watch<E> {
        let id = id.into();
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let watcher = Watcher { number, put: Box::new(move |piece| room.put(wrap(piece))) };
        self.0.watchers.lock().expect("watching does not panic").entry(id).or_default().push(watcher);
        Watch { feed: self.clone(), id, number }
    }

    /// Tells the watchers of one entity something that is not recorded.
    pub fn signal(&self, id: impl Into<Uuid>, signal: Value) {
        self.offer([id.into()], || News::Signal(Arc::new(signal)));
    }

    /// Tells what became durable to the watchers of an entity, and to those of the one that it is shown with. Called in
    /// commit order.
    pub(crate) fn publish(&self, id: Uuid, shown_with: Option<Uuid>, committed: impl FnOnce() -> Committed<E>) {
        self.offer([id].into_iter().chain(shown_with), || News::Committed(Arc::new(committed())));
    }

    fn offer(&self, ids: impl IntoIterator<Item = Uuid>, make: impl FnOnce() -> News<E>) {
        let mut all = self.0.watchers.lock().expect("watching does not panic");
        let mut make = Some(make);
        let mut made = None;
        for id in ids {
            let Some(watchers) = all.get_mut(&id) else { continue };
            if let Some(make) = make.take() {
                made = Some(make());
            }
            let Some(news) = &made else { continue };
            watchers.retain(|watcher| match (watcher.put)(news.clone()) {
                Fate::Taken => true,
                Fate::LostFirst => {
                    self.0.lagged.fetch_add(1, Ordering::Relaxed);
                    false
                }
                Fate::Lost => false,
            });
            if watchers.is_empty() {
                all.remove(&id);
            }
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

/// A place among the watchers of an entity. Dropping it ends the watching.
pub(crate) struct Watch<E: Entity> {
    feed: Feed<E>,
    id: Uuid,
    number: u64,
}

impl<E: Entity> Drop for Watch<E> {
    fn drop(&mut self) {
        self.feed.leave(self.id, self.number);
    }
}

/// One watcher's end of the feed. Dropping it ends the watching.
pub struct Subscription<E: Entity> {
    _watch: Watch<E>,
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenure_session::Session;

    use super::*;

    fn said(piece: News<Session>) -> String {
        match piece {
            News::Signal(value) => value.to_string(),
            News::Committed(committed) => committed.position.0.to_string(),
        }
    }

    #[test]
    fn feeds_that_tell_into_one_queue_are_heard_in_order_up_to_the_first_loss() {
        let (one, other) = (Feed::<Session>::default(), Feed::<Session>::default());
        let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (room, mut news, lost) = Room::new(3);
        let _one = one.watch(here, room.another(), |piece| format!("one {}", said(piece)));
        let _other = other.watch(there, room, |piece| format!("other {}", said(piece)));
        one.signal(here, json!(1));
        other.signal(there, json!(2));
        one.signal(there, json!("not watched"));
        one.signal(here, json!(3));
        assert!(lost.since().is_none());
        one.signal(here, json!("lost"));
        assert!(lost.since().is_some());
        assert_eq!(news.try_recv().as_deref(), Ok("one 1"));
        // There is room again, but a piece is missing before this one.
        other.signal(there, json!("too late"));
        assert_eq!([news.try_recv(), news.try_recv()].map(Result::unwrap), ["other 2", "one 3"]);
        assert!(news.try_recv().is_err());
        assert_eq!((one.lagged(), other.lagged(), one.subscribers(here), other.subscribers(there)), (1, 0, 0, 0));
    }

    #[test]
    fn a_commit_is_heard_by_those_who_watch_what_it_is_shown_with() {
        let feed = Feed::<Session>::default();
        let (own, shown_with) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut watchers = [feed.subscribe(own, 2), feed.subscribe(shown_with, 2)];
        let (position, at, encoded) = (Position(7), Timestamp(0), OnceLock::new());
        feed.publish(own, Some(shown_with), || Committed {
            id: own,
            position,
            seq: Some(1),
            at,
            events: vec![],
            deltas: vec![],
            encoded,
        });
        for watcher in &mut watchers {
            assert_eq!(watcher.news.try_recv().map(said).as_deref(), Ok("7"));
        }
    }
}
