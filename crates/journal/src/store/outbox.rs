//! The outbox: effects that were recorded and not yet struck out. The rows only name them; their records hold them.

use serde::Deserialize;
use serde_json::Value;
use tenure_model::EntityKey;
use tracing::warn;

use super::{EffectId, Store, StoreError, StoredRecord, keys, lock};
use crate::engine::{KeyRange, Order};

/// The part of a record that is asked for.
#[derive(Deserialize)]
struct Effects {
    #[serde(default)]
    effects: Vec<Value>,
}

impl Store {
    /// Returns up to `limit` waiting effects after `after`, by entity and in the order they were asked for, with the JSON
    /// of each. Effects of damaged entities are left out: those entities are set aside.
    pub fn outbox(&self, after: Option<EffectId>, limit: usize) -> Result<Vec<(EffectId, Vec<u8>)>, StoreError> {
        let mut range = KeyRange::prefix(&[keys::OUTBOX]);
        if let Some(after) = after {
            range = range.above(&keys::outbox(after));
        }
        self.waiting(range, limit)
    }

    /// Returns every waiting effect of one entity.
    pub fn outbox_of(&self, key: EntityKey) -> Result<Vec<(EffectId, Vec<u8>)>, StoreError> {
        self.waiting(KeyRange::prefix(&keys::of_entity(keys::OUTBOX, key)), usize::MAX)
    }

    fn waiting(&self, mut range: KeyRange, limit: usize) -> Result<Vec<(EffectId, Vec<u8>)>, StoreError> {
        let mut waiting = vec![];
        let mut opened: Option<(EntityKey, u64, Vec<Value>)> = None;
        while waiting.len() < limit {
            let rows = self.0.engine.scan(range.clone(), Order::Up, limit - waiting.len())?;
            let Some((last, _)) = rows.last() else { break };
            range = range.above(last);
            for (row_key, _) in rows {
                let Some(id) = keys::read_outbox(&row_key) else {
                    warn!("an effect stands under a key that is none ({row_key:02x?}); rebuild the indexes");
                    continue;
                };
                if opened.as_ref().is_none_or(|(key, seq, _)| (*key, *seq) != (id.key, id.seq)) {
                    opened = Some((id.key, id.seq, self.effects_of(id.key, id.seq)?));
                }
                let effects = opened.as_ref().map_or(&[][..], |(_, _, effects)| effects);
                waiting.extend(effects.get(id.n as usize).map(|effect| (id, effect.to_string().into_bytes())));
            }
        }
        Ok(waiting)
    }

    /// Returns the effects of a record; none when it is not durable yet or does not verify.
    fn effects_of(&self, key: EntityKey, seq: u64) -> Result<Vec<Value>, StoreError> {
        let record_key = keys::record(key, seq);
        let Some(value) = self.0.engine.get(&record_key)? else {
            warn!(entity = %key, seq, "an effect waits whose record {seq} is not there; rebuild the outbox");
            return Ok(vec![]);
        };
        match self.read_record(key, seq, (record_key, value)) {
            Ok(record) => Ok(record.map_or(vec![], |record| parse(&record))),
            Err(StoreError::Damaged { what, .. }) => {
                warn!(entity = %key, seq, "the effects of a record stay where they are: {what}");
                lock(&self.0.set_aside).insert(key, what);
                Ok(vec![])
            }
            Err(failure) => Err(failure),
        }
    }
}

fn parse(record: &StoredRecord) -> Vec<Value> {
    match serde_json::from_slice::<Effects>(&record.body) {
        Ok(record) => record.effects,
        Err(error) => {
            warn!(seq = record.seq, "a record's effects cannot be read: {error}");
            vec![]
        }
    }
}
