//! Stirs: which entities wake, go to sleep or move on, of all kinds, gathered for whoever listens. A host never waits for a listener.
//!
//! A listener takes what was gathered when it likes. Of one entity it gets how it stands last; of more entities than it has
//! room for it gets the first, and hears that there were more. While nobody listens, a stir costs one look at a counter.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tenure_journal::Position;
use tenure_model::{EntityKey, Timestamp};
use tokio::sync::Notify;

/// How an entity stands after it has stirred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stir {
    /// Whether it is in memory.
    pub awake: bool,
    /// Its last durable record; none when that is not known, because its journal could not be read or written.
    pub seq: Option<u64>,
    /// Its last durable commit, which may hold text only; none when that is not known.
    pub position: Option<Position>,
    pub at: Timestamp,
}

/// What one listener was told since it took the last time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    pub stirs: BTreeMap<EntityKey, Stir>,
    /// Whether more entities have stirred than there was room for.
    pub more: bool,
}

impl Gathered {
    fn put(&mut self, key: EntityKey, stir: Stir, room: usize) {
        if self.stirs.len() < room || self.stirs.contains_key(&key) {
            self.stirs.insert(key, stir);
        } else {
            self.more = true;
        }
    }
}

struct Ear {
    number: u64,
    room: usize,
    gathered: Gathered,
    rung: Arc<Notify>,
}

#[derive(Default)]
struct Ears {
    open: Vec<Ear>,
    next: u64,
}

#[derive(Default)]
struct Inner {
    listening: AtomicUsize,
    ears: Mutex<Ears>,
}

/// Those who listen to all entities at once.
#[derive(Clone, Default)]
pub struct Stirs(Arc<Inner>);

impl Stirs {
    /// Listens to all entities from now on, with room for `entities_max` of them between two takes.
    pub fn listen(&self, entities_max: usize) -> StirListener {
        let rung = Arc::new(Notify::new());
        let mut ears = self.0.ears.lock().expect("listening does not panic");
        let number = ears.next;
        ears.next += 1;
        ears.open.push(Ear { number, room: entities_max.max(1), gathered: Gathered::default(), rung: rung.clone() });
        self.0.listening.store(ears.open.len(), Ordering::Release);
        StirListener { stirs: self.clone(), number, rung }
    }

    /// Returns how many listen.
    pub fn listeners(&self) -> usize {
        self.0.listening.load(Ordering::Acquire)
    }

    /// Tells how an entity stands now. Called in the order in which it comes to stand so.
    pub(crate) fn tell(&self, key: EntityKey, stir: impl FnOnce() -> Stir) {
        if self.listeners() == 0 {
            return;
        }
        let stir = stir();
        let mut ears = self.0.ears.lock().expect("listening does not panic");
        for ear in &mut ears.open {
            ear.gathered.put(key, stir, ear.room);
            ear.rung.notify_one();
        }
    }
}

/// One listener's end. Dropping it ends the listening.
pub struct StirListener {
    stirs: Stirs,
    number: u64,
    rung: Arc<Notify>,
}

impl StirListener {
    /// Waits until something may have been gathered.
    pub async fn stirred(&self) {
        self.rung.notified().await;
    }

    /// Takes what was gathered.
    pub fn take(&self) -> Gathered {
        let mut ears = self.stirs.0.ears.lock().expect("listening does not panic");
        let own = ears.open.iter_mut().find(|ear| ear.number == self.number);
        own.map(|ear| std::mem::take(&mut ear.gathered)).unwrap_or_default()
    }
}

impl Drop for StirListener {
    fn drop(&mut self) {
        let mut ears = self.stirs.0.ears.lock().expect("listening does not panic");
        ears.open.retain(|ear| ear.number != self.number);
        self.stirs.0.listening.store(ears.open.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tenure_model::Kind;
    use uuid::Uuid;

    use super::*;

    fn key(number: u128) -> EntityKey {
        EntityKey::new(Kind::Session, Uuid::from_u128(number))
    }

    fn stir(awake: bool, seq: u64) -> Stir {
        Stir { awake, seq: Some(seq), position: Some(Position(seq + 10)), at: Timestamp(seq) }
    }

    #[test]
    fn a_listener_gets_how_each_entity_stands_last_and_what_had_no_room_is_owned_up_to() {
        let stirs = Stirs::default();
        let (wide, narrow) = (stirs.listen(10), stirs.listen(1));
        stirs.tell(key(1), || stir(true, 1));
        stirs.tell(key(2), || stir(true, 1));
        stirs.tell(key(1), || stir(false, 2));
        assert!(wide.stirred().now_or_never().is_some());
        let all = [(key(1), stir(false, 2)), (key(2), stir(true, 1))];
        assert_eq!(wide.take(), Gathered { stirs: all.into(), more: false });
        assert_eq!(narrow.take(), Gathered { stirs: [all[0]].into(), more: true });
        // What was taken is gone, and there is room again.
        assert_eq!(wide.take(), Gathered::default());
        assert!(wide.stirred().now_or_never().is_none());
        stirs.tell(key(3), || stir(true, 1));
        assert_eq!(narrow.take(), Gathered { stirs: [(key(3), stir(true, 1))].into(), more: false });
    }

    #[test]
    fn nothing_is_made_while_nobody_listens() {
        let stirs = Stirs::default();
        stirs.tell(key(1), || unreachable!("nobody listens"));
        let listener = stirs.listen(1);
        assert_eq!(stirs.listeners(), 1);
        drop(listener);
        assert_eq!(stirs.listeners(), 0);
        stirs.tell(key(1), || unreachable!("nobody listens any more"));
    }
}
