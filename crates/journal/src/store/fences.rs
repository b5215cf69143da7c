//! Who may write an entity: the epoch of its present life and the number of its last record.

use std::collections::HashMap;

use tenure_model::EntityKey;

use super::Epoch;

/// The present lives of all entities that are awake.
#[derive(Default)]
pub(super) struct Fences {
    lives: HashMap<EntityKey, Life>,
    /// The last epoch that was given to anyone: one counter for all, so that a released entity needs no row here.
    last: u64,
}

#[derive(Clone, Copy)]
struct Life {
    epoch: Epoch,
    /// The number of the last record; unknown until the first commit or load of this life.
    seq: Option<u64>,
}

impl Fences {
    pub(super) fn raise(&mut self, key: EntityKey) -> Epoch {
        self.last += 1;
        let epoch = Epoch(self.last);
        self.lives.insert(key, Life { epoch, seq: None });
        epoch
    }

    pub(super) fn release(&mut self, key: EntityKey, epoch: Epoch) {
        if self.admits(key, epoch) {
            self.lives.remove(&key);
        }
    }

    /// Ends the present life of an entity, whichever it is.
    pub(super) fn end(&mut self, key: EntityKey) {
        self.lives.remove(&key);
    }

    pub(super) fn clear(&mut self) {
        self.lives.clear();
    }

    pub(super) fn admits(&self, key: EntityKey, epoch: Epoch) -> bool {
        self.lives.get(&key).is_some_and(|life| life.epoch == epoch)
    }

    pub(super) fn seq(&self, key: EntityKey) -> Option<u64> {
        self.lives.get(&key)?.seq
    }

    pub(super) fn set_seq(&mut self, key: EntityKey, seq: u64) {
        if let Some(life) = self.lives.get_mut(&key) {
            life.seq = Some(seq);
        }
    }
}
