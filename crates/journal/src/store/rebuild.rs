//! Rebuilding: every index row of a kind is made anew from the journal, and what differs is written.
//!
//! Each entity's rows are compared, so a crash in the middle leaves nothing worse than before, and a second run finishes.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::{Entity, EntityKey, Record};
use tracing::warn;

use super::prepare::page_keys;
use super::{EffectId, Loaded, NewRecord, Snapshot, Store, StoreError, StoredRecord, Timer, keys, lock, rows};
use crate::engine::{BATCH_ROWS_MAX, KeyRange, Op};

/// What a rebuild found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub entities: usize,
    /// Rows that were missing or different.
    pub written: usize,
    /// Rows that should not have been there.
    pub removed: usize,
    /// Entities that do not verify; their rows were left alone.
    pub damaged: Vec<EntityKey>,
}

/// Index rows by key.
type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

impl Store {
    /// Makes the timers, summaries, pages and outbox of every entity of a kind what its journal says. An effect that was
    /// carried out comes back when its sender still wants it: effects are repeatable. Runs on the writer thread.
    pub fn rebuild<E: Entity>(&self) -> Result<Rebuilt, StoreError> {
        let _writing = lock(&self.0.writing);
        let mut summaries = self.summaries_of_kind::<E>()?;
        let mut rebuilt = Rebuilt::default();
        for key in self.known::<E>(summaries.keys().copied())? {
            let mut stored = summaries.remove(&key).unwrap_or_default();
            for family in [keys::TIMER, keys::PAGE, keys::OUTBOX] {
                self.each_row(KeyRange::prefix(&keys::of_entity(family, key)), |key, value| {
                    stored.insert(key, value);
                    Ok(())
                })?;
            }
            match self.index_rows::<E>(key) {
                Ok(wanted) => self.replace(stored, &wanted, &mut rebuilt)?,
                Err(StoreError::Damaged { what, .. }) => {
                    warn!(entity = %key, "the indexes of {key} are not rebuilt: {what}");
                    rebuilt.damaged.push(key);
                }
                Err(failure) => return Err(failure),
            }
            rebuilt.entities += 1;
        }
        Ok(rebuilt)
    }

    /// Returns every entity of the kind that has rows of any sort.
    fn known<E: Entity>(&self, more: impl Iterator<Item = EntityKey>) -> Result<BTreeSet<EntityKey>, StoreError> {
        let mut known: BTreeSet<_> = more.collect();
        for family in [keys::RECORD, keys::TIMER, keys::PAGE, keys::OUTBOX] {
            known.extend(self.entities_in(family, E::KIND, None, usize::MAX)?);
        }
        Ok(known)
    }

    /// Returns the stored summaries of the kind, by entity; those that do not verify are deleted.
    fn summaries_of_kind<E: Entity>(&self) -> Result<BTreeMap<EntityKey, Rows>, StoreError> {
        let mut found: BTreeMap<EntityKey, Rows> = BTreeMap::new();
        let mut broken = vec![];
        self.each_row(KeyRange::prefix(&[keys::SUMMARY]), |key, value| {
            match rows::read_summary(&key, &value) {
                Some((entity, _)) if entity.kind == E::KIND => {
                    drop(found.entry(entity).or_default().insert(key, value))
                }
                Some(_) => {}
                None => broken.push(Op::Delete(key)),
            }
            Ok(())
        })?;
        self.write_in_batches(broken)?;
        Ok(found)
    }

    /// Returns the index rows that an entity should have.
    fn index_rows<E: Entity>(&self, key: EntityKey) -> Result<Rows, StoreError> {
        let loaded = self.load_whole(key)?;
        let mut wanted = Rows::new();
        if loaded.seq == 0 && loaded.deltas.is_empty() {
            return Ok(wanted);
        }
        let records = read_records::<E>(key, &loaded)?;
        let state = fold::<E>(key, self.usable_snapshot(key, loaded.seq)?, &records, &loaded)?;
        if let Some(timer) = Timer::of(&state) {
            let row = keys::of_entity(keys::TIMER, key);
            let value = rows::write_timer(&row, timer);
            wanted.insert(row, value);
        }
        for (summary, value) in state.summaries(key.id) {
            let row = keys::summary(&summary);
            let value = rows::write_summary(&row, key, &value);
            wanted.insert(row, value);
        }
        for record in self.kept_below::<E>(key)?.iter().chain(&records) {
            let pages = NewRecord::of(record).pages;
            wanted.extend(page_keys(key, record.seq, &pages).into_iter().map(|row| (row, vec![])));
        }
        for record in &records {
            let effects = record.effects.iter().zip(0..).filter(|(effect, _)| state.wants(effect));
            wanted.extend(effects.map(|(_, n)| (keys::outbox(EffectId { key, seq: record.seq, n }), vec![])));
        }
        Ok(wanted)
    }

    fn replace(&self, stored: Rows, wanted: &Rows, rebuilt: &mut Rebuilt) -> Result<(), StoreError> {
        let put = |(key, value): (&Vec<u8>, &Vec<u8>)| Op::Put(key.clone(), value.clone());
        let written: Vec<_> = wanted.iter().filter(|(key, value)| stored.get(*key) != Some(value)).map(put).collect();
        let removed: Vec<_> = stored.into_keys().filter(|key| !wanted.contains_key(key)).map(Op::Delete).collect();
        rebuilt.written += written.len();
        rebuilt.removed += removed.len();
        self.write_in_batches([removed, written].concat())
    }

    fn write_in_batches(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        // A summary may take some rows, and replace as many.
        for batch in ops.chunks(BATCH_ROWS_MAX / 20) {
            self.0.engine.write(batch).inspect_err(|_| lock(&self.0.fences).clear())?;
        }
        Ok(())
    }
}

fn read_records<E: Entity>(key: EntityKey, loaded: &Loaded) -> Result<Vec<Record<E>>, StoreError> {
    loaded.records.iter().map(|stored| typed(key, stored)).collect()
}

/// Reads what a record holds.
pub(super) fn typed<E: Entity>(key: EntityKey, stored: &StoredRecord) -> Result<Record<E>, StoreError> {
    serde_json::from_slice(&stored.body)
        .map_err(|error| StoreError::damaged(key, format!("record {} cannot be read: {error}", stored.seq)))
}

/// Folds a state: the snapshot if it can be read, the records after it, the deltas.
fn fold<E: Entity>(
    key: EntityKey,
    snapshot: Option<Snapshot>,
    records: &[Record<E>],
    loaded: &Loaded,
) -> Result<E, StoreError> {
    let (state, seq) = match snapshot {
        Some(snapshot) => {
            let state = serde_json::from_slice(&snapshot.body)
                .map_err(|error| StoreError::damaged(key, format!("the snapshot cannot be read: {error}")))?;
            (state, snapshot.seq)
        }
        None => (E::default(), 0),
    };
    let mut state: E = tenure_model::record::fold(state, records.iter().filter(|record| record.seq > seq));
    loaded.deltas.iter().for_each(|stored| state.absorb(&stored.delta));
    Ok(state)
}
