//! What the runtime is made of, and its defaults.

use std::sync::Arc;

use tenure_journal::Store;
use tenure_model::Span;
use tenure_session::Limits;
use tenure_workflow::{execution, gate};

use crate::clock::Clock;
use crate::roster::RosterOptions;
use crate::runs::{Builtin, Tools};
use crate::sandbox::Sandboxes;

/// How long the records stay that no state stands on any more, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub span: Span,
    pub records_max: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { span: Span::hours(24 * 90), records_max: 200_000 }
    }
}

/// What the runtime is made of and how large it may grow.
#[derive(Clone)]
pub struct Options {
    pub store: Store,
    pub clock: Clock,
    /// Threads that run entities.
    pub arbiters: usize,
    /// Commands asked and not yet answered, over all entities; more wait for their turn.
    pub outstanding_max: usize,
    /// Records between two snapshots of an entity.
    pub snapshot_every: u64,
    /// Which of their records ledgers keep.
    pub retention: Retention,
    /// After how long without a command an entity goes to sleep.
    pub passivate_after: Span,
    /// After how many failed attempts an effect is given up.
    pub effect_attempts_max: u32,
    /// What sessions are created with. The roster counts leases by it, so that both sides of a lease always agree.
    pub session: Limits,
    /// What runs are started with.
    pub execution: execution::Limits,
    /// How many runs go on at once.
    pub gate: gate::Limits,
    /// The tools that the server calls for runs.
    pub tools: Arc<dyn Tools>,
    pub roster: RosterOptions,
    /// The kinds of sandboxes that sessions can have.
    pub sandboxes: Arc<Sandboxes>,
}

impl Options {
    /// Returns the defaults over a store.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            clock: Clock::Real,
            arbiters: std::thread::available_parallelism().map_or(2, usize::from),
            outstanding_max: 3_500,
            snapshot_every: 500,
            retention: Retention::default(),
            passivate_after: Span::mins(2),
            effect_attempts_max: 20,
            session: Limits::default(),
            execution: execution::Limits::default(),
            gate: gate::Limits::default(),
            tools: Arc::new(Builtin),
            roster: RosterOptions::default(),
            sandboxes: Arc::new(Sandboxes::none()),
        }
    }
}
