//! A failing disk: nothing is acknowledged that is not durable, nothing undurable is shown, and it goes on afterwards.

use std::sync::Arc;

use tenure_journal::engine::{KeyRange, MemoryEngine, Op, Order};
use tenure_journal::{Commit, CommitError, Engine, EngineError, EngineStats, Position, Store, StoreError};

use crate::kit::{commit, delta, id, session, take};

fn memory() -> (MemoryEngine, Store) {
    let engine = MemoryEngine::new();
    let store = Store::with_engine(Arc::new(engine.clone())).expect("it opens");
    (engine, store)
}

#[test]
fn a_failed_write_takes_back_the_whole_group_and_ends_every_life() {
    let (engine, store) = memory();
    let (one, two) = (store.fence(session(1)), store.fence(session(2)));
    take(&store, commit(session(1), one, 1));
    engine.fail_after(0);
    let failure = store.commit(&[commit(session(1), one, 2), commit(session(2), two, 1)], &[]);
    assert!(matches!(failure, Err(StoreError::Engine(EngineError::Io { .. }))), "{failure:?}");
    assert_eq!(store.position(), Position(1));
    let waiting = store.commit(&[commit(session(1), store.fence(session(1)), 2)], &[]);
    assert!(matches!(waiting, Err(StoreError::Engine(EngineError::Waiting { .. }))), "{waiting:?}");
    assert_eq!(store.load(session(1)).expect("reads go on").seq, 1);

    store.revive().expect("it writes again");
    let answers = store.commit(&[commit(session(1), one, 2)], &[]).expect("it writes again");
    assert_eq!(answers, [Err(CommitError::Fenced(one))], "a state from before may stand on what was lost");
    let one = store.fence(session(1));
    assert_eq!(take(&store, commit(session(1), one, 2)), Position(2), "no position is left out");
}

#[test]
fn what_was_written_before_a_later_batch_failed_is_acknowledged() {
    let (engine, store) = memory();
    let group: Vec<_> = (0..700).map(|n| commit(session(n), store.fence(session(n)), 1)).collect();
    engine.fail_after(1);
    let answers = store.commit(&group, &[]).expect("the first batch was written");
    let written = answers.iter().take_while(|answer| answer.is_ok()).count();
    assert!((1..700).contains(&written));
    assert!(answers[written..].iter().all(|answer| matches!(answer, Err(CommitError::NotWritten { .. }))));
    assert_eq!(store.position(), Position(written as u64));
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(store.load(session(n as u128)).expect("it loads").seq, u64::from(answer.is_ok()));
    }
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_room() {
    let (engine, store) = memory();
    engine.set_full(true);
    let failure = store.commit(&[commit(session(1), store.fence(session(1)), 1)], &[]);
    assert!(matches!(failure, Err(StoreError::Engine(EngineError::Full(_)))), "{failure:?}");
    assert!(store.stats().last_error.is_some_and(|why| why.contains("full")));
    assert!(store.revive().is_err(), "there is no room yet");
    engine.set_full(false);
    store.revive().expect("it writes again");
    assert_eq!(store.stats().last_error, None);
    take(&store, commit(session(1), store.fence(session(1)), 1));
}

/// An engine that applies a write and then says that it failed, as a disk does whose sync fails.
struct Unsure(MemoryEngine, std::sync::atomic::AtomicBool);

impl Engine for Unsure {
    fn name(&self) -> &'static str {
        "unsure"
    }
    fn write(&self, ops: &[Op]) -> Result<(), EngineError> {
        self.0.write(ops)?;
        match self.1.load(std::sync::atomic::Ordering::Relaxed) {
            true => Err(EngineError::Waiting { why: "the sync failed".into() }),
            false => Ok(()),
        }
    }
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.get(key)
    }
    fn scan(&self, range: KeyRange, order: Order, limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, EngineError> {
        self.0.scan(range, order, limit)
    }
    fn revive(&self) -> Result<(), EngineError> {
        self.1.store(false, std::sync::atomic::Ordering::Relaxed);
        self.0.revive()
    }
    fn stats(&self) -> EngineStats {
        let failed = self.1.load(std::sync::atomic::Ordering::Relaxed).then(|| "the sync failed".to_owned());
        EngineStats { last_error: failed, ..self.0.stats() }
    }
}

#[test]
fn rows_that_are_not_durable_are_not_shown() {
    let engine = Arc::new(Unsure(MemoryEngine::new(), false.into()));
    let store = Store::with_engine(engine.clone()).expect("it opens");
    let epoch = store.fence(session(1));
    take(&store, commit(session(1), epoch, 1));
    engine.1.store(true, std::sync::atomic::Ordering::Relaxed);
    let unsure = Commit { deltas: vec![delta(id(1), 1, "a")], ..commit(session(1), epoch, 2) };
    store.commit(&[unsure], &[]).expect_err("it is not durable");
    let loaded = store.load(session(1)).expect("reads go on");
    assert_eq!((loaded.seq, loaded.records.len(), loaded.deltas.len()), (1, 1, 0));
    assert_eq!(store.records(session(1), 1, 9).expect("read").len(), 1);
    assert_eq!(store.records_after(session(1), Position(0), 9).expect("read").len(), 1);
    // The write was there after all: from now on it counts, and its position is not given twice.
    store.revive().expect("it writes again");
    assert_eq!(store.position(), Position(2));
    let loaded = store.load(session(1)).expect("it loads");
    assert_eq!((loaded.seq, loaded.deltas.len()), (2, 1));
    assert_eq!(take(&store, commit(session(1), store.fence(session(1)), 3)), Position(3));
}
