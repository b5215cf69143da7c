//! How the runtime is doing, for operators and probes.

use std::sync::atomic::Ordering;

use tenure_journal::Position;
use tenure_model::EntityKey;

use crate::start::Runtime;

/// How the runtime is doing.
#[derive(Clone, Debug)]
pub struct Health {
    /// Why nothing can be written, when that is so.
    pub failure: Option<String>,
    /// Commits that wait for the writer.
    pub queued: usize,
    pub commits: u64,
    pub flushes: u64,
    pub refused_commits: u64,
    pub last_flush_us: u64,
    pub flush_us_sum: u64,
    pub position: Position,
    pub awake: usize,
    pub alarms: usize,
    /// What entities have asked for and was not carried out yet.
    pub effects: usize,
    /// Watchers that have lost news since the start.
    pub lagged: u64,
    /// Entities whose journals do not verify.
    pub set_aside: Vec<(EntityKey, String)>,
}

impl Runtime {
    pub fn health(&self) -> Health {
        let figures = self.core.writer.figures();
        let set_aside = self.core.set_aside.lock().expect("noting damage does not panic");
        Health {
            failure: figures.failure(),
            queued: figures.queued.load(Ordering::Relaxed),
            commits: figures.commits.load(Ordering::Relaxed),
            flushes: figures.flushes.load(Ordering::Relaxed),
            refused_commits: figures.refused.load(Ordering::Relaxed),
            last_flush_us: figures.last_flush_us.load(Ordering::Relaxed),
            flush_us_sum: figures.flush_us_sum.load(Ordering::Relaxed),
            position: self.store.position(),
            awake: self.sessions.awake_count()
                + self.owners.awake_count()
                + self.workflows.awake_count()
                + self.executions.awake_count()
                + self.gate.awake_count()
                + self.schedulers.awake_count()
                + self.policies.awake_count()
                + self.budgets.awake_count()
                + self.realm.awake_count(),
            alarms: self.core.alarms.count(),
            effects: self.effects.count(),
            lagged: self.sessions.feed().lagged() + self.executions.feed().lagged(),
            set_aside: set_aside.iter().map(|(key, why)| (*key, why.clone())).collect(),
        }
    }
}
