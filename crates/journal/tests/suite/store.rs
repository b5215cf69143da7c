//! The rules of a commit: who may write, in which order, and what others notice of a refusal.

use tenure_journal::{Commit, CommitError, Epoch, Position, Snapshot};

use crate::kit::{commit, on_both, record, session, take, write};

#[test]
fn what_was_committed_is_loaded_after_a_reopening() {
    on_both(|home| {
        {
            let store = home.store();
            let epoch = store.fence(session(1));
            for seq in 1..=5 {
                take(&store, commit(session(1), epoch, seq));
            }
        }
        let store = home.store();
        let loaded = store.load(session(1)).expect("it loads");
        assert_eq!((loaded.seq, loaded.position, store.position()), (5, Position(5), Position(5)));
        let bodies: Vec<_> = (1..=5).map(|seq| record(seq, 0).body).collect();
        assert_eq!(loaded.records.iter().map(|record| record.body.clone()).collect::<Vec<_>>(), bodies);
        assert_eq!(
            store.load(session(2)).expect("it loads"),
            Default::default(),
            "one that never was loads as nothing"
        );
        let epoch = store.fence(session(1));
        take(&store, commit(session(1), epoch, 6));
    });
}

#[test]
fn positions_rise_by_one_over_all_entities_in_the_order_of_the_group() {
    on_both(|home| {
        let store = home.store();
        let epochs = [1, 2, 3].map(|n| (session(n), store.fence(session(n))));
        let mut expected = 0;
        for seq in 1..=20 {
            let group: Vec<_> = epochs.iter().map(|(key, epoch)| commit(*key, *epoch, seq)).collect();
            for answer in write(&store, &group) {
                expected += 1;
                assert_eq!(answer, Ok(Position(expected)));
            }
        }
        assert_eq!(store.position(), Position(expected));
    });
}

#[test]
fn a_position_that_was_given_is_durable_even_when_nothing_else_was_written() {
    on_both(|home| {
        {
            let store = home.store();
            let nothing = Commit::new(session(1), store.fence(session(1)));
            assert_eq!(write(&store, &[nothing]), [Ok(Position(1))]);
            assert_eq!(store.position(), Position(1));
        }
        assert_eq!(home.store().position(), Position(1));
    });
}

#[test]
fn an_earlier_life_is_refused_and_the_later_one_is_not_disturbed() {
    on_both(|home| {
        let store = home.store();
        let old = store.fence(session(1));
        take(&store, commit(session(1), old, 1));
        let new = store.fence(session(1));
        let answers = write(&store, &[commit(session(1), old, 2), commit(session(1), new, 2)]);
        assert_eq!(answers, [Err(CommitError::Fenced(old)), Ok(Position(2))]);
        store.release(session(1), old);
        take(&store, commit(session(1), new, 3));
        store.release(session(1), new);
        assert_eq!(write(&store, &[commit(session(1), new, 4)]), [Err(CommitError::Fenced(new))]);
    });
}

#[test]
fn an_entity_that_was_never_fenced_cannot_be_written() {
    on_both(|home| {
        let answers = write(&home.store(), &[commit(session(1), Epoch(1), 1)]);
        assert_eq!(answers, [Err(CommitError::Fenced(Epoch(1)))]);
    });
}

#[test]
fn a_wrong_number_is_a_conflict_that_ends_this_life_and_disturbs_no_other() {
    on_both(|home| {
        let store = home.store();
        let (one, two) = (store.fence(session(1)), store.fence(session(2)));
        let answers = write(
            &store,
            &[
                commit(session(1), one, 1),
                commit(session(2), two, 2),
                commit(session(1), one, 2),
                // Decided on top of the refused one, so it must not stand.
                Commit { record: None, ..commit(session(2), two, 1) },
                commit(session(1), one, 3),
            ],
        );
        let conflict = CommitError::Conflict { expected: 1, found: 2 };
        let fenced = CommitError::Fenced(two);
        assert_eq!(answers, [Ok(Position(1)), Err(conflict), Ok(Position(2)), Err(fenced), Ok(Position(3))]);
        assert_eq!(store.load(session(2)).expect("it loads").seq, 0);
        let two = store.fence(session(2));
        take(&store, commit(session(2), two, 1));
    });
}

#[test]
fn a_repeated_number_is_a_conflict() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        take(&store, commit(session(1), epoch, 1));
        let answers = write(&store, &[commit(session(1), epoch, 1)]);
        assert_eq!(answers, [Err(CommitError::Conflict { expected: 2, found: 1 })]);
    });
}

#[test]
fn a_group_larger_than_a_batch_is_written_whole() {
    on_both(|home| {
        let keys: Vec<_> = (0..700).map(session).collect();
        {
            let store = home.store();
            let group: Vec<_> = keys.iter().map(|key| commit(*key, store.fence(*key), 1)).collect();
            assert!(write(&store, &group).iter().all(Result::is_ok));
        }
        let store = home.store();
        assert_eq!(store.position(), Position(700));
        assert!(keys.iter().all(|key| store.load(*key).is_ok_and(|loaded| loaded.seq == 1)));
    });
}

#[test]
fn records_are_read_in_pages_both_ways_and_by_position() {
    on_both(|home| {
        let store = home.store();
        let (one, two) = (store.fence(session(1)), store.fence(session(2)));
        for seq in 1..=30 {
            write(&store, &[commit(session(1), one, seq), commit(session(2), two, seq)]);
        }
        let seqs = |records: Vec<tenure_journal::StoredRecord>| records.iter().map(|r| r.seq).collect::<Vec<_>>();
        let read = |from, limit| seqs(store.records(session(2), from, limit).expect("read"));
        assert_eq!(read(0, 3), [1, 2, 3]);
        assert_eq!(read(29, 9), [29, 30]);
        assert!(read(31, 9).is_empty());
        // Entity 2 has the even positions: record n stands at position 2n.
        let after = |position, limit| seqs(store.records_after(session(2), Position(position), limit).expect("read"));
        assert_eq!(after(0, 2), [1, 2]);
        assert_eq!(after(20, 2), [11, 12]);
        assert_eq!(after(21, 2), [11, 12]);
        assert_eq!(after(59, 2), [30]);
        assert!(after(60, 2).is_empty() && after(1_000, 2).is_empty());
        assert!(store.records_after(session(3), Position(0), 9).expect("read").is_empty());
    });
}

#[test]
fn a_snapshot_stands_for_the_records_up_to_it() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        for seq in 1..=4 {
            take(&store, commit(session(1), epoch, seq));
        }
        let snapshot = |seq, body: &str| Some(Snapshot { seq, body: body.as_bytes().to_vec() });
        let mut with = Commit { snapshot: snapshot(3, "{\"a\":3}"), ..Commit::new(session(1), epoch) };
        take(&store, with.clone());
        let loaded = store.load(session(1)).expect("it loads");
        assert_eq!(loaded.snapshot, snapshot(3, "{\"a\":3}"));
        assert_eq!(loaded.records.iter().map(|record| record.seq).collect::<Vec<_>>(), [4]);
        assert_eq!((loaded.seq, loaded.position), (4, Position(4)));
        with.snapshot = snapshot(4, "{\"a\":4}");
        take(&store, with.clone());
        let loaded = store.load(session(1)).expect("it loads");
        assert!(loaded.records.is_empty() && loaded.snapshot == snapshot(4, "{\"a\":4}"));
        with.snapshot = snapshot(5, "{}");
        assert!(matches!(write(&store, &[with])[0], Err(CommitError::Invalid { .. })), "it is ahead of the journal");
    });
}
