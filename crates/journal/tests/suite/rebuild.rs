//! Rebuilding gives what was there: timers, summaries, pages, and the effects that are still wanted.

use tenure_journal::engine::{KeyRange, Op, Order};
use tenure_journal::{
    Commit, EffectId, Engine, NewRecord, Rebuilt, Snapshot, Store, SummaryChange, Timer, TimerChange,
};
use tenure_model::{Delta, Entity, Kind, Record, Row, SummaryKey, Timestamp};
use uuid::Uuid;

use crate::kit::{id, on_both, session, take};
use crate::notes::{Ask, Noted, Notes};

/// Writes an entity with `notes` records as a host would.
fn write(store: &Store, n: u128, notes: u64) {
    let key = session(n);
    let epoch = store.fence(key);
    let mut state = Notes::default();
    for seq in 1..=notes {
        let event = Noted("x".repeat(seq as usize % 4));
        state.apply(&event, Timestamp(seq));
        let record = Record::<Notes> { seq, at: Timestamp(seq), events: vec![event], effects: vec![Ask(seq as usize)] };
        let mut commit = Commit { record: Some(NewRecord::of(&record)), ..Commit::new(key, epoch) };
        if seq == notes {
            commit.deltas.push(Delta { stream: id(9), number: 1, body: "streamed".into() });
            state.absorb(&commit.deltas[0]);
        }
        state.index(&mut commit);
        if seq == notes / 2 {
            let body = serde_json::to_vec(&state).expect("a state");
            commit.snapshot = Some(Snapshot { seq, body });
        }
        take(store, commit);
        let unwanted = EffectId { key, seq, n: 0 };
        if !state.wants(&Ask(seq as usize)) {
            store.commit(&[], &[unwanted]).expect("struck out");
        }
    }
}

fn index_rows(engine: &dyn Engine) -> Vec<(Vec<u8>, Vec<u8>)> {
    let family = |family: u8| engine.scan(KeyRange::prefix(&[family]), Order::Up, usize::MAX).expect("read");
    [b'g', b'o', b's', b't'].into_iter().flat_map(family).collect()
}

#[test]
fn dropping_every_index_and_rebuilding_gives_what_was_there() {
    on_both(|home| {
        {
            let store = home.store();
            (1..=9).for_each(|n| write(&store, n, 3 + n as u64 * 2));
        }
        let before = {
            let engine = home.engine();
            let before = index_rows(&*engine);
            let drops: Vec<_> = before.iter().map(|(key, _)| Op::Delete(key.clone())).collect();
            drops.chunks(400).for_each(|drops| engine.write(drops).expect("dropped"));
            assert!(index_rows(&*engine).is_empty());
            before
        };
        assert!(before.len() > 9 * 20, "there is something to rebuild");
        {
            let store = home.store();
            let rebuilt = store.rebuild::<Notes>().expect("rebuilt");
            assert_eq!(rebuilt, Rebuilt { entities: 9, written: before.len(), ..Rebuilt::default() });
            let again = store.rebuild::<Notes>().expect("rebuilt");
            assert_eq!(again, Rebuilt { entities: 9, ..Rebuilt::default() }, "a second run finds nothing to do");
        }
        assert_eq!(index_rows(&*home.engine()), before);
    });
}

#[test]
fn rows_that_should_not_be_there_go_and_other_kinds_keep_theirs() {
    on_both(|home| {
        let before;
        {
            let store = home.store();
            write(&store, 1, 5);
            drop(store);
            before = index_rows(&*home.engine());
        }
        {
            let store = home.store();
            let stray =
                SummaryKey { owner: Uuid::from_u128(2).into(), list: "notes".into(), rank: Timestamp(1), id: id(4) };
            let summaries = vec![SummaryChange { key: stray.clone(), row: Some(Row::of(&1)) }];
            let timer = Some(TimerChange::Set(Timer { at: Timestamp(1), claims: true }));
            take(&store, Commit { summaries, timer, ..Commit::new(session(7), store.fence(session(7))) });
            let realm = tenure_model::EntityKey::new(Kind::Realm, Uuid::nil());
            take(&store, Commit { timer, ..Commit::new(realm, store.fence(realm)) });
            let rebuilt = store.rebuild::<Notes>().expect("rebuilt");
            assert_eq!((rebuilt.written, rebuilt.removed), (0, 2));
            assert_eq!(store.timer(realm).expect("read"), Some(Timer { at: Timestamp(1), claims: true }));
            take(&store, Commit { timer: Some(TimerChange::Clear), ..Commit::new(realm, store.fence(realm)) });
        }
        assert_eq!(index_rows(&*home.engine()), before);
    });
}

#[test]
fn a_damaged_entity_is_named_and_its_rows_are_left_alone() {
    on_both(|home| {
        {
            let store = home.store();
            write(&store, 1, 5);
            write(&store, 2, 5);
        }
        let before = {
            let engine = home.engine();
            let key = [b"r", &session(1).to_bytes()[..], &2_u64.to_be_bytes()].concat();
            engine.write(&[Op::Delete(key)]).expect("damaged");
            index_rows(&*engine)
        };
        let rebuilt = home.store().rebuild::<Notes>().expect("rebuilt");
        assert_eq!(rebuilt, Rebuilt { entities: 2, damaged: vec![session(1)], ..Rebuilt::default() });
        assert_eq!(index_rows(&*home.engine()), before);
    });
}
