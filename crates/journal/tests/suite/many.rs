//! 100,000 entities: listed in pages, with memory near the size of the cache.

use tenure_journal::{Commit, OpenOptions, Position, Store, Timer, TimerChange};
use tenure_model::Timestamp;

use crate::kit::{child, child_folder, commit, session};
use crate::lists::pages_of;

const ENTITIES: u64 = 100_000;
const CACHE_BYTES: u64 = 32 << 20;

#[test]
fn a_hundred_thousand_entities_are_written_and_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["many::child_writes", "many::child_lists"] {
        let status = child(name, folder.path()).status().expect("the child runs");
        assert!(status.success(), "{name}: {status}");
    }
}

fn open() -> Option<Store> {
    let folder = child_folder()?;
    Some(Store::open(OpenOptions { cache_bytes: CACHE_BYTES, ..OpenOptions::new(folder) }).expect("it opens"))
}

#[test]
#[ignore = "runs as a child of the test above"]
fn child_writes() {
    let Some(store) = open() else { return };
    let keys: Vec<_> = (0..ENTITIES).map(|n| session(u128::from(n) * 0x9e37_79b9_7f4a_7c15)).collect();
    for keys in keys.chunks(160) {
        let group: Vec<_> = keys
            .iter()
            .zip(0..)
            .map(|(key, n)| {
                let timer = Some(TimerChange::Set(Timer { at: Timestamp(n * 7 % 1_000), claims: n % 100 == 0 }));
                Commit { timer, ..commit(*key, store.fence(*key), 1) }
            })
            .collect();
        let answers = store.commit(&group, &[]).expect("it writes");
        assert!(answers.iter().all(Result::is_ok));
        group.iter().for_each(|commit| store.release(commit.key, commit.epoch));
    }
    assert_eq!(store.position(), Position(ENTITIES));
}

#[test]
#[ignore = "runs as a child of the test above"]
fn child_lists() {
    let Some(store) = open() else { return };
    assert_eq!(store.position(), Position(ENTITIES));
    let timers = store.timers().expect("read");
    assert_eq!(timers.len() as u64, ENTITIES);
    assert!(timers.is_sorted());
    drop(timers);
    let ids = pages_of(&store, 1_000);
    assert_eq!(ids.len() as u64, ENTITIES);
    assert!(ids.is_sorted());
    let resident = resident_bytes();
    println!("{} MiB resident", resident >> 20);
    // sled takes up to three times of its cache, and the test itself holds its lists.
    assert!(resident < 4 * CACHE_BYTES, "{} MiB resident", resident >> 20);
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells");
    let kib: u64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number");
    kib << 10
}
