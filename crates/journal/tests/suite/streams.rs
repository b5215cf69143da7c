//! Streamed text: deltas have positions, go when their stream is closed, and are swept in pieces.

use tenure_journal::{Commit, CommitError, Position};

use crate::kit::{commit, delta, id, on_both, record, session, take, write};

#[test]
fn deltas_are_read_by_stream_and_number_with_their_positions() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        take(&store, commit(session(1), epoch, 1));
        let only = |deltas| Commit { deltas, ..Commit::new(session(1), epoch) };
        take(&store, only(vec![delta(id(2), 7, "b")]));
        take(&store, only(vec![delta(id(1), 3, "a"), delta(id(1), 300, "c")]));
        take(&store, only(vec![delta(id(2), 8, &"long ".repeat(3_000))]));
        let deltas = store.deltas(session(1)).expect("read");
        let found: Vec<_> = deltas.iter().map(|d| (d.delta.stream, d.delta.number, d.position.0)).collect();
        assert_eq!(found, [(id(1), 3, 3), (id(1), 300, 3), (id(2), 7, 2), (id(2), 8, 4)]);
        assert_eq!(deltas[3].delta.body, "long ".repeat(3_000));
        let after = store.deltas_after(session(1), Position(3)).expect("read");
        assert_eq!(after, deltas[3..]);
        let loaded = store.load(session(1)).expect("it loads");
        assert_eq!((loaded.deltas, loaded.seq, loaded.position), (deltas, 1, Position(4)));
        assert!(store.deltas(session(2)).expect("read").is_empty());
    });
}

#[test]
fn closing_a_stream_takes_its_deltas_and_leaves_the_others() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        let deltas = vec![delta(id(1), 1, "a"), delta(id(2), 1, "b")];
        take(&store, Commit { deltas, ..Commit::new(session(1), epoch) });
        let closing =
            Commit { closes: vec![id(1)], deltas: vec![delta(id(1), 2, "late")], ..commit(session(1), epoch, 1) };
        // The deltas of the same group go as well, and what its own commit still said.
        let group = [Commit { deltas: vec![delta(id(1), 3, "c")], ..Commit::new(session(1), epoch) }, closing];
        write(&store, &group);
        let left: Vec<_> = store.load(session(1)).expect("it loads").deltas.into_iter().map(|d| d.delta.body).collect();
        assert_eq!(left, ["b"]);
    });
}

#[test]
fn a_long_stream_is_hidden_at_once_and_swept_over_later_commits_and_starts() {
    on_both(|home| {
        let epoch_of = |store: &tenure_journal::Store| store.fence(session(1));
        let before;
        {
            let store = home.store();
            let epoch = epoch_of(&store);
            take(&store, commit(session(1), epoch, 1));
            before = store.size_of(session(1)).expect("a size");
            for first in 0..5 {
                let deltas = (0..300).map(|n| delta(id(1), first * 300 + n, "text")).collect();
                take(&store, Commit { deltas, ..Commit::new(session(1), epoch) });
            }
            take(&store, Commit { record: Some(record(2, 0)), closes: vec![id(1)], ..Commit::new(session(1), epoch) });
            assert!(store.load(session(1)).expect("it loads").deltas.is_empty(), "hidden at once");
            assert!(store.size_of(session(1)).expect("a size") > before + 10_000, "but not gone at once");
            take(&store, commit(session(1), epoch, 3));
        }
        let store = home.store();
        assert!(store.load(session(1)).expect("it loads").deltas.is_empty(), "hidden after a start");
        let epoch = epoch_of(&store);
        for seq in 4..=10 {
            take(&store, commit(session(1), epoch, seq));
        }
        while store.sweep().expect("it sweeps") > 0 {}
        assert!(store.size_of(session(1)).expect("a size") < before * 12, "all of it is gone");
    });
}

#[test]
fn a_delta_or_a_commit_that_is_too_large_is_refused_with_the_limit() {
    on_both(|home| {
        let store = home.store();
        let (one, two) = (store.fence(session(1)), store.fence(session(2)));
        let large = delta(id(1), 1, &"x".repeat((1 << 20) + 1));
        let many = (0..600).map(|n| delta(id(1), n, "x")).collect();
        let answers = write(
            &store,
            &[
                Commit { deltas: vec![large], ..Commit::new(session(1), one) },
                Commit { deltas: many, ..Commit::new(session(2), two) },
            ],
        );
        let limits = [("a delta in bytes", 1 << 20), ("a commit in rows", 499)];
        for (answer, (what, limit)) in answers.into_iter().zip(limits) {
            assert!(
                matches!(answer, Err(CommitError::TooLarge { what: w, limit: l, .. }) if (w, l) == (what, limit)),
                "{answer:?}"
            );
        }
        assert_eq!(store.position(), Position(0));
        let epoch = store.fence(session(1));
        take(&store, Commit { deltas: vec![delta(id(1), 1, &"x".repeat(1 << 20))], ..Commit::new(session(1), epoch) });
    });
}
