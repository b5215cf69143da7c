//! What the gate remembers: who holds a slot, who waits for one, and how many that makes by owner and key.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tenure_model::id::{ExecutionId, UserId};
use tenure_model::limit::{BadLimit, COUNT_MAX, check};
use tenure_model::time::Timestamp;

use crate::execution::effect::SlotAsk;

/// The state of the gate. The default is a gate that nobody has asked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    pub limits: Limits,
    pub running: BTreeMap<ExecutionId, SlotAsk>,
    /// In the order in which they have asked.
    pub queue: VecDeque<Waiting>,
    pub tally: Tally,
}

/// How many runs may go on at once. A run that only waits for a person, a time, an event or a child does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Limits {
    /// Runs of everybody together; more of them queue.
    pub runs_max: u32,
    /// Runs of one owner; more of them queue.
    pub owner_runs_max: u32,
    /// Runs that wait in the queue.
    pub queue_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { runs_max: 50, owner_runs_max: 5, queue_max: 100_000 }
    }
}

impl Limits {
    /// Checks every limit.
    pub fn check(&self) -> Result<(), BadLimit> {
        check([
            ("runs_max", self.runs_max.into(), 1, COUNT_MAX),
            ("owner_runs_max", self.owner_runs_max.into(), 1, COUNT_MAX),
            ("queue_max", self.queue_max, 1, COUNT_MAX),
        ])
    }
}

/// A run that waits for a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub execution: ExecutionId,
    pub slot: SlotAsk,
    pub since: Timestamp,
}

/// How many runs hold a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub all: u32,
    pub owners: BTreeMap<UserId, u32>,
    pub keys: BTreeMap<String, u32>,
}

impl Tally {
    pub fn add(&mut self, slot: &SlotAsk) {
        self.all += 1;
        *self.owners.entry(slot.owner).or_default() += 1;
        if let Some(key) = &slot.key {
            *self.keys.entry(key.key.clone()).or_default() += 1;
        }
    }

    pub fn remove(&mut self, slot: &SlotAsk) {
        self.all = self.all.saturating_sub(1);
        take(&mut self.owners, &slot.owner);
        if let Some(key) = &slot.key {
            take(&mut self.keys, &key.key);
        }
    }

    /// Returns the limit that keeps one more run from starting, by name.
    pub fn full(&self, slot: &SlotAsk, limits: &Limits) -> Option<String> {
        let of_owner = self.owners.get(&slot.owner).copied().unwrap_or_default();
        let key = slot.key.as_ref().map(|key| (key, self.keys.get(&key.key).copied().unwrap_or_default()));
        match key {
            Some((key, used)) if used >= key.max => Some(format!("the workflow's own limit is {}", key.max)),
            _ if of_owner >= limits.owner_runs_max => {
                Some(format!("the limit owner_runs_max is {}", limits.owner_runs_max))
            }
            _ if self.all >= limits.runs_max => Some(format!("the limit runs_max is {}", limits.runs_max)),
            _ => None,
        }
    }
}

fn take<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}
