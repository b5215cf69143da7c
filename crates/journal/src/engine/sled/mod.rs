//! The embedded engine: sled 0.34.7 with its traps closed; each measure names the trap.

mod folder;
mod open;
mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use ::sled::Db;
use tracing::{error, info, warn};

use self::folder::Folder;
use super::{BATCH_ROWS_MAX, Engine, EngineError, EngineStats, KeyRange, Op, Order, Row};

pub use self::open::probe;

/// Makes the command of a short-lived process that calls [`probe`] on a folder and ends with success when that worked.
pub type Probe = Arc<dyn Fn(&Path) -> Command + Send + Sync>;

/// A batch that would apply more rows than this is a mistake above; it is refused before it stalls every reader.
const ROWS_MAX: usize = 4 * BATCH_ROWS_MAX;

/// How the embedded engine is opened.
#[derive(Clone)]
pub struct OpenOptions {
    pub folder: PathBuf,
    /// What sled may keep in memory; its own default is 1 GiB, and it takes up to three times of what is asked.
    pub cache_bytes: u64,
    /// How often sled writes behind our back and collects garbage. Turning it off would turn the latter off.
    pub flush_every: Duration,
    /// Tries the folder in another process when the last opening did not finish.
    pub probe: Option<Probe>,
    /// How long the probe may take.
    pub probe_time_max: Duration,
}

impl OpenOptions {
    /// Returns the usual options for a folder: 64 MiB of cache, no probe.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            cache_bytes: 64 << 20,
            flush_every: Duration::from_millis(500),
            probe: None,
            probe_time_max: Duration::from_secs(120),
        }
    }
}

/// The embedded engine on one folder, which it holds exclusively.
pub struct SledEngine {
    options: OpenOptions,
    folder: Folder,
    /// Nothing while a revival has closed the database and could not open it again.
    db: RwLock<Option<Db>>,
    /// Held while something is written or revived.
    writing: Mutex<()>,
    failed: Mutex<Option<Failure>>,
    /// The number of the last write in the log, over all openings.
    last_write: AtomicU64,
    writes: AtomicU64,
    syncs: AtomicU64,
}

/// A failed write; sled's own error is sticky, so ours is as well.
#[derive(Clone)]
struct Failure {
    why: String,
    /// The database was opened anew since, for reading.
    reopened: bool,
}

impl SledEngine {
    /// Opens or creates the store in a folder.
    pub fn open(options: OpenOptions) -> Result<Self, EngineError> {
        let folder = Folder::lock(&options.folder)?;
        let db = open::guarded(&folder, &options)?;
        if let Err(error) = folder.keep_reserve() {
            warn!(folder = %options.folder.display(), "no room could be set aside for a full disk: {}", with_causes(&error));
        }
        info!(folder = %options.folder.display(), recovered = db.was_recovered(), "the store is open");
        Ok(Self {
            last_write: AtomicU64::new(rows::last_write(&db)?),
            options,
            folder,
            db: RwLock::new(Some(db)),
            writing: Mutex::default(),
            failed: Mutex::default(),
            writes: AtomicU64::new(0),
            syncs: AtomicU64::new(1),
        })
    }

    fn failed(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the database; a panic of sled's becomes an error of the one who asked.
    fn with_db<T>(&self, work: impl FnOnce(&Db) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let guard = self.db.read().unwrap_or_else(PoisonError::into_inner);
        let Some(db) = guard.as_ref() else {
            return Err(EngineError::Waiting { why: "the database is closed".into() });
        };
        catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|panic| Err(EngineError::Damaged { what: open::panic_text(&*panic) }))
    }

    /// Runs `work` on the database. After a failed write sled may refuse to read what it cannot tidy up on the way; then it
    /// is opened anew, once.
    fn read<T>(&self, work: impl Fn(&Db) -> Result<T, EngineError>) -> Result<T, EngineError> {
        match self.with_db(&work) {
            Err(EngineError::Full(_) | EngineError::Io { .. } | EngineError::Waiting { .. })
                if self.reopen_to_read()? =>
            {
                self.with_db(&work)
            }
            other => other,
        }
    }

    /// Opens the database anew after a failed write; tells whether it is another one than before.
    fn reopen_to_read(&self) -> Result<bool, EngineError> {
        let _writing = self.writing();
        let Some(failure) = self.failed().clone() else {
            return Ok(true);
        };
        if failure.reopened {
            return Ok(false);
        }
        *self.failed() = Some(Failure { reopened: true, ..failure });
        self.folder.release_reserve()?;
        self.reopen()?;
        warn!(folder = %self.options.folder.display(), "the store was opened anew for reading; it does not write");
        Ok(true)
    }

