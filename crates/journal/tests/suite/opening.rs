//! Opening an embedded store: its lock, its markers, the trial in another process, formats, and what an unfinished
//! opening or creation left.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tenure_journal::engine::{Probe, probe};
use tenure_journal::{EngineError, OpenOptions, Store, StoreError};

use crate::kit::{child, child_folder, commit, options, session, take};

fn fill(folder: &Path) {
    let store = Store::open(options(folder)).expect("it opens");
    let epoch = store.fence(session(1));
    for seq in 1..=20 {
        take(&store, commit(session(1), epoch, seq));
    }
}

fn refusal(options: OpenOptions) -> EngineError {
    match Store::open(options) {
        Err(StoreError::Engine(error)) => error,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// A probe that runs `script` and counts its runs.
fn scripted(script: &'static str) -> (Probe, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = runs.clone();
    let probe: Probe = Arc::new(move |folder| {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("FOLDER", folder);
        command
    });
    (probe, runs)
}

#[test]
fn a_second_opener_is_told_which_folder_is_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(options(folder.path())).expect("it opens");
    let text = refusal(options(folder.path())).to_string();
    assert!(text.contains(&folder.path().display().to_string()) && text.contains("in use"), "{text}");
    drop(store);
    Store::open(options(folder.path())).expect("it opens once the first is gone");
}

#[test]
fn the_trial_runs_only_after_an_opening_that_did_not_finish() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let (probe, runs) = scripted("exit 0");
    let with = || OpenOptions { probe: Some(probe.clone()), ..options(folder.path()) };
    drop(Store::open(with()).expect("it opens"));
    assert_eq!(runs.load(Ordering::Relaxed), 0, "the last opening finished");
    fs::write(folder.path().join("opening"), "").expect("written");
    assert_eq!(Store::open(with()).expect("it opens").load(session(1)).expect("it loads").seq, 20);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    drop(Store::open(with()).expect("it opens"));
    assert_eq!(runs.load(Ordering::Relaxed), 1, "the mark is gone");
}

#[test]
fn a_trial_that_fails_or_hangs_leaves_the_store_alone_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    fs::write(folder.path().join("opening"), "").expect("written");
    for (script, why) in [("kill -SEGV $$", "signal"), ("exit 3", "3"), ("exec tail -f /dev/null", "hung")] {
        let with = OpenOptions {
            probe: Some(scripted(script).0),
            probe_time_max: Duration::from_secs(1),
            ..options(folder.path())
        };
        let text = refusal(with).to_string();
        assert!(text.contains(why) && text.contains("restore a backup"), "{script}: {text}");
        assert!(text.contains(&folder.path().display().to_string()), "{text}");
    }
    assert_eq!(Store::open(options(folder.path())).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}

#[test]
fn the_real_trial_opens_the_store_in_another_process() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    fs::write(folder.path().join("opening"), "").expect("written");
    let real: Probe = Arc::new(|folder| child("opening::child_probe", folder));
    let with = OpenOptions { probe: Some(real), ..options(folder.path()) };
    assert_eq!(Store::open(with).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}

#[test]
#[ignore = "runs as the child of the test above"]
fn child_probe() {
    let Some(folder) = child_folder() else { return };
    probe(&folder).expect("the store opens");
}

#[test]
fn a_snapshot_file_that_was_cut_short_does_not_keep_the_store_shut() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    fs::write(folder.path().join("snap.0000000000ABCDEF.generating"), "cut").expect("written");
    assert_eq!(Store::open(options(folder.path())).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}

#[test]
fn a_creation_that_did_not_finish_starts_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("blobs")).expect("created");
    fs::write(folder.path().join("conf"), "half a config").expect("written");
    fs::write(folder.path().join("opening"), "").expect("written");
    fill(folder.path());
    assert_eq!(Store::open(options(folder.path())).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}

#[test]
fn a_store_that_lost_its_log_is_never_silently_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    fs::remove_file(folder.path().join("db")).expect("removed");
    let text = refusal(options(folder.path())).to_string();
    assert!(text.contains("missing") && text.contains("restore a backup"), "{text}");
    for entry in fs::read_dir(folder.path()).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")) {
            fs::remove_file(path).expect("removed");
        }
    }
    fs::write(folder.path().join("db"), "").expect("written");
    let text = refusal(options(folder.path())).to_string();
    assert!(text.contains("empty") && text.contains("restore a backup"), "{text}");
}

#[test]
fn a_log_that_ends_before_what_was_acknowledged_is_refused_until_the_loss_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let db = folder.path().join("db");
    let former = fs::read(&db).expect("read");
    {
        let store = Store::open(options(folder.path())).expect("it opens");
        let epoch = store.fence(session(1));
        take(&store, commit(session(1), epoch, 21));
    }
    for entry in fs::read_dir(folder.path()).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")) {
            fs::remove_file(path).expect("removed");
        }
    }
    fs::write(&db, former).expect("written");
    let text = refusal(options(folder.path())).to_string();
    assert!(text.contains("write 20") && text.contains("write 21 was acknowledged"), "{text}");
    assert!(text.contains("restore a backup"), "{text}");
    fs::remove_file(folder.path().join("reached")).expect("removed");
    assert_eq!(Store::open(options(folder.path())).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let set = |format: &str| {
        let db = sled::open(folder.path()).expect("sled opens");
        db.insert(b"\xfeformat", format).expect("written");
        db.flush().expect("flushed");
    };
    let (known, newer) = (tenure_migrations::CURRENT.to_string(), (tenure_migrations::CURRENT + 1).to_string());
    set(&newer);
    let error = refusal(options(folder.path()));
    let text = std::error::Error::source(&error).expect("a cause").to_string();
    let says = [format!("format {newer}"), format!("up to {known}"), "newer version".to_owned()];
    assert!(says.iter().all(|words| text.contains(words)), "{text}");
    set(&known);
    assert_eq!(Store::open(options(folder.path())).expect("it opens").load(session(1)).expect("it loads").seq, 20);
}
