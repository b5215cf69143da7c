//! Reading an entity's journal: records both ways, by position and by page; streamed text; sizes.
//!
//! Rows above the last durable position are not there yet: a reader may be faster than the disk.

use serde::de::IgnoredAny;
use tenure_model::{Delta, EntityKey, Timestamp};
use tracing::warn;
use uuid::Uuid;

use super::rows::RecordRow;
use super::{Position, Store, StoreError, keys, rows};
use crate::engine::{KeyRange, Order, Row};

/// How many rows one scan takes while all of a range are read.
const CHUNK: usize = 256;

/// A record as it was written, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    pub seq: u64,
    pub at: Timestamp,
    pub position: Position,
    /// JSON of `model::Record`.
    pub body: Vec<u8>,
}

/// A delta as it was written, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelta {
    pub position: Position,
    pub delta: Delta,
}

impl Store {
    /// Returns up to `limit` records from `from_seq` on, in their order; none that stand at the floor or below.
    pub fn records(&self, key: EntityKey, from_seq: u64, limit: usize) -> Result<Vec<StoredRecord>, StoreError> {
        self.above_floor(key, |floor| {
            let from = from_seq.max(floor + 1);
            let mut range = KeyRange::prefix(&keys::of_entity(keys::RECORD, key));
            range.from = keys::record(key, from);
            let found = self.0.engine.scan(range, Order::Up, limit)?;
            let mut records = Vec::with_capacity(found.len());
            for (expected, row) in (from..).zip(found) {
                match self.read_record(key, expected, row)? {
                    Some(record) => records.push(record),
                    None => break,
                }
            }
            Ok(records)
        })
    }

    /// Returns one record, wherever it stands.
    pub fn record(&self, key: EntityKey, seq: u64) -> Result<Option<StoredRecord>, StoreError> {
        let row_key = keys::record(key, seq);
        match self.0.engine.get(&row_key)? {
            Some(value) => self.read_record(key, seq, (row_key, value)),
            None => Ok(None),
        }
    }

    /// Returns up to `limit` records above `position`, in their order.
    pub fn records_after(
        &self,
        key: EntityKey,
        position: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let Some((last, newest)) = self.last_record(key)? else {
            return Ok(vec![]);
        };
        if newest <= position {
            return Ok(vec![]);
        }
        // Positions rise with seqs.
        let first = self.first_that(key, last, |row| row.position > position)?;
        self.records(key, first, limit)
    }

    /// Returns the number of the first record above the floor that was written at `at` or later; one more than the last when
    /// there is none.
    pub fn first_since(&self, key: EntityKey, at: Timestamp) -> Result<u64, StoreError> {
        let end = self.last_record(key)?.map_or(1, |(seq, _)| seq + 1);
        self.first_that(key, end, |row| row.at >= at)
    }

    /// Searches the records above the floor and before `end` for the first that fits; all after one that fits do, too.
    fn first_that(&self, key: EntityKey, end: u64, fits: impl Fn(&RecordRow) -> bool) -> Result<u64, StoreError> {
        self.above_floor(key, |floor| {
            let (mut low, mut high) = (floor + 1, end);
            while low < high {
                let middle = low + (high - low) / 2;
                match fits(&self.row_of(key, middle)?) {
                    true => high = middle,
                    false => low = middle + 1,
                }
            }
            Ok(low)
        })
    }

    /// Reads above the floor, and once more when it was raised meanwhile: what went then is no damage.
    fn above_floor<T>(&self, key: EntityKey, read: impl Fn(u64) -> Result<T, StoreError>) -> Result<T, StoreError> {
        loop {
            let floor = self.floor(key)?;
            match read(floor) {
                Err(StoreError::Damaged { .. }) if self.floor(key)? > floor => {}
                read => return read,
            }
        }
    }

    /// Returns the number and position of an entity's last record.
    pub fn last_record(&self, key: EntityKey) -> Result<Option<(u64, Position)>, StoreError> {
        let mut range = KeyRange::prefix(&keys::of_entity(keys::RECORD, key));
        loop {
            let Some((row_key, value)) = self.0.engine.scan(range.clone(), Order::Down, 1)?.pop() else {
                return Ok(None);
            };
            let seq = keys::read_seq(&row_key).unwrap_or_default();
            let Some(row) = rows::read_record(&row_key, &value) else {
                return Err(StoreError::damaged(key, format!("record {seq} does not verify")));
            };
            if row.position <= self.position() {
                return Ok(Some((seq, row.position)));
            }
            range = range.below(&row_key);
        }
    }

    /// Returns the deltas of an entity's open streams, by stream and number.
    pub fn deltas(&self, key: EntityKey) -> Result<Vec<StoredDelta>, StoreError> {
        self.deltas_after(key, Position(0))
    }