    fn reopen(&self) -> Result<(), EngineError> {
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        drop(db.take());
        // What a failed write left in the page cache may never have reached the disk; sled must recover from the disk.
        self.folder.forget_cached()?;
        let opened = open::reopen(&self.folder, &self.options)?;
        self.last_write.store(rows::last_write(&opened)?, Ordering::Relaxed);
        *db = Some(opened);
        Ok(())
    }

    fn write_batch(&self, ops: &[Op]) -> Result<(), EngineError> {
        let write = self.with_db(|db| {
            let write = self.last_write.load(Ordering::Relaxed) + 1;
            let (batch, rows) = rows::expand(db, ops, write)?;
            if rows > ROWS_MAX {
                return Err(EngineError::TooManyRows { rows, limit: ROWS_MAX });
            }
            db.apply_batch(batch).map_err(|error| from_sled("write a batch", error))?;
            db.flush().map_err(|error| from_sled("flush a batch", error))?;
            Ok(write)
        })?;
        // sled's flush ends in sync_file_range, which leaves the data in the disk's own cache: a power cut takes it.
        self.folder.sync_data()?;
        self.last_write.store(write, Ordering::Relaxed);
        self.folder.note_reached(write)
    }
}

impl Engine for SledEngine {
    fn name(&self) -> &'static str {
        "sled"
    }

    fn write(&self, ops: &[Op]) -> Result<(), EngineError> {
        let _writing = self.writing();
        if let Some(Failure { why, .. }) = self.failed().clone() {
            return Err(EngineError::Waiting { why });
        }
        match self.write_batch(ops) {
            Ok(()) => {
                self.writes.fetch_add(1, Ordering::Relaxed);
                self.syncs.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(refused @ EngineError::TooManyRows { .. }) => Err(refused),
            Err(failure) => {
                *self.failed() = Some(Failure { why: with_causes(&failure), reopened: false });
                Err(failure)
            }
        }
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.read(|db| match db.get(key).map_err(|error| from_sled("read a row", error))? {
            Some(stored) => rows::restore(db, key, stored),
            None => Ok(None),
        })
    }

    fn scan(&self, range: KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        if range.is_empty() {
            return Ok(vec![]);
        }
        self.read(|db| {
            let mut found = db.range(range.from.as_slice()..range.to.as_slice());
            let mut rows = vec![];
            while rows.len() < limit {
                let next = match order {
                    Order::Up => found.next(),
                    Order::Down => found.next_back(),
                };
                let Some(row) = next else { break };
                let (key, stored) = row.map_err(|error| from_sled("scan rows", error))?;
                if let Some(value) = rows::restore(db, &key, stored)? {
                    rows.push((key.to_vec(), value));
                }
            }
            Ok(rows)
        })
    }

    fn revive(&self) -> Result<(), EngineError> {
        let _writing = self.writing();
        if self.failed().is_none() {
            return Ok(());
        }
        // Reads go on until it is known that there is room: opening needs some, too.
        self.folder.try_room()?;
        if let Some(failure) = self.failed().as_mut() {
            // Should this fail half-way, a reader may try once more.
            failure.reopened = false;
        }
        self.reopen()?;
        *self.failed() = None;
        info!(folder = %self.options.folder.display(), "the store writes again");
        Ok(())
    }

    fn stats(&self) -> EngineStats {
        EngineStats {
            bytes_on_disk: self.folder.bytes(),
            writes: self.writes.load(Ordering::Relaxed),
            syncs: self.syncs.load(Ordering::Relaxed),
            last_error: self.failed().clone().map(|failure| failure.why),
        }
    }
}

impl Drop for SledEngine {
    fn drop(&mut self) {
        // The lock must outlive the database; a panic of sled's must not become an abort.
        let db = self.db.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if catch_unwind(AssertUnwindSafe(|| drop(db))).is_err() {
            error!(folder = %self.options.folder.display(), "sled panicked while it was closed; nothing acknowledged is lost");
        }
    }
}

/// Returns our error for one of sled's.
fn from_sled(doing: &str, error: ::sled::Error) -> EngineError {
    match error {
        ::sled::Error::Io(source) => EngineError::io(doing, source),
        other => EngineError::Damaged { what: format!("{doing}: {other}") },
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
