//! A full disk: acknowledged records stay, reads go on, and the store writes again when there is room.

use std::path::Path;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tenure_journal::{Commit, EngineError, Store, StoreError};

use crate::kit::{child, child_folder, options, record, session};

#[test]
fn a_file_that_may_not_grow_stops_writing_until_it_may() {
    let folder = tempfile::tempdir().expect("a folder");
    // A shell that ignores the signal passes that on, so that the limit shows as an error instead of a death.
    let test = child("full::child_under_a_limit", folder.path());
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(test.get_program()).args(test.get_args());
    let status = shell.env("TENURE_CHILD", folder.path()).status().expect("the child runs");
    assert!(status.success(), "{status}");
}

#[test]
#[ignore = "runs as a child of the test above"]
fn child_under_a_limit() {
    let Some(folder) = child_folder() else { return };
    let whole = getrlimit(Resource::Fsize);
    let limit =
        |bytes| setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: whole.maximum }).expect("it is set");
    let make_full = || limit(Some(6 << 20));
    let make_room = || limit(whole.current);
    fills_up_and_goes_on(&folder, make_full, make_room);
}

#[test]
fn a_small_file_system_that_is_full_stops_writing_until_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(folder.path()).status();
    if !mount.is_ok_and(|status| status.success()) {
        println!("left out: this user cannot mount; the test with a limit covers the rule");
        return;
    }
    let _unmount = Mounted(folder.path());
    let ballast = folder.path().join("ballast");
    let make_full = || std::fs::write(&ballast, vec![7; 6 << 20]).expect("there is room for the ballast");
    let make_room = || std::fs::remove_file(&ballast).expect("the ballast goes");
    fills_up_and_goes_on(&folder.path().join("store"), make_full, make_room);
}

struct Mounted<'p>(&'p Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the file system is unmounted");
    }
}

fn fills_up_and_goes_on(folder: &Path, make_full: impl Fn(), make_room: impl Fn()) {
    let acknowledged;
    {
        let store = Store::open(options(folder)).expect("it opens");
        let filled = |epoch, seq| Commit { record: Some(record(seq, 3_500)), ..Commit::new(session(1), epoch) };
        let epoch = store.fence(session(1));
        store.commit(&[filled(epoch, 1)], &[]).expect("there is room");
        let fill_up = || {
            let epoch = store.fence(session(1));
            let mut seq = store.load(session(1)).expect("it loads").seq;
            let failure = loop {
                assert!(seq < 20_000, "it must be full at some time");
                match store.commit(&[filled(epoch, seq + 1)], &[]) {
                    Ok(_) => seq += 1,
                    Err(failure) => break failure,
                }
            };
            assert!(matches!(failure, StoreError::Engine(EngineError::Full(_))), "{failure:?}");
            assert!(store.stats().last_error.is_some());
            assert_eq!(store.load(session(1)).expect("reads go on").seq, seq, "what was acknowledged, and no more");
            seq
        };
        make_full();
        let mut seq = fill_up();
        // A limit on files shows only when the log grows again; a full disk shows at once.
        if store.revive().is_ok() {
            seq = fill_up();
        }

        make_room();
        store.revive().expect("it writes again");
        let loaded = store.load(session(1)).expect("it loads");
        assert!(loaded.seq == seq || loaded.seq == seq + 1, "the failed write is there wholly or not at all");
        assert!(loaded.records.iter().all(|stored| stored.body == record(stored.seq, 3_500).body));
        let epoch = store.fence(session(1));
        for more in 1..=50 {
            let answers = store.commit(&[filled(epoch, loaded.seq + more)], &[]).expect("it writes again");
            assert!(answers[0].is_ok());
        }
        acknowledged = loaded.seq + 50;
    }
    let store = Store::open(options(folder)).expect("it opens");
    assert_eq!(store.load(session(1)).expect("it loads").seq, acknowledged);
}