    /// Returns the deltas of an entity's open streams above `position`, by stream and number.
    pub fn deltas_after(&self, key: EntityKey, position: Position) -> Result<Vec<StoredDelta>, StoreError> {
        let range = KeyRange::prefix(&keys::of_entity(keys::DELTA, key));
        if self.0.engine.scan(range.clone(), Order::Up, 1)?.is_empty() {
            return Ok(vec![]);
        }
        // Streams that are closed while this reads must not show half: what was closed before or after is left out.
        let mut closed = self.closed_streams(key)?;
        let durable = self.position();
        let mut found = vec![];
        self.each_row(range, |row_key, value| {
            let (stream, number) = keys::read_delta(&row_key)
                .ok_or_else(|| StoreError::damaged(key, "a delta stands under a key that is none"))?;
            if closed.contains(&stream) {
                return Ok(());
            }
            let row = rows::read_delta(&row_key, &value).ok_or_else(|| {
                StoreError::damaged(key, format!("delta {number} of stream {stream} does not verify"))
            })?;
            if row.position > position && row.position <= durable {
                found.push(StoredDelta { position: row.position, delta: Delta { stream, number, body: row.body } });
            }
            Ok(())
        })?;
        closed.extend(self.closed_streams(key)?);
        found.retain(|stored| !closed.contains(&stored.delta.stream));
        Ok(found)
    }

    /// Returns up to `limit` records of a page (the nil page is the whole transcript) before `before_seq`, newest first.
    pub fn page(
        &self,
        key: EntityKey,
        page: Uuid,
        before_seq: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let mut range = KeyRange::prefix(&keys::page(key, page));
        if let Some(seq) = before_seq {
            range = range.below(&keys::page_row(key, page, seq));
        }
        let mut records = vec![];
        for (row_key, _) in self.0.engine.scan(range, Order::Down, limit)? {
            let Some(seq) = keys::read_seq(&row_key) else { continue };
            match self.record(key, seq)? {
                Some(record) => records.push(record),
                // It may have gone since the page was read, or not be durable yet.
                None if seq <= self.floor(key)? || self.0.engine.get(&keys::record(key, seq))?.is_some() => {}
                None => warn!(entity = %key, seq, "a page names record {seq}, which is not there; rebuild the pages"),
            }
        }
        Ok(records)
    }

    /// Returns how many bytes an entity's own rows take, indexes apart.
    pub fn size_of(&self, key: EntityKey) -> Result<u64, StoreError> {
        let mut bytes = 0;
        for family in [keys::RECORD, keys::DELTA, keys::SNAPSHOT, keys::BLOB] {
            self.each_row(KeyRange::prefix(&keys::of_entity(family, key)), |row_key, value| {
                bytes += (row_key.len() + value.len()) as u64;
                Ok(())
            })?;
        }
        Ok(bytes)
    }

    /// Verifies a row as record `expected`; nothing when it is not durable yet.
    pub(super) fn read_record(
        &self,
        key: EntityKey,
        expected: u64,
        (row_key, value): Row,
    ) -> Result<Option<StoredRecord>, StoreError> {
        let seq = keys::read_seq(&row_key).unwrap_or_default();
        if seq != expected {
            return Err(StoreError::damaged(key, format!("record {expected} is missing next to record {seq}")));
        }
        let damaged = || StoreError::damaged(key, format!("record {seq} does not verify"));
        let row = rows::read_record(&row_key, &value).ok_or_else(damaged)?;
        if row.position > self.position() {
            return Ok(None);
        }
        let body = self.fetch_body(key, row.body, &format!("record {seq}"))?;
        serde_json::from_slice::<IgnoredAny>(&body)
            .map_err(|error| StoreError::damaged(key, format!("record {seq} is no JSON: {error}")))?;
        Ok(Some(StoredRecord { seq, at: row.at, position: row.position, body }))
    }

    fn row_of(&self, key: EntityKey, seq: u64) -> Result<RecordRow, StoreError> {
        let row_key = keys::record(key, seq);
        let value = self.0.engine.get(&row_key)?;
        let value = value.ok_or_else(|| StoreError::damaged(key, format!("record {seq} is missing")))?;
        let row = rows::read_record(&row_key, &value);
        row.ok_or_else(|| StoreError::damaged(key, format!("record {seq} does not verify")))
    }

    /// Calls `see` with every row of a range, upwards, a chunk in memory at a time.
    pub(super) fn each_row(
        &self,
        mut range: KeyRange,
        mut see: impl FnMut(Vec<u8>, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            let rows = self.0.engine.scan(range.clone(), Order::Up, CHUNK)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            range = range.above(last);
            for (key, value) in rows {
                see(key, value)?;
            }
        }
    }
}
