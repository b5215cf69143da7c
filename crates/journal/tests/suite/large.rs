//! Large bodies: written before they are named, verified when read, swept when nothing names them.

use tenure_journal::engine::{KeyRange, MemoryEngine, Order};
use tenure_journal::{Commit, CommitError, Engine, NewRecord, Snapshot, Store};

use crate::kit::{commit, on_both, record, session, take, write};

const LARGE: usize = 3 << 20;

#[test]
fn a_large_record_and_a_large_snapshot_are_read_as_they_were() {
    on_both(|home| {
        let snapshot = Snapshot { seq: 1, body: record(9, LARGE).body };
        {
            let store = home.store();
            let epoch = store.fence(session(1));
            take(&store, Commit { record: Some(record(1, LARGE)), ..Commit::new(session(1), epoch) });
            take(&store, Commit { record: Some(record(2, 65_536)), ..Commit::new(session(1), epoch) });
            take(&store, Commit { snapshot: Some(snapshot.clone()), ..Commit::new(session(1), epoch) });
        }
        let store = home.store();
        while store.sweep().expect("it sweeps") > 0 {}
        let loaded = store.load(session(1)).expect("it loads");
        assert!(loaded.snapshot == Some(snapshot.clone()));
        assert!(loaded.records[0].body == record(2, 65_536).body);
        assert!(store.records(session(1), 1, 1).expect("read")[0].body == record(1, LARGE).body);
    });
}

#[test]
fn a_replaced_snapshot_leaves_nothing_behind_and_an_equal_one_stays() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        let with = |body: &[u8]| {
            let snapshot = Some(Snapshot { seq: 0, body: body.to_vec() });
            Commit { snapshot, ..Commit::new(session(1), epoch) }
        };
        let (first, second) = (record(1, LARGE).body, record(2, 100_000).body);
        take(&store, with(&first));
        take(&store, with(&first));
        while store.sweep().expect("it sweeps") > 0 {}
        assert!(store.snapshot(session(1)).expect("read").expect("there").body == first, "an equal one is still there");
        take(&store, with(&second));
        while store.sweep().expect("it sweeps") > 0 {}
        assert!(store.snapshot(session(1)).expect("read").expect("there").body == second);
        assert!(store.size_of(session(1)).expect("a size") < 200_000, "the former one is gone");
        take(&store, with(&first));
        take(&store, with(&second));
        take(&store, with(&first));
        while store.sweep().expect("it sweeps") > 0 {}
        assert!(store.snapshot(session(1)).expect("read").expect("there").body == first, "a returning one is kept");
    });
}

#[test]
fn a_large_body_whose_commit_failed_is_swept() {
    let engine = MemoryEngine::new();
    let store = Store::with_engine(std::sync::Arc::new(engine.clone())).expect("it opens");
    let epoch = store.fence(session(1));
    engine.fail_after(1);
    let large = || Commit { record: Some(record(1, 70_000)), ..Commit::new(session(1), epoch) };
    store.commit(&[large()], &[]).expect_err("the body is written, the commit is not");
    let rows = || engine.scan(KeyRange::prefix(b"b"), Order::Up, usize::MAX).expect("read").len();
    assert!(rows() > 0, "the body is there");
    store.revive().expect("it writes again");
    while store.sweep().expect("it sweeps") > 0 {}
    assert_eq!(rows(), 0, "and is swept");
    let epoch = store.fence(session(1));
    take(&store, Commit { record: Some(record(1, 70_000)), ..Commit::new(session(1), epoch) });
    while store.sweep().expect("it sweeps") > 0 {}
    assert!(store.load(session(1)).expect("it loads").records[0].body == record(1, 70_000).body);
}

#[test]
fn a_body_that_is_written_again_before_its_sweep_stays() {
    let engine = MemoryEngine::new();
    let store = Store::with_engine(std::sync::Arc::new(engine.clone())).expect("it opens");
    let large = |epoch| Commit { record: Some(record(1, 70_000)), ..Commit::new(session(1), epoch) };
    engine.fail_after(1);
    store.commit(&[large(store.fence(session(1)))], &[]).expect_err("the body is written, the commit is not");
    store.revive().expect("it writes again");
    take(&store, large(store.fence(session(1))));
    while store.sweep().expect("it sweeps") > 0 {}
    assert!(store.load(session(1)).expect("it loads").records[0].body == record(1, 70_000).body);
}

#[test]
fn a_body_above_the_limit_is_refused_with_both_sizes() {
    let store = Store::memory();
    let epoch = store.fence(session(1));
    let body = vec![b'1'; (64 << 20) + 1];
    let large = Commit { record: Some(NewRecord { body, ..record(1, 0) }), ..Commit::new(session(1), epoch) };
    let (size, limit) = ((64 << 20) + 1, 64 << 20);
    assert_eq!(write(&store, &[large]), [Err(CommitError::TooLarge { what: "a record in bytes", size, limit })]);
    let epoch = store.fence(session(1));
    take(&store, commit(session(1), epoch, 1));
}
