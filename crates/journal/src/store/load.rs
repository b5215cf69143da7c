//! Loading an entity: its snapshot, what came after it, and what is wrong with it.

use tenure_model::EntityKey;
use tracing::warn;

use super::rows::SnapshotRow;
use super::{Position, Snapshot, Store, StoreError, StoredDelta, StoredRecord, Timer, keys, lock, rows};
use crate::engine::{KeyRange, Order};

/// How many records one read takes while a journal is loaded.
const CHUNK: usize = 256;

/// Everything that an entity needs to awake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    pub snapshot: Option<Snapshot>,
    /// The records after the snapshot, or all of them.
    pub records: Vec<StoredRecord>,
    /// The deltas of open streams; they are folded after the records.
    pub deltas: Vec<StoredDelta>,
    /// The number of the last record, 0 for an entity that never was.
    pub seq: u64,
    /// The position of the last record or delta, whichever is higher.
    pub position: Position,
    /// The timer row as it stands.
    pub timer: Option<Timer>,
}

impl Store {
    /// Returns everything that an entity needs to awake, verified. An entity that never was loads as nothing.
    pub fn load(&self, key: EntityKey) -> Result<Loaded, StoreError> {
        let loaded = self.load_verified(key);
        let mut set_aside = lock(&self.0.set_aside);
        match &loaded {
            Err(StoreError::Damaged { what, .. }) => drop(set_aside.insert(key, what.clone())),
            Ok(_) => drop(set_aside.remove(&key)),
            Err(StoreError::Engine(_)) => {}
        }
        loaded
    }

    fn load_verified(&self, key: EntityKey) -> Result<Loaded, StoreError> {
        let (seq, position) = self.last_record(key)?.unwrap_or_default();
        let snapshot = self.usable_snapshot(key, seq)?;
        let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        Ok(Loaded { snapshot, ..self.load_after(key, after, seq, position)? })
    }

    /// Returns an entity with all of its records above the floor, whatever its snapshot says.
    pub(super) fn load_whole(&self, key: EntityKey) -> Result<Loaded, StoreError> {
        let (seq, position) = self.last_record(key)?.unwrap_or_default();
        self.load_after(key, self.floor(key)?, seq, position)
    }

    fn load_after(&self, key: EntityKey, after: u64, seq: u64, mut position: Position) -> Result<Loaded, StoreError> {
        let mut records = vec![];
        let mut next = after + 1;
        while next <= seq {
            let more = self.records(key, next, CHUNK.min((seq - next + 1) as usize))?;
            if more.is_empty() {
                return Err(StoreError::damaged(key, format!("record {next} is missing")));
            }
            next += more.len() as u64;
            records.extend(more);
        }
        let deltas = self.deltas(key)?;
        position = deltas.iter().map(|stored| stored.position).fold(position, Position::max);
        Ok(Loaded { snapshot: None, records, deltas, seq, position, timer: self.timer(key)? })
    }

    /// Returns the snapshot, or nothing when the records tell all: there is none, or it does not verify. A journal with a floor
    /// cannot be without.
    pub(super) fn usable_snapshot(&self, key: EntityKey, last: u64) -> Result<Option<Snapshot>, StoreError> {
        let floor = self.floor(key)?;
        let found = match self.snapshot(key) {
            Ok(Some(snapshot)) if snapshot.seq > last => {
                if self.last_stored_seq(key)? < snapshot.seq {
                    let what = format!("its journal ends at record {last}, before its snapshot of {}", snapshot.seq);
                    return Err(StoreError::damaged(key, what));
                }
                // It stands for records that are not durable yet.
                Ok(None)
            }
            Err(StoreError::Damaged { what, .. }) if floor == 0 => {
                warn!(entity = %key, "{what}; the state is folded from all records");
                Ok(None)
            }
            other => other,
        }?;
        match found {
            None if floor > 0 => {
                let what = format!("its records up to {floor} were compacted, and no snapshot stands for them");
                Err(StoreError::damaged(key, what))
            }
            found => Ok(found),
        }
    }

    /// Returns an entity's snapshot, verified.
    pub fn snapshot(&self, key: EntityKey) -> Result<Option<Snapshot>, StoreError> {
        let row_key = keys::of_entity(keys::SNAPSHOT, key);
        let Some(value) = self.0.engine.get(&row_key)? else {
            return Ok(None);
        };
        let Some(SnapshotRow { seq, body }) = rows::read_snapshot(&row_key, &value) else {
            return Err(StoreError::damaged(key, "the snapshot does not verify"));
        };
        let body = self.fetch_body(key, body, "the snapshot")?;
        serde_json::from_slice::<serde::de::IgnoredAny>(&body)
            .map_err(|error| StoreError::damaged(key, format!("the snapshot is no JSON: {error}")))?;
        Ok(Some(Snapshot { seq, body }))
    }

    fn last_stored_seq(&self, key: EntityKey) -> Result<u64, StoreError> {
        let range = KeyRange::prefix(&keys::of_entity(keys::RECORD, key));
        let last = self.0.engine.scan(range, Order::Down, 1)?.pop();
        Ok(last.and_then(|(row_key, _)| keys::read_seq(&row_key)).unwrap_or_default())
    }
}
