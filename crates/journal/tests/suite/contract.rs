//! The contract suite on the embedded engine, and what is its own.

use std::path::Path;

use tempfile::TempDir;
use tenure_journal::Engine;
use tenure_journal::engine::contract::{self, Place};
use tenure_journal::engine::{KeyRange, Op, Order, ROW_BYTES_MAX, SledEngine};

use crate::kit::options;

struct Folder(TempDir);

impl Place for Folder {
    fn open(&self) -> Box<dyn Engine> {
        Box::new(SledEngine::open(options(self.0.path())).expect("the engine opens"))
    }
}

#[test]
fn sled_passes_the_contract() {
    contract::check(|| Folder(tempfile::tempdir().expect("a folder")));
}

#[test]
fn a_batch_that_would_stall_readers_is_refused_and_harms_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = SledEngine::open(options(folder.path())).expect("the engine opens");
    let ops: Vec<_> = (0..5_000_u32).map(|n| Op::Put(n.to_be_bytes().to_vec(), vec![])).collect();
    let refusal = engine.write(&ops).expect_err("too many rows").to_string();
    assert!(refusal.contains("5001") && refusal.contains("2000"), "{refusal}");
    engine.write(&ops[..10]).expect("the next batch is fine");
}

#[test]
fn no_row_of_sled_is_longer_than_its_safe_length() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let engine = SledEngine::open(options(folder.path())).expect("the engine opens");
        engine.write(&[Op::Put(vec![1], vec![7; 300_000])]).expect("written");
        assert_eq!(engine.scan(KeyRange::prefix(&[1]), Order::Up, 9).expect("read").len(), 1);
    }
    let longest = longest_row(folder.path());
    assert!(longest <= ROW_BYTES_MAX + 100, "a row takes {longest} bytes");
    let blobs = std::fs::read_dir(folder.path().join("blobs")).expect("sled's folder").count();
    assert_eq!(blobs, 0, "nothing went to the files that sled never syncs");
}

fn longest_row(folder: &Path) -> usize {
    let db = sled::open(folder).expect("sled opens");
    db.iter().map(|row| row.expect("a row")).map(|(key, value)| key.len() + value.len()).max().unwrap_or(0)
}
