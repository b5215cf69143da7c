//! The engine: an ordered key-value log, small on purpose so that a cluster engine can take its place.

pub mod contract;
pub mod memory;
pub mod sled;

use std::path::PathBuf;

pub use self::memory::MemoryEngine;
pub use self::sled::{OpenOptions, Probe, SledEngine, probe};

/// The rows that a batch should stay below: sled holds a process-wide lock while it applies one, and reads stall.
pub const BATCH_ROWS_MAX: usize = 500;

/// The bytes of a value that an engine keeps in one row; longer values take one more row for each such piece.
pub const ROW_BYTES_MAX: usize = 4_000;

/// The first byte from which on keys belong to the engines themselves.
pub const RESERVED: u8 = 0xf0;

/// One change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    /// Puts a value under a key that holds none, or a short one: an engine need not look what it replaces.
    PutOverShort(Vec<u8>, Vec<u8>),
    /// Deletes a value that is short.
    DeleteShort(Vec<u8>),
}

impl Op {
    /// Returns the key that is changed.
    pub fn key(&self) -> &[u8] {
        match self {
            Op::Put(key, _) | Op::PutOverShort(key, _) | Op::Delete(key) | Op::DeleteShort(key) => key,
        }
    }

    /// Returns how many rows the change takes in an engine, apart from what a long former value leaves to delete.
    pub fn rows(&self) -> usize {
        match self {
            Op::Put(_, value) | Op::PutOverShort(_, value) => rows_for(value.len()),
            Op::Delete(_) | Op::DeleteShort(_) => 1,
        }
    }
}

/// Returns how many rows a value of `len` bytes takes in an engine.
pub fn rows_for(len: usize) -> usize {
    match len > ROW_BYTES_MAX {
        true => 1 + len.div_ceil(ROW_BYTES_MAX),
        false => 1,
    }
}

/// A range of keys: `from` is in it, `to` is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

impl KeyRange {
    /// Returns the range of every key that starts with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self { from: prefix.to_vec(), to: after_prefix(prefix) }
    }

    /// Narrows the range to keys above `key`.
    pub fn above(mut self, key: &[u8]) -> Self {
        let mut next = key.to_vec();
        next.push(0);
        self.from = self.from.max(next);
        self
    }

    /// Narrows the range to keys below `key`.
    pub fn below(mut self, key: &[u8]) -> Self {
        self.to = self.to.min(key.to_vec());
        self
    }

    /// Tells whether no key can be in the range.
    pub fn is_empty(&self) -> bool {
        self.from >= self.to
    }
}

/// Returns the first key above every key that starts with `prefix`.
pub fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![RESERVED]
}

/// Which end of a range a scan starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Up,
    Down,
}

/// What an engine tells operators about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct EngineStats {
    pub bytes_on_disk: u64,
    /// Batches written since the engine was opened.
    pub writes: u64,
    /// Times that the disk was told to make everything durable.
    pub syncs: u64,
    /// Why the engine refuses to write, while it does.
    pub last_error: Option<String>,
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// An ordered key-value log. Keys are not empty and start below [`RESERVED`].
pub trait Engine: Send + Sync + 'static {
    /// Returns the name under which configuration and logs know the engine.
    fn name(&self) -> &'static str;

    /// Writes all of the changes, in their order, or none of them; they are durable when it returns. Called by one thread
    /// at a time. After a failure every further write is refused until [`Engine::revive`].
    fn write(&self, ops: &[Op]) -> Result<(), EngineError>;

    /// Returns the value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Returns the first `limit` rows of a range, from the end that `order` names.
    fn scan(&self, range: KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError>;

    /// Makes the engine writable again after a failed write, once its cause is gone. What the failed write held is there
    /// wholly or not at all. Does nothing on a healthy engine.
    fn revive(&self) -> Result<(), EngineError>;

    /// Returns the figures that operators watch.
    fn stats(&self) -> EngineStats;
}

/// Why an engine could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the disk is full")]
    Full(#[source] std::io::Error),
    #[error("an earlier write failed ({why}); writing waits until the store is revived")]
    Waiting { why: String },
    #[error("{doing}")]
    Io { doing: String, source: std::io::Error },
    #[error("the stored data is damaged: {what}")]
    Damaged { what: String },
    #[error("the store in {} is in use by another process; end that one first, or choose another folder", folder.display())]
    Locked { folder: PathBuf },
    #[error(
        "the store in {} cannot be opened: {why}; restore a backup into it, or move the folder away to start anew",
        folder.display()
    )]
    Unopenable { folder: PathBuf, why: String },
    #[error("the store's format does not fit this version")]
    Format(#[from] tenure_migrations::MigrationError),
    #[error("a batch of {rows} rows is larger than the {limit} that an engine takes")]
    TooManyRows { rows: usize, limit: usize },
}

impl EngineError {
    pub(crate) fn io(doing: impl Into<String>, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
                Self::Full(source)
            }
            _ => Self::Io { doing: doing.into(), source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        assert_eq!(after_prefix(&[1, 2]), [1, 3]);
        assert_eq!(after_prefix(&[1, 255, 255]), [2]);
        assert_eq!(KeyRange::prefix(&[]).to, [RESERVED]);
        assert!(KeyRange::prefix(&[7]).above(&[8]).is_empty());
    }

    #[test]
    fn a_long_value_takes_a_row_for_each_piece() {
        assert_eq!(rows_for(ROW_BYTES_MAX), 1);
        assert_eq!(rows_for(ROW_BYTES_MAX + 1), 3);
    }
}
