//! Compaction: the oldest records of a journal go, a batch at a time, up to its floor.
//!
//! ```text
//!   1 ······· floor │ floor + 1 ──────── snapshot ──────── last
//!   gone, but for   │ whole              stands for all
//!   what is kept    │                    before it
//! ```
//! Each batch takes some records away and raises the floor over them, so a crash between two of them leaves a whole journal.

use tenure_model::{Entity, EntityKey, Timestamp};

use super::prepare::page_keys;
use super::rebuild::typed;
use super::rows::{Body, RecordRow};
use super::sweep::{Named, Sweep};
use super::{NewRecord, Store, StoreError, StoredRecord, keys, lock, rows};
use crate::engine::{BATCH_ROWS_MAX, KeyRange, Op, Order, Row, rows_for};

/// How many records one step looks at.
const RECORDS_AT_ONCE: usize = 100;

/// Which records have outlived their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlived {
    /// Those that were written before.
    pub before: Timestamp,
    /// And those that more than so many came after.
    pub records_max: u64,
    /// But none from this one on, because the state still stands on it.
    pub needed_from: u64,
}

impl Store {
    /// Returns the number of the last record up to which the journal was compacted, 0 when it is whole. What stands there or
    /// below was kept for good, and is reached by its number or its page alone.
    pub fn floor(&self, key: EntityKey) -> Result<u64, StoreError> {
        let row_key = keys::of_entity(keys::FLOOR, key);
        let Some(value) = self.0.engine.get(&row_key)? else { return Ok(0) };
        rows::read_number(&row_key, &value).ok_or_else(|| StoreError::damaged(key, "the floor does not verify"))
    }

    /// Takes a batch of the records up to `end` away, which [`Store::compactable`] has returned; true while more can go. Only
    /// the writer thread calls this.
    pub fn compact<E: Entity>(&self, key: EntityKey, end: u64) -> Result<bool, StoreError> {
        let _writing = lock(&self.0.writing);
        let floor = self.floor(key)?;
        let range = KeyRange { from: keys::record(key, floor + 1), to: keys::record(key, end + 1) };
        if range.is_empty() {
            return Ok(false);
        }
        let mut batch = Batch::default();
        let mut reached = floor;
        for row in self.0.engine.scan(range, Order::Up, RECORDS_AT_ONCE)? {
            if batch.rows > BATCH_ROWS_MAX / 2 {
                break;
            }
            reached += 1;
            self.remove::<E>(key, reached, row, &mut batch)?;
        }
        self.write_compacted(key, reached, batch)?;
        Ok(reached > floor && reached < end)
    }

    /// Returns the last record that may go for good: the snapshot stands for it, and none of its effects waits.
    pub fn compactable(&self, key: EntityKey, outlived: &Outlived) -> Result<u64, StoreError> {
        let Some((last, _)) = self.last_record(key)? else { return Ok(0) };
        let Some(snapshot) = self.usable_snapshot(key, last)? else { return Ok(0) };
        let old = self.first_since(key, outlived.before)? - 1;
        let many = last.saturating_sub(outlived.records_max);
        let range = KeyRange::prefix(&keys::of_entity(keys::OUTBOX, key));
        let waiting = self.0.engine.scan(range, Order::Up, 1)?.pop().and_then(|(row, _)| keys::read_outbox(&row));
        let waiting_from = waiting.map_or(u64::MAX, |effect| effect.seq);
        // The last record tells where the journal ends.
        let bounds = [snapshot.seq, last - 1, outlived.needed_from - 1, waiting_from - 1];
        Ok(bounds.into_iter().fold(old.max(many), u64::min))
    }

    fn remove<E: Entity>(&self, key: EntityKey, seq: u64, row: Row, batch: &mut Batch) -> Result<(), StoreError> {
        let (row_key, value) = row;
        let body = rows::read_record(&row_key, &value).map(|RecordRow { body, .. }| body);
        let rows = rows_for(value.len());
        let Some(stored) = self.read_record(key, seq, (row_key.clone(), value))? else { return Ok(()) };
        let record = typed::<E>(key, &stored)?;
        if record.events.iter().any(E::keeps) {
            return Ok(());
        }
        batch.pages.extend(page_keys(key, seq, &NewRecord::of(&record).pages).into_iter().map(Op::DeleteShort));
        batch.rows += rows;
        batch.ops.push(Op::Delete(row_key));
        if let Some(Body::ByHash { hash, .. }) = body {
            let sweep = Sweep { entity: key, named: Named::Blob(hash) };
            batch.ops.push(Op::Put(sweep.marker(), vec![]));
            batch.sweeps.push(sweep);
        }
        Ok(())
    }

    /// Writes the floor with what goes below it. Page rows go first: those of a record that is still there are made anew by a
    /// rebuild, while one without a record is a warning for ever.
    fn write_compacted(&self, key: EntityKey, floor: u64, mut batch: Batch) -> Result<(), StoreError> {
        let floor_key = keys::of_entity(keys::FLOOR, key);
        let value = rows::write_number(&floor_key, floor);
        batch.ops.push(Op::PutOverShort(floor_key, value));
        let batches = batch.pages.chunks(BATCH_ROWS_MAX).chain([batch.ops.as_slice()]);
        for ops in batches {
            self.0.engine.write(ops).inspect_err(|_| lock(&self.0.fences).clear())?;
        }
        lock(&self.0.sweeps).add(batch.sweeps);
        Ok(())
    }

    /// Lists the records that were kept at the floor or below, in their order.
    pub(super) fn kept_below<E: Entity>(&self, key: EntityKey) -> Result<Vec<tenure_model::Record<E>>, StoreError> {
        let range = KeyRange { from: keys::record(key, 0), to: keys::record(key, self.floor(key)? + 1) };
        let mut kept: Vec<StoredRecord> = vec![];
        self.each_row(range, |row_key, value| {
            let seq = keys::read_seq(&row_key).unwrap_or_default();
            kept.extend(self.read_record(key, seq, (row_key, value))?);
            Ok(())
        })?;
        kept.iter().map(|stored| typed(key, stored)).collect()
    }
}

/// What one step takes away.
#[derive(Default)]
struct Batch {
    pages: Vec<Op>,
    ops: Vec<Op>,
    /// The rows that the changes take in the engine, those of pages left out.
    rows: usize,
    sweeps: Vec<Sweep>,
}
