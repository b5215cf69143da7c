//! The claims: which works the entities believe to be at which runner. Derived from awake entities, rebuilt at start.

use std::collections::HashMap;
use std::sync::Mutex;

use tenure_model::id::RunnerId;
use tenure_model::{Claim, EntityKey};

/// Every claim of every awake entity.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<EntityKey, Vec<Claim>>>);

impl Claims {
    /// Replaces the claims of an entity.
    pub fn set(&self, key: EntityKey, claims: &[Claim]) {
        let mut all = self.0.lock().expect("noting claims does not panic");
        if claims.is_empty() {
            all.remove(&key);
        } else {
            all.insert(key, claims.to_vec());
        }
    }

    /// Counts the claims on each runner.
    pub fn counts(&self) -> HashMap<RunnerId, usize> {
        let all = self.0.lock().expect("noting claims does not panic");
        let mut counts = HashMap::new();
        for claim in all.values().flatten() {
            *counts.entry(claim.runner).or_default() += 1;
        }
        counts
    }

    /// Lists the claims on one runner.
    pub fn of_runner(&self, runner: RunnerId) -> Vec<(EntityKey, Claim)> {
        let all = self.0.lock().expect("noting claims does not panic");
        let claims = all.iter().flat_map(|(key, claims)| claims.iter().map(|claim| (*key, *claim)));
        claims.filter(|(_, claim)| claim.runner == runner).collect()
    }
}
