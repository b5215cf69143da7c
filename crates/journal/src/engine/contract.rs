//! The contract suite: what every engine must do, as checks that its tests run. A failed check panics and says which.

use super::{Engine, KeyRange, Op, Order, ROW_BYTES_MAX, Row};

/// Where an engine keeps its data.
pub trait Place {
    /// Opens the engine on what the last one left here; that one was dropped, or shares its state with this one.
    fn open(&self) -> Box<dyn Engine>;
}

/// Runs every check, each in a fresh place.
pub fn check<P: Place>(fresh: impl Fn() -> P) {
    reads_what_was_written(&*fresh().open());
    applies_changes_in_their_order(&*fresh().open());
    scans_in_key_order_both_ways(&*fresh().open());
    keeps_long_values_whole(&*fresh().open());
    replaces_long_values_without_leftovers(&*fresh().open());
    takes_the_word_that_a_value_was_short(&*fresh().open());
    keeps_neighbours_apart(&*fresh().open());
    takes_large_batches_whole(&*fresh().open());
    reviving_a_healthy_engine_changes_nothing(&*fresh().open());
    counts_what_it_does(&*fresh().open());
    keeps_everything_over_a_reopening(&fresh());
    reads_while_it_writes(&*fresh().open());
}

fn put(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Op {
    Op::Put(key.as_ref().to_vec(), value.as_ref().to_vec())
}

fn delete(key: impl AsRef<[u8]>) -> Op {
    Op::Delete(key.as_ref().to_vec())
}

fn write(engine: &dyn Engine, ops: &[Op]) {
    engine.write(ops).expect("a healthy engine writes");
}

fn get(engine: &dyn Engine, key: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    engine.get(key.as_ref()).expect("a healthy engine reads")
}

fn scan(engine: &dyn Engine, range: KeyRange, order: Order, limit: usize) -> Vec<Row> {
    engine.scan(range, order, limit).expect("a healthy engine scans")
}

fn everything(engine: &dyn Engine) -> Vec<Row> {
    scan(engine, KeyRange::prefix(&[]), Order::Up, usize::MAX)
}

/// Makes bytes that differ from place to place, so that a lost, repeated or swapped piece shows.
fn long(len: usize, salt: u8) -> Vec<u8> {
    (0..len).map(|at| (at / 251 + at) as u8 ^ salt).collect()
}

fn takes_the_word_that_a_value_was_short(engine: &dyn Engine) {
    let (over, gone) = (|value: &[u8]| Op::PutOverShort(b"a".to_vec(), value.to_vec()), Op::DeleteShort(b"b".to_vec()));
    write(engine, &[over(b"1"), put("b", "2")]);
    write(engine, &[over(&long(9_000, 1)), gone.clone()]);
    assert_eq!((get(engine, "a"), get(engine, "b")), (Some(long(9_000, 1)), None));
    write(engine, &[put("a", "3"), gone]);
    assert_eq!(everything(engine), [(b"a".to_vec(), b"3".to_vec())], "the long value has left nothing");
}

fn reads_what_was_written(engine: &dyn Engine) {
    assert_eq!(get(engine, "a"), None, "a fresh engine is empty");
    write(engine, &[put("a", "1"), put("b", "")]);
    assert_eq!(get(engine, "a").as_deref(), Some(&b"1"[..]));
    assert_eq!(get(engine, "b").as_deref(), Some(&b""[..]), "an empty value is a value");
    write(engine, &[put("a", "2"), delete("b"), delete("never there")]);
    assert_eq!(everything(engine), [(b"a".to_vec(), b"2".to_vec())]);
    write(engine, &[]);
}

fn applies_changes_in_their_order(engine: &dyn Engine) {
    write(engine, &[put("a", "1"), put("a", "2"), put("b", "1"), delete("b"), delete("c"), put("c", "3")]);
    assert_eq!(everything(engine), [(b"a".to_vec(), b"2".to_vec()), (b"c".to_vec(), b"3".to_vec())]);
    let (old, new) = (long(3 * ROW_BYTES_MAX, 1), long(2 * ROW_BYTES_MAX, 2));
    write(engine, &[put("l", &old), put("l", &new), put("m", &old), delete("m")]);
    assert_eq!(get(engine, "l"), Some(new), "the last change of a key counts, long values too");
    assert_eq!(get(engine, "m"), None);
}

fn scans_in_key_order_both_ways(engine: &dyn Engine) {
    let keys: Vec<Vec<u8>> = (0..200_u8).map(|n| vec![5, n]).collect();
    write(engine, &keys.iter().rev().map(|key| put(key, &key[1..])).collect::<Vec<_>>());
    write(engine, &[put([4], "below"), put([6], "above")]);
    let names = |rows: Vec<Row>| rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(names(scan(engine, KeyRange::prefix(&[5]), Order::Up, usize::MAX)), keys);
    assert_eq!(names(scan(engine, KeyRange::prefix(&[5]), Order::Up, 3)), keys[..3]);
    assert_eq!(names(scan(engine, KeyRange::prefix(&[5]), Order::Down, 2)), [vec![5, 199], vec![5, 198]]);
    let middle = KeyRange { from: vec![5, 10], to: vec![5, 12] };
    assert_eq!(names(scan(engine, middle.clone(), Order::Up, 9)), [vec![5, 10], vec![5, 11]], "the end is not in it");
    assert_eq!(names(scan(engine, middle, Order::Down, 9)), [vec![5, 11], vec![5, 10]]);
    let nothing = KeyRange { from: vec![5, 12], to: vec![5, 10] };
    assert!(scan(engine, nothing, Order::Up, 9).is_empty(), "an upside-down range is empty");
    assert!(scan(engine, KeyRange::prefix(&[5]), Order::Up, 0).is_empty());
}

fn keeps_long_values_whole(engine: &dyn Engine) {
    let lengths = [ROW_BYTES_MAX - 1, ROW_BYTES_MAX, ROW_BYTES_MAX + 1, 2 * ROW_BYTES_MAX, 65_536, 300_000];
    for (n, len) in lengths.into_iter().enumerate() {
        write(engine, &[put([1, n as u8], long(len, n as u8))]);
    }
    let rows = scan(engine, KeyRange::prefix(&[1]), Order::Down, usize::MAX);
    assert_eq!(rows.len(), lengths.len(), "pieces of values never show as rows");
    for (n, len) in lengths.into_iter().enumerate() {
        assert!(get(engine, [1, n as u8]) == Some(long(len, n as u8)), "a value of {len} bytes is read as it was");
        assert!(rows[lengths.len() - 1 - n].1 == long(len, n as u8), "a scan reads {len} bytes as they were");
    }
}

fn replaces_long_values_without_leftovers(engine: &dyn Engine) {
    write(engine, &[put("a", long(40_000, 1))]);
    write(engine, &[put("a", long(9_000, 2))]);
    assert!(get(engine, "a") == Some(long(9_000, 2)));
    write(engine, &[put("a", "short")]);
    assert_eq!(everything(engine), [(b"a".to_vec(), b"short".to_vec())]);
    write(engine, &[put("a", long(5_000, 3))]);
    write(engine, &[delete("a")]);
    assert!(everything(engine).is_empty());
}

fn keeps_neighbours_apart(engine: &dyn Engine) {
    let keys: [&[u8]; 5] = [b"a", b"a\0", b"a\0\0", b"a\0\0\0\0", b"a\xff"];
    let ops: Vec<_> = keys.iter().enumerate().map(|(n, key)| put(key, long(9_000, n as u8))).collect();
    write(engine, &ops);
    write(engine, &[delete("a")]);
    for (n, key) in keys.iter().enumerate().skip(1) {
        assert!(get(engine, key) == Some(long(9_000, n as u8)), "deleting a key leaves those that start with it alone");
    }
}

fn takes_large_batches_whole(engine: &dyn Engine) {
    let ops: Vec<_> = (0..super::BATCH_ROWS_MAX as u32).map(|n| put(n.to_be_bytes(), n.to_string())).collect();
    write(engine, &ops);
    assert_eq!(everything(engine).len(), ops.len());
}

fn reviving_a_healthy_engine_changes_nothing(engine: &dyn Engine) {
    write(engine, &[put("a", "1")]);
    engine.revive().expect("a healthy engine stays healthy");
    assert_eq!(get(engine, "a").as_deref(), Some(&b"1"[..]));
}

fn counts_what_it_does(engine: &dyn Engine) {
    let before = engine.stats();
    write(engine, &[put("a", "1")]);
    let after = engine.stats();
    assert_eq!(after.writes, before.writes + 1);
    assert!(after.syncs > before.syncs, "a write that returned was made durable");
    assert_eq!(after.last_error, None);
    assert!(!engine.name().is_empty());
}

fn keeps_everything_over_a_reopening(place: &impl Place) {
    let before = {
        let engine = place.open();
        write(&*engine, &[put("a", "1"), put("long", long(70_000, 7)), put("gone", "x")]);
        write(&*engine, &[delete("gone"), put("b", "2")]);
        everything(&*engine)
    };
    assert!(everything(&*place.open()) == before, "a reopened engine holds what was written");
}

fn reads_while_it_writes(engine: &dyn Engine) {
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            for n in 0..200_u32 {
                write(engine, &[put("a", n.to_be_bytes()), put([9, n as u8], long(6_000, n as u8))]);
            }
        });
        let mut last = vec![];
        while !writer.is_finished() {
            let seen = get(engine, "a").unwrap_or_default();
            assert!(seen >= last, "a reader never sees an older value again");
            last = seen;
        }
        writer.join().expect("the writer finishes");
    });
    assert_eq!(scan(engine, KeyRange::prefix(&[9]), Order::Up, usize::MAX).len(), 200);
}
