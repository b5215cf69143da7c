//! Damage stays small: one entity's broken rows keep that entity shut, and no other; a broken log is an error, no panic.

use std::fs;

use tenure_journal::engine::{KeyRange, MemoryEngine, Op, Order};
use tenure_journal::{
    Commit, Engine, EngineError, Position, SetAside, Snapshot, Store, StoreError, Timer, TimerChange,
};
use tenure_model::{EntityKey, Timestamp};

use crate::kit::{Dice, Home, commit, delta, id, long, on_both, options, record, session, take};

/// Two entities with five records each, and deltas; the second also has a snapshot of three.
fn fill(store: &Store) {
    for n in [1, 2] {
        let epoch = store.fence(session(n));
        for seq in 1..=5 {
            take(store, commit(session(n), epoch, seq));
        }
        let deltas = vec![delta(id(1), 1, "text")];
        let timer = Some(TimerChange::Set(Timer { at: Timestamp(9), claims: false }));
        take(store, Commit { deltas, timer, ..Commit::new(session(n), epoch) });
    }
    let snapshot = Some(Snapshot { seq: 3, body: b"{}".to_vec() });
    take(store, Commit { snapshot, ..Commit::new(session(2), store.fence(session(2))) });
}

/// Returns the rows of an entity in a family.
fn rows(engine: &dyn Engine, family: u8, key: EntityKey) -> Vec<(Vec<u8>, Vec<u8>)> {
    let prefix = [&[family], &key.to_bytes()[..]].concat();
    engine.scan(KeyRange::prefix(&prefix), Order::Up, usize::MAX).expect("read")
}

/// Flips one bit of a row.
fn flip(engine: &dyn Engine, (key, mut value): (Vec<u8>, Vec<u8>), dice: &mut Dice) {
    let bit = dice.below(value.len() as u64 * 8) as usize;
    value[bit / 8] ^= 1 << (bit % 8);
    engine.write(&[Op::Put(key, value)]).expect("written");
}

#[track_caller]
fn damaged(store: &Store, n: u128, what: &str) {
    match store.load(session(n)) {
        Err(StoreError::Damaged { key, what: found }) => {
            assert_eq!(key, session(n));
            assert!(found.contains(what), "{found}");
            assert_eq!(store.set_aside(), [SetAside { key, what: found }]);
        }
        other => panic!("expected damage, got {other:?}"),
    }
}

#[test]
fn a_flipped_bit_in_a_record_or_a_delta_sets_that_entity_aside_and_no_other() {
    let mut dice = Dice::new();
    for (family, what) in [(b'r', "record"), (b'd', "delta")] {
        let homes = [Home::Memory(MemoryEngine::new()), Home::Sled(tempfile::tempdir().expect("a folder"))];
        for home in homes {
            fill(&home.store());
            {
                let engine = home.engine();
                let all = rows(&*engine, family, session(1));
                let hit = dice.below(all.len() as u64) as usize;
                flip(&*engine, all[hit].clone(), &mut dice);
            }
            let store = home.store();
            damaged(&store, 1, what);
            assert_eq!(store.load(session(2)).expect("the other one loads").seq, 5);
            assert_eq!(take(&store, commit(session(2), store.fence(session(2)), 6)), Position(14));
        }
    }
}

#[test]
fn a_missing_record_is_a_hole_and_no_shorter_journal() {
    on_both(|home| {
        fill(&home.store());
        {
            let engine = home.engine();
            let (key, _) = rows(&*engine, b'r', session(1)).remove(2);
            engine.write(&[Op::Delete(key)]).expect("written");
        }
        let store = home.store();
        damaged(&store, 1, "record 3 is missing");
        assert!(matches!(store.records(session(1), 2, 9), Err(StoreError::Damaged { .. })));
        assert_eq!(store.records(session(1), 4, 9).expect("pages beyond it are fine").len(), 2);
    });
}

