//! Compaction: what has outlived its use goes, what is kept stays, and the journal is whole whatever happens in between.

use std::sync::Arc;

use tenure_journal::engine::{KeyRange, MemoryEngine, Op, Order};
use tenure_journal::{Commit, EffectId, NewRecord, Outlived, Rebuilt, Snapshot, Store, StoreError};
use tenure_model::{Entity, Record, Timestamp};

use crate::kit::{Dice, Home, id, on_both, session, take};
use crate::notes::{Ask, Noted, Notes};

const ALL: Outlived = Outlived { before: Timestamp(u64::MAX), records_max: u64::MAX, needed_from: u64::MAX };
/// An effect that a rebuild leaves out, so that struck ones do not come back.
const UNWANTED: Ask = Ask(1);

/// An entity in one life, and what it should hold.
struct Written {
    store: Store,
    state: Notes,
    /// The notes of all records, whether they are still there or not.
    notes: Vec<String>,
    floor: u64,
}

impl Written {
    fn new(store: Store) -> Self {
        Self { store, state: Notes::default(), notes: vec![], floor: 0 }
    }

    fn last(&self) -> u64 {
        self.notes.len() as u64
    }

    fn note(&mut self, note: &str, effects: usize) {
        let seq = self.last() + 1;
        let event = Noted(note.to_owned());
        self.state.apply(&event, Timestamp(seq));
        self.notes.push(note.to_owned());
        let at = Timestamp(seq);
        let record = Record::<Notes> { seq, at, events: vec![event], effects: vec![UNWANTED; effects] };
        self.commit(|commit| commit.record = Some(NewRecord::of(&record)));
    }

    fn snapshot(&mut self) {
        let body = serde_json::to_vec(&self.state).expect("a state");
        let seq = self.last();
        self.commit(|commit| commit.snapshot = Some(Snapshot { seq, body }));
    }

    fn commit(&self, fill: impl FnOnce(&mut Commit)) {
        let mut commit = Commit::new(session(1), self.store.fence(session(1)));
        fill(&mut commit);
        self.state.index(&mut commit);
        take(&self.store, commit);
    }

    fn strike(&self) {
        let waiting = self.store.outbox_of(session(1)).expect("read");
        let waiting: Vec<EffectId> = waiting.into_iter().map(|(id, _)| id).collect();
        self.store.commit(&[], &waiting).expect("struck out");
    }

    /// Takes away what has outlived its use, and returns the floor.
    fn compact(&mut self, outlived: &Outlived) -> u64 {
        let end = self.store.compactable(session(1), outlived).expect("judged");
        while self.store.compact::<Notes>(session(1), end).expect("compacted") {}
        self.floor = self.store.floor(session(1)).expect("read");
        self.floor
    }

    /// Compares everything that can be read with what should be there.
    fn check(&self) {
        let store = &self.store;
        let floor = self.floor as usize;
        let loaded = store.load(session(1)).expect("it loads");
        assert_eq!(loaded.seq, self.last());
        let mut state: Notes = match &loaded.snapshot {
            Some(snapshot) => serde_json::from_slice(&snapshot.body).expect("a state"),
            None => Notes::default(),
        };
        for stored in &loaded.records {
            let record: Record<Notes> = serde_json::from_slice(&stored.body).expect("a record");
            record.events.iter().for_each(|event| state.apply(event, record.at));
        }
        assert!(state.notes == self.notes, "the state is what all records say");
        let seqs = |records: Vec<tenure_journal::StoredRecord>| records.iter().map(|r| r.seq).collect::<Vec<_>>();
        let above: Vec<u64> = (self.floor + 1..=self.last()).collect();
        assert_eq!(seqs(store.records(session(1), 1, usize::MAX).expect("read")), above);
        assert_eq!(seqs(store.records_after(session(1), Default::default(), usize::MAX).expect("read")), above);
        let is_there = |seq: u64| seq > self.floor || self.notes[seq as usize - 1] == "for good";
        for seq in 1..=self.last() {
            assert_eq!(store.record(session(1), seq).expect("read").is_some(), is_there(seq), "{seq} over {floor}");
        }
        for page in [0, 1] {
            let on_page = |seq: &u64| {
                let length = self.notes[*seq as usize - 1].len() as u128;
                is_there(*seq) && length > 0 && length % 2 == page
            };
            let expected: Vec<u64> = (1..=self.last()).rev().filter(on_page).collect();
            assert_eq!(seqs(store.page(session(1), id(page), None, usize::MAX).expect("read")), expected);
        }
    }
}

#[test]
fn what_has_outlived_its_use_goes() {
    on_both(|home| {
        let mut written = Written::new(home.store());
        for n in 0..40 {
            written.note(if n % 10 == 0 { "for good" } else { "note" }, 0);
        }
        assert_eq!(written.compact(&ALL), 0, "no snapshot stands for anything yet");
        written.snapshot();
        written.note("later", 0);
        assert_eq!(written.compact(&Outlived { before: Timestamp(11), ..ALL }), 10, "by age");
        written.check();
        assert_eq!(written.compact(&Outlived { before: Timestamp(0), records_max: 21, ..ALL }), 20, "by number");
        assert_eq!(written.compact(&Outlived { before: Timestamp(5), ..ALL }), 20, "a floor is never lowered");
        assert_eq!(written.compact(&Outlived { needed_from: 26, ..ALL }), 25, "what the state stands on stays");
        written.check();
        assert_eq!(written.compact(&ALL), 40, "what came after the snapshot stays");
        written.check();
        assert_eq!(written.store.rebuild::<Notes>().expect("rebuilt"), Rebuilt { entities: 1, ..Rebuilt::default() });
    });
}

