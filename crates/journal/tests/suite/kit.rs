//! What the tests share: stores on both engines, short ways to write commits, seeds, and running this binary as a child.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tenure_journal::engine::{MemoryEngine, SledEngine};
use tenure_journal::{Commit, CommitError, Engine, Epoch, NewRecord, OpenOptions, Position, Store};
use tenure_model::{Delta, EntityKey, Kind, Timestamp};
use uuid::Uuid;

/// Names the test entity number `n`.
pub fn session(n: u128) -> EntityKey {
    EntityKey::new(Kind::Session, Uuid::from_u128(n))
}

/// Returns an id for streams and pages.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x5747 << 64 | n)
}

/// A record whose body says which one it is; `filling` makes it longer.
pub fn record(seq: u64, filling: usize) -> NewRecord {
    let body = format!(r#"{{"seq":{seq},"at":{seq},"events":["{}"]}}"#, "x".repeat(filling)).into_bytes();
    NewRecord { seq, at: Timestamp(seq), body, effects: 0, pages: vec![] }
}

/// A commit of one record.
pub fn commit(key: EntityKey, epoch: Epoch, seq: u64) -> Commit {
    Commit { record: Some(record(seq, 0)), ..Commit::new(key, epoch) }
}

/// A delta of `stream`.
pub fn delta(stream: Uuid, number: u64, body: &str) -> Delta {
    Delta { stream, number, body: body.to_owned() }
}

/// Commits a group on a healthy store and returns its answers.
#[track_caller]
pub fn write(store: &Store, group: &[Commit]) -> Vec<Result<Position, CommitError>> {
    store.commit(group, &[]).expect("a healthy store writes")
}

/// Commits one thing that must be taken.
#[track_caller]
pub fn take(store: &Store, commit: Commit) -> Position {
    write(store, &[commit]).remove(0).expect("the commit is taken")
}

/// A place with an engine in it that can be opened again and again.
pub enum Home {
    Memory(MemoryEngine),
    Sled(TempDir),
}

impl Home {
    /// Opens the engine; the former one must be dropped.
    pub fn engine(&self) -> Arc<dyn Engine> {
        match self {
            Home::Memory(engine) => Arc::new(engine.clone()),
            Home::Sled(folder) => Arc::new(SledEngine::open(options(folder.path())).expect("the engine opens")),
        }
    }

    /// Opens the store; the former one must be dropped.
    pub fn store(&self) -> Store {
        Store::with_engine(self.engine()).expect("the store opens")
    }
}

/// Runs a test on a fresh place of each engine.
pub fn on_both(test: impl Fn(&Home)) {
    test(&Home::Memory(MemoryEngine::new()));
    test(&Home::Sled(tempfile::tempdir().expect("a folder")));
}

/// The usual options with a small cache.
pub fn options(folder: &Path) -> OpenOptions {
    OpenOptions { cache_bytes: 16 << 20, ..OpenOptions::new(folder) }
}

/// Tells whether the long forms of the tests are asked for.
pub fn long() -> bool {
    std::env::var_os("TENURE_LONG").is_some()
}

/// Small, seeded randomness. The seed is printed, so that a failure can be repeated with `TENURE_SEED`.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        let given = std::env::var("TENURE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("repeat with TENURE_SEED={seed}");
        Self(seed | 1)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % end
    }
}

/// Returns the command that runs the ignored test `name` of this binary in a process of its own.
pub fn child(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test knows its binary"));
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]).env("TENURE_CHILD", folder);
    command
}

/// Returns the folder of a child, when this process is one.
pub fn child_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("TENURE_CHILD").map(Into::into)
}
