//! Lists over all entities: timers, summaries, the entities themselves. A row that does not verify is skipped with a
//! warning; [`Store::rebuild`] writes it anew.

use tenure_model::{EntityKey, Kind, Row, Summary, SummaryKey, Timestamp};
use tracing::warn;
use uuid::Uuid;

use super::{Position, Store, StoreError, Timer, keys, rows};
use crate::engine::{EngineError, KeyRange, Order, after_prefix};

impl Store {
    /// Returns every timer, the earliest first. All of them are in memory at once: 40 bytes each.
    pub fn timers(&self) -> Result<Vec<(Timer, EntityKey)>, StoreError> {
        let mut timers = vec![];
        self.each_row(KeyRange::prefix(&[keys::TIMER]), |key, value| {
            match (rows::read_timer(&key, &value), keys::read_entity(&key)) {
                (Some(timer), Some(entity)) => timers.push((timer, entity)),
                _ => warn!("a timer does not verify ({key:02x?}); rebuild the indexes"),
            }
            Ok(())
        })?;
        timers.sort_unstable();
        Ok(timers)
    }

    /// Returns the timer of one entity.
    pub fn timer(&self, entity: EntityKey) -> Result<Option<Timer>, StoreError> {
        let key = keys::of_entity(keys::TIMER, entity);
        let Some(value) = self.0.engine.get(&key)? else {
            return Ok(None);
        };
        let timer = rows::read_timer(&key, &value);
        if timer.is_none() {
            warn!(%entity, "the timer of {entity} does not verify; rebuild the indexes");
        }
        Ok(timer)
    }

    /// Returns up to `limit` rows of an owner's list after the row at `after`, the highest rank first.
    pub fn summaries(
        &self,
        owner: Uuid,
        list: &str,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let start = keys::list(owner, list);
        let mut range = KeyRange::prefix(&start);
        if let Some((rank, id)) = after {
            range = range.below(&keys::ranked(&start, rank, id));
        }
        let mut summaries = vec![];
        while summaries.len() < limit {
            let found = self.0.engine.scan(range.clone(), Order::Down, limit - summaries.len())?;
            let Some((last, _)) = found.last() else { break };
            range = range.below(last);
            for (key, value) in found {
                match (keys::read_summary(&key), rows::read_summary(&key, &value)) {
                    (Some(key), Some((_, row))) => summaries.push(Summary { key, row }),
                    _ => warn!("a summary does not verify ({key:02x?}); rebuild the indexes"),
                }
            }
        }
        Ok(summaries)
    }

    /// Returns one summary row.
    pub fn summary(&self, key: &SummaryKey) -> Result<Option<Row>, StoreError> {
        let row_key = keys::summary(key);
        let value = self.0.engine.get(&row_key)?;
        Ok(value.and_then(|value| rows::read_summary(&row_key, &value)).map(|(_, row)| row))
    }

    /// Returns up to `limit` ids of the entities of a kind that have a record, after the id `after`.
    pub fn entities(&self, kind: Kind, after: Option<Uuid>, limit: usize) -> Result<Vec<Uuid>, StoreError> {
        Ok(self.entities_in(keys::RECORD, kind, after, limit)?.into_iter().map(|entity| entity.id).collect())
    }

    /// Returns the entities of a kind that have rows in a family: jumps from each one's first row to the next one's.
    pub(super) fn entities_in(
        &self,
        family: u8,
        kind: Kind,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<EntityKey>, StoreError> {
        let mut range = KeyRange::prefix(&keys::of_kind(family, kind));
        if let Some(id) = after {
            range.from = after_prefix(&keys::of_entity(family, EntityKey { kind, id }));
        }
        let mut entities = vec![];
        while entities.len() < limit
            && let Some((key, _)) = self.0.engine.scan(range.clone(), Order::Up, 1)?.pop()
        {
            let Some(entity) = keys::read_entity(&key) else {
                warn!("a row stands under a key that is none ({key:02x?})");
                range = range.above(&key);
                continue;
            };
            range.from = after_prefix(&keys::of_entity(family, entity));
            entities.push(entity);
        }
        Ok(entities)
    }

    /// Returns the last position as it is stored.
    pub(super) fn stored_position(&self) -> Result<Position, StoreError> {
        let key = keys::position();
        let Some(value) = self.0.engine.get(&key)? else {
            return Ok(Position(0));
        };
        rows::read_number(&key, &value).map(Position).ok_or_else(|| {
            EngineError::Damaged { what: "the position does not verify; restore a backup".into() }.into()
        })
    }
}