#[test]
fn what_is_waited_for_and_the_last_record_stay() {
    on_both(|home| {
        let mut written = Written::new(home.store());
        (0..9).for_each(|n| written.note("note", usize::from(n == 4)));
        written.snapshot();
        assert_eq!(written.compact(&ALL), 4, "an effect of the fifth waits");
        written.strike();
        assert_eq!(written.compact(&ALL), 8, "the last tells where the journal ends");
        written.check();
    });
}

#[test]
fn large_records_go_with_their_bytes() {
    on_both(|home| {
        {
            let mut written = Written::new(home.store());
            for _ in 0..150 {
                written.note(&"x".repeat(70_000), 0);
            }
            written.snapshot();
            written.note("last", 0);
            written.compact(&ALL);
            written.check();
            while written.store.sweep().expect("swept") > 0 {}
            written.check();
        }
        let blobs = home.engine().scan(KeyRange::prefix(b"b"), Order::Up, usize::MAX).expect("read");
        let snapshot = 150 * 70_000 / (64 << 10) + 1;
        assert!(blobs.len() <= snapshot + 10, "{} pieces are left, of a snapshot with {snapshot}", blobs.len());
    });
}

/// Plays random steps, reopening now and then, and checks after each group of them.
fn play(home: &Home, steps: usize) {
    let mut dice = Dice::new();
    let mut written = Written::new(home.store());
    for step in 0..steps {
        match dice.below(12) {
            0 => written.snapshot(),
            1 => written.strike(),
            2 | 3 => {
                let before = Timestamp(dice.below(written.last() + 2));
                let records_max = dice.below(written.last() + 2);
                let needed_from = 1 + dice.below(written.last() + 2);
                written.compact(&Outlived { before, records_max, needed_from });
            }
            4 => written.note("for good", 0),
            5 => written.note(&"x".repeat(70_000), 0),
            6 => written.note("", 1),
            _ => written.note(&"x".repeat(dice.below(9) as usize), 0),
        }
        if step % 20 == 19 {
            let Written { store, state, notes, floor } = written;
            drop(store);
            written = Written { store: home.store(), state, notes, floor };
            written.check();
        }
    }
    written.strike();
    let rebuilt = written.store.rebuild::<Notes>().expect("rebuilt");
    assert_eq!((rebuilt.written, rebuilt.removed, rebuilt.damaged), (0, 0, vec![]));
}

#[test]
fn random_compaction_leaves_what_should_be_there() {
    play(&Home::Memory(MemoryEngine::new()), 400);
    play(&Home::Sled(tempfile::tempdir().expect("a folder")), 120);
}

#[test]
fn a_compaction_that_is_cut_off_anywhere_can_be_finished() {
    for writes in 0.. {
        let engine = MemoryEngine::new();
        let mut written = Written::new(Store::with_engine(Arc::new(engine.clone())).expect("it opens"));
        for n in 0..250 {
            let filling = if n == 7 { 70_000 } else { 3 };
            written.note(&"x".repeat(filling), 0);
        }
        written.snapshot();
        let end = written.store.compactable(session(1), &ALL).expect("judged");
        engine.fail_after(writes);
        let mut cut_off = false;
        loop {
            match written.store.compact::<Notes>(session(1), end) {
                Ok(true) => {}
                Ok(false) => break,
                Err(StoreError::Engine(_)) => {
                    cut_off = true;
                    break;
                }
                Err(other) => panic!("{other}"),
            }
        }
        if !cut_off {
            assert!(writes > 3, "it takes some writes");
            return;
        }
        written.store.revive().expect("it writes again");
        written.floor = written.store.floor(session(1)).expect("read");
        let loaded = written.store.load(session(1)).expect("it loads");
        assert_eq!((loaded.seq, loaded.records.len()), (250, 0));
        written.compact(&ALL);
        assert_eq!(written.floor, 249);
        written.check();
        let rebuilt = written.store.rebuild::<Notes>().expect("rebuilt");
        assert_eq!(rebuilt, Rebuilt { entities: 1, ..Rebuilt::default() });
    }
}

#[test]
fn a_journal_with_a_floor_is_damaged_without_its_snapshot_or_its_floor() {
    for family in [b"n", b"f"] {
        on_both(|home| {
            {
                let mut written = Written::new(home.store());
                (0..9).for_each(|_| written.note("note", 0));
                written.snapshot();
                written.compact(&ALL);
            }
            {
                let engine = home.engine();
                let (key, _) = engine.scan(KeyRange::prefix(family), Order::Up, 1).expect("read").remove(0);
                let change = if family == b"n" { Op::Delete(key) } else { Op::Put(key, b"broken".to_vec()) };
                engine.write(&[change]).expect("written");
            }
            let damage = home.store().load(session(1)).expect_err("it is damaged").to_string();
            let why = if family == b"n" { "no snapshot stands for them" } else { "the floor does not verify" };
            assert!(damage.contains(why), "{damage}");
        });
    }
}

#[test]
fn readers_see_whole_pages_while_records_go() {
    let home = Home::Memory(MemoryEngine::new());
    let mut written = Written::new(home.store());
    (0..3_000).for_each(|_| written.note("note", 0));
    written.snapshot();
    let store = written.store.clone();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut reads = 0;
            loop {
                let records = store.records(session(1), 1, 300).expect("no damage");
                let first = records.first().expect("the last one stays").seq;
                assert!(records.iter().map(|record| record.seq).eq(first..first + records.len() as u64));
                store.first_since(session(1), Timestamp(1_500)).expect("no damage");
                store.page(session(1), id(0), None, 50).expect("no damage");
                reads += 1;
                if first > 2_900 {
                    return reads;
                }
            }
        });
        written.compact(&ALL);
        assert!(reader.join().expect("the reader ends") > 0);
    });
}
