//! What every part of the runtime shares.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tenure_journal::{Outlived, Store};
use tenure_model::{Entity, EntityKey};
use tokio::sync::{Semaphore, watch};

use crate::alarms::Alarms;
use crate::clock::Clock;
use crate::lists::Lists;
use crate::options::Retention;
use crate::roster::{Claims, Waiters};
use crate::stirs::Stirs;
use crate::writer::Writer;

pub(crate) struct Core {
    pub store: Store,
    pub writer: Writer,
    pub clock: Clock,
    pub alarms: Alarms,
    pub lists: Lists,
    pub stirs: Stirs,
    pub claims: Claims,
    pub waiters: Waiters,
    /// Rung when a runner has come or gone, or has taken on or ended a work.
    pub runners_changed: watch::Sender<()>,
    /// Bounds what is asked and not yet answered, over all entities.
    pub outstanding: Arc<Semaphore>,
    pub snapshot_every: u64,
    pub retention: Retention,
    pub set_aside: Mutex<BTreeMap<EntityKey, String>>,
}

impl Core {
    /// Lets the writer take away what has outlived its use, when it has the time. Called after a snapshot was handed over.
    pub fn compact<E: Entity>(&self, key: EntityKey, state: &E) {
        let needed_from = state.needed_from();
        if needed_from <= 1 {
            return;
        }
        let Retention { span, records_max } = self.retention;
        let outlived = Outlived { before: self.clock.now() - span, records_max, needed_from };
        let mut end = None;
        self.writer.at_leisure(key, move |store| {
            let end = match end {
                Some(end) => end,
                None => *end.insert(store.compactable(key, &outlived)?),
            };
            store.compact::<E>(key, end)
        });
    }

    /// Notes that an entity's journal does not verify; operators see it, the server goes on without it.
    pub fn set_aside(&self, key: EntityKey, why: String) {
        self.set_aside.lock().expect("noting damage does not panic").insert(key, why);
    }
}
