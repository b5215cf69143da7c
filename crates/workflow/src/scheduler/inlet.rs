//! The addresses and secrets of an inlet that are good at a time.

use serde::{Deserialize, Serialize};
use tenure_model::time::Timestamp;

use crate::trigger::webhook::Secret;

/// What calls of an address are checked by. Each rotation leaves the pair before it good for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub generation: u32,
    pub secret: Secret,
    /// The pairs before, with the time until which they are good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old: Vec<OldKeys>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldKeys {
    pub generation: u32,
    pub secret: Secret,
    pub until: Timestamp,
}

impl Default for Keys {
    fn default() -> Self {
        Self { generation: 1, secret: Secret::Made { generation: 1 }, old: vec![] }
    }
}

impl Keys {
    /// Tells whether an address of this generation is good.
    pub fn takes(&self, generation: u32, now: Timestamp) -> bool {
        generation == self.generation || self.old_at(now).any(|old| old.generation == generation)
    }

    /// Lists the secrets that are good, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.secret).chain(self.old_at(now).map(|old| &old.secret))
    }

    fn old_at(&self, now: Timestamp) -> impl Iterator<Item = &OldKeys> {
        self.old.iter().filter(move |old| old.until > now)
    }

    pub(super) fn rotate(&mut self, generation: u32, secret: Secret, until: Timestamp, now: Timestamp) {
        let old = OldKeys { generation: self.generation, secret: self.secret.clone(), until };
        self.old.retain(|old| old.until > now);
        self.old.insert(0, old);
        (self.generation, self.secret) = (generation, secret);
    }
}
