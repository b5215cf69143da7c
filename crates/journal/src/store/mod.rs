//! The store: what entities wrote, in the order of positions, over any engine.
//!
//! ```text
//!   writer thread ──▶ fence ──▶ commit ──▶ engine.write (whole, durable) ──▶ position
//!   any thread ─────▶ load, records, deltas, page, summaries, …   sees nothing above that position
//! ```
//! **Owns** the numbering of commits, the epochs, checksums, large values, sweeping. **Does not own** what is in a body:
//! that is JSON of an entity's own.

mod blobs;
mod commit;
mod compact;
mod effect;
mod error;
mod fences;
mod journal;
mod keys;
mod lists;
mod load;
mod outbox;
mod prepare;
mod rebuild;
mod rows;
mod sweep;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tenure_model::EntityKey;

use self::fences::Fences;
use self::sweep::Sweeps;
use crate::engine::{Engine, EngineStats, MemoryEngine, OpenOptions, SledEngine};

pub use self::commit::{Commit, Epoch, NewRecord, Position, Snapshot, SummaryChange, Timer, TimerChange};
pub use self::compact::Outlived;
pub use self::effect::EffectId;
pub use self::error::{CommitError, SetAside, StoreError};
pub use self::journal::{StoredDelta, StoredRecord};
pub use self::load::Loaded;
pub use self::rebuild::Rebuilt;

/// The store. A clone is the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Engine>,
    /// The position of the last durable commit.
    position: AtomicU64,
    fences: Mutex<Fences>,
    sweeps: Mutex<Sweeps>,
    set_aside: Mutex<BTreeMap<EntityKey, String>>,
    /// Held by whoever writes; there is one writer thread, so nobody waits here.
    writing: Mutex<()>,
}

impl Store {
    /// Returns an empty store in memory, which ends with the process.
    pub fn memory() -> Self {
        Self::with_engine(Arc::new(MemoryEngine::new()))
            .expect("an empty memory engine has nothing that could be damaged")
    }

    /// Opens or creates the embedded store in a folder.
    pub fn open(options: OpenOptions) -> Result<Self, StoreError> {
        Self::with_engine(Arc::new(SledEngine::open(options)?))
    }

    /// Opens the store that an engine holds, and lines up for sweeping what nothing names.
    pub fn with_engine(engine: Arc<dyn Engine>) -> Result<Self, StoreError> {
        let store = Self(Arc::new(Inner {
            engine,
            position: AtomicU64::new(0),
            fences: Mutex::default(),
            sweeps: Mutex::default(),
            set_aside: Mutex::default(),
            writing: Mutex::default(),
        }));
        store.recover()?;
        Ok(store)
    }

    /// Returns the position of the last durable commit.
    pub fn position(&self) -> Position {
        Position(self.0.position.load(Ordering::Acquire))
    }

    /// Starts a new life of an entity: from now on, commits of an earlier epoch are refused. Only the writer thread calls
    /// this, so every commit of the former life was judged before.
    ///
    /// Epochs are kept in memory: the embedded store is locked to one process, whose end ends every life. A failed write
    /// and a revival end every life, too.
    pub fn fence(&self, key: EntityKey) -> Epoch {
        lock(&self.0.fences).raise(key)
    }

    /// Ends the life that `epoch` began, when it is still the last one; what it kept in memory goes.
    pub fn release(&self, key: EntityKey, epoch: Epoch) {
        lock(&self.0.fences).release(key, epoch);
    }

    /// Makes the store writable again after a failed write, once there is room. Every entity must be fenced and loaded
    /// anew. Only the writer thread calls this.
    pub fn revive(&self) -> Result<(), StoreError> {
        let _writing = lock(&self.0.writing);
        if self.0.engine.stats().last_error.is_none() {
            return Ok(());
        }
        self.0.engine.revive()?;
        lock(&self.0.fences).clear();
        self.recover()
    }

    /// Returns the figures of the engine below.
    pub fn stats(&self) -> EngineStats {
        self.0.engine.stats()
    }

    /// Returns the name of the engine below.
    pub fn engine_name(&self) -> &'static str {
        self.0.engine.name()
    }

    /// Lists the entities whose rows did not verify when they were last loaded.
    pub fn set_aside(&self) -> Vec<SetAside> {
        lock(&self.0.set_aside).iter().map(|(key, what)| SetAside { key: *key, what: what.clone() }).collect()
    }

    /// Reads what the engine holds about the store as a whole.
    fn recover(&self) -> Result<(), StoreError> {
        let position = self.stored_position()?;
        self.0.position.store(position.0, Ordering::Release);
        self.recover_sweeps()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({}, position {})", self.engine_name(), self.position())
    }
}

/// Locks; a panic elsewhere leaves nothing half-changed behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
