//! Sweeping: removing the rows that nothing names any more, a few with each commit, so that no commit waits for many.
//!
//! A marker row says what is to go; it is written by the commit that makes it unnamed, and removed with the last row.

use std::collections::{BTreeSet, VecDeque};

use tenure_model::EntityKey;
use uuid::Uuid;

use super::{Store, StoreError, keys, lock};
use crate::engine::{BATCH_ROWS_MAX, EngineError, KeyRange, Op, Order};

const STREAM: u8 = 1;
const BLOB: u8 = 2;

/// How many rows a sweep takes at the least when it rides with a commit.
const RIDE_ROWS_MIN: usize = 64;

/// Something that no row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sweep {
    pub entity: EntityKey,
    pub named: Named,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The deltas of a closed stream.
    Stream(Uuid),
    /// A large body that was not named in the end, or is not any more.
    Blob([u8; 32]),
}

impl Sweep {
    /// Returns the key of the row that says so.
    pub(super) fn marker(&self) -> Vec<u8> {
        match &self.named {
            Named::Stream(stream) => keys::sweep(self.entity, STREAM, stream.as_bytes()),
            Named::Blob(hash) => keys::sweep(self.entity, BLOB, hash),
        }
    }

    fn rows(&self) -> KeyRange {
        KeyRange::prefix(&match &self.named {
            Named::Stream(stream) => keys::stream(self.entity, *stream),
            Named::Blob(hash) => keys::blob(self.entity, hash),
        })
    }

    fn read(marker: &[u8]) -> Option<Self> {
        let entity = keys::read_entity(marker)?;
        let named = match marker.get(keys::ENTITY_LEN..)?.split_first()? {
            (&STREAM, id) => Named::Stream(Uuid::from_slice(id).ok()?),
            (&BLOB, hash) => Named::Blob(hash.try_into().ok()?),
            _ => return None,
        };
        Some(Self { entity, named })
    }
}

/// What waits to be swept.
#[derive(Default)]
pub(super) struct Sweeps(VecDeque<Sweep>);

impl Sweeps {
    pub(super) fn add(&mut self, more: impl IntoIterator<Item = Sweep>) {
        self.0.extend(more);
    }

    /// Forgets a sweep, because its rows are about to be named again.
    pub(super) fn cancel(&mut self, sweep: &Sweep) {
        self.0.retain(|other| other != sweep);
    }
}

impl Store {
    /// Removes up to a batch of rows that nothing names, and tells how many; the writer calls it when it is idle.
    pub fn sweep(&self) -> Result<usize, StoreError> {
        let _writing = lock(&self.0.writing);
        let ops = self.sweep_ops(BATCH_ROWS_MAX)?;
        if !ops.is_empty() {
            self.0.engine.write(&ops).inspect_err(|_| lock(&self.0.fences).clear())?;
        }
        Ok(ops.len())
    }

    /// Returns what a batch of `used` rows may remove besides.
    pub(super) fn ride_along(&self, used: usize) -> Result<Vec<Op>, EngineError> {
        self.sweep_ops(used.max(RIDE_ROWS_MIN).min(BATCH_ROWS_MAX.saturating_sub(used)))
    }

    /// Takes rows off the sweeps in line; the caller writes the answer or, when that fails, revives, which finds them again.
    fn sweep_ops(&self, rows_max: usize) -> Result<Vec<Op>, EngineError> {
        let mut sweeps = lock(&self.0.sweeps);
        let mut ops = vec![];
        let mut rows = 0;
        while rows < rows_max
            && let Some(sweep) = sweeps.0.front().copied()
        {
            let found = self.0.engine.scan(sweep.rows(), Order::Up, rows_max - rows)?;
            for (key, value) in found {
                if rows >= rows_max {
                    return Ok(ops);
                }
                rows += Op::Put(vec![], value).rows();
                ops.push(Op::Delete(key));
            }
            if rows < rows_max {
                ops.push(Op::Delete(sweep.marker()));
                rows += 1;
                sweeps.0.pop_front();
            }
        }
        Ok(ops)
    }

    /// Lines up everything that is marked.
    pub(super) fn recover_sweeps(&self) -> Result<(), StoreError> {
        let mut found = VecDeque::new();
        self.each_row(KeyRange::prefix(&[keys::SWEEP]), |marker, _| {
            found.extend(Sweep::read(&marker));
            Ok(())
        })?;
        lock(&self.0.sweeps).0 = found;
        Ok(())
    }

    /// Returns the streams of an entity that are closed, though their deltas may still be there.
    pub(super) fn closed_streams(&self, entity: EntityKey) -> Result<BTreeSet<Uuid>, StoreError> {
        let mut closed = BTreeSet::new();
        self.each_row(KeyRange::prefix(&keys::of_entity(keys::SWEEP, entity)), |marker, _| {
            if let Some(Sweep { named: Named::Stream(stream), .. }) = Sweep::read(&marker) {
                closed.insert(stream);
            }
            Ok(())
        })?;
        Ok(closed)
    }
}