#[test]
fn a_journal_that_ends_before_its_snapshot_is_damaged() {
    on_both(|home| {
        fill(&home.store());
        {
            let engine = home.engine();
            let gone: Vec<_> =
                rows(&*engine, b'r', session(2)).into_iter().skip(2).map(|(key, _)| Op::Delete(key)).collect();
            engine.write(&gone).expect("written");
        }
        damaged(&home.store(), 2, "before its snapshot");
    });
}

#[test]
fn a_damaged_snapshot_falls_back_to_the_records() {
    let mut dice = Dice::new();
    for home in [Home::Memory(MemoryEngine::new()), Home::Sled(tempfile::tempdir().expect("a folder"))] {
        fill(&home.store());
        {
            let engine = home.engine();
            let snapshot = rows(&*engine, b'n', session(2)).remove(0);
            flip(&*engine, snapshot, &mut dice);
        }
        let loaded = home.store().load(session(2)).expect("it loads");
        assert_eq!((loaded.snapshot, loaded.records.len()), (None, 5));
    }
}

#[test]
fn a_damaged_piece_of_a_large_body_is_found_by_its_hash() {
    on_both(|home| {
        {
            let store = home.store();
            let epoch = store.fence(session(1));
            take(&store, Commit { record: Some(record(1, 300_000)), ..Commit::new(session(1), epoch) });
        }
        {
            let engine = home.engine();
            let (key, mut piece) = rows(&*engine, b'b', session(1)).remove(1);
            piece[5_000] ^= 1;
            engine.write(&[Op::Put(key, piece)]).expect("written");
        }
        damaged(&home.store(), 1, "large body");
    });
}

#[test]
fn a_damaged_index_row_is_skipped() {
    let mut dice = Dice::new();
    for home in [Home::Memory(MemoryEngine::new()), Home::Sled(tempfile::tempdir().expect("a folder"))] {
        fill(&home.store());
        {
            let engine = home.engine();
            let timer = rows(&*engine, b't', session(1)).remove(0);
            flip(&*engine, timer, &mut dice);
        }
        let store = home.store();
        assert_eq!(store.timers().expect("read").len(), 1);
        assert_eq!(store.load(session(1)).expect("it loads").timer, None);
    }
}

#[test]
fn a_damaged_page_of_the_log_is_an_error_and_never_a_panic_or_a_silent_loss() {
    let mut dice = Dice::new();
    let folder = tempfile::tempdir().expect("a folder");
    {
        let store = Store::open(options(folder.path())).expect("it opens");
        for n in 0..40 {
            let epoch = store.fence(session(n));
            for seq in 1..=10 {
                take(&store, Commit { record: Some(record(seq, 3_000)), ..Commit::new(session(n), epoch) });
            }
        }
    }
    let sound = fs::read(folder.path().join("db")).expect("read");
    let snapshots: Vec<_> = fs::read_dir(folder.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")))
        .collect();
    let mut refused = 0;
    for _ in 0..if long() { 100 } else { 12 } {
        snapshots.iter().for_each(|path| drop(fs::remove_file(path)));
        let mut damaged = sound.clone();
        let page = dice.below(sound.len() as u64 / 4_096) as usize * 4_096;
        damaged[page..page + 4_096].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(folder.path().join("db"), &damaged).expect("written");
        match Store::open(options(folder.path())) {
            Err(StoreError::Engine(EngineError::Unopenable { why, .. })) => {
                assert!(!why.is_empty());
                refused += 1;
            }
            Err(other) => panic!("page {page}: an unclear error: {other}"),
            Ok(store) => {
                for n in 0..40 {
                    match store.load(session(n)) {
                        Ok(loaded) => {
                            assert_eq!(loaded.seq, 10, "page {page}: entity {n} is cut short, and nobody says so")
                        }
                        Err(StoreError::Damaged { .. } | StoreError::Engine(EngineError::Damaged { .. })) => {}
                        Err(other) => panic!("page {page}: an unclear error: {other}"),
                    }
                }
            }
        }
    }
    println!("{refused} damaged logs were refused");
    fs::write(folder.path().join("db"), &sound).expect("written");
}
