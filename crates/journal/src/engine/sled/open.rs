//! Opening sled in a way that survives a panic, a hang and a half-finished former opening.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use ::sled::{Config, Db};
use tracing::{info, warn};

use super::folder::Folder;
use super::{EngineError, OpenOptions, from_sled, rows};

/// How long sled's own lock may linger after its database was dropped: its threads let go of it a little later.
const LINGER_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// Opens the folder's database, after a trial in another process when the last opening did not finish.
pub(super) fn guarded(folder: &Folder, options: &OpenOptions) -> Result<Db, EngineError> {
    if folder.was_opening() {
        warn!(folder = %folder.path().display(), "the last opening of the store did not finish");
        // sled fails for ever on a snapshot file that was cut short; the trial must not trip over it.
        folder.delete_stale_snapshots()?;
        if !folder.was_created() {
            folder.clear_unfinished()?;
        } else if let Some(probe) = &options.probe {
            try_elsewhere(probe(folder.path()), options.probe_time_max)
                .map_err(|why| EngineError::Unopenable { folder: folder.path().to_owned(), why })?;
            info!(folder = %folder.path().display(), "a trial in another process opened the store");
        }
    }
    reopen(folder, options)
}

/// Opens the folder's database in this process.
pub(super) fn reopen(folder: &Folder, options: &OpenOptions) -> Result<Db, EngineError> {
    let unopenable = |why: String| EngineError::Unopenable { folder: folder.path().to_owned(), why };
    let created = folder.was_created();
    if created && !folder.path().join("db").exists() {
        return Err(unopenable("its log file \"db\" is missing".into()));
    }
    folder.mark_opening()?;
    folder.delete_stale_snapshots()?;
    let config = Config::new()
        .path(folder.path())
        .cache_capacity(options.cache_bytes)
        .flush_every_ms(Some(options.flush_every.as_millis().max(1) as u64));
    let db = match caught(|| open_patiently(&config)) {
        Err(EngineError::Damaged { what }) => return Err(unopenable(what)),
        other => other?,
    };
    if created && tenure_migrations::format(&db)?.is_none() {
        return Err(unopenable("it is empty, though it was in use before".into()));
    }
    let (reached, holds) = (folder.reached(), rows::last_write(&db)?);
    if holds < reached {
        // sled takes damage in its newest segment for a write that was cut short, and goes on without what followed.
        return Err(unopenable(format!(
            "its log was damaged and cut short: it ends with write {holds}, and write {reached} was acknowledged \
             (deleting the file \"reached\" accepts the loss)"
        )));
    }
    let migrated = tenure_migrations::run(&db)?;
    if migrated.from != migrated.to {
        info!(from = migrated.from, to = migrated.to, "the store has format {}", migrated.to);
    }
    folder.mark_open()?;
    Ok(db)
}

/// Tries to open the store in `folder` and to read its first rows; made to be called in a process of its own, which may
/// die of it. Takes no lock of ours: the process that asks holds it.
pub fn probe(folder: &Path) -> Result<(), EngineError> {
    let config = Config::new().path(folder).cache_capacity(16 << 20);
    caught(|| {
        let db = open_patiently(&config)?;
        for row in db.iter().take(1_000) {
            row.map_err(|error| from_sled("read the first rows", error))?;
        }
        Ok(())
    })
}

fn open_patiently(config: &Config) -> Result<Db, EngineError> {
    let start = Instant::now();
    loop {
        match config.open() {
            Err(::sled::Error::Io(error))
                if error.to_string().contains("could not acquire lock") && start.elapsed() < LINGER_MAX =>
            {
                std::thread::sleep(POLL);
            }
            other => return other.map_err(|error| from_sled("open the log", error)),
        }
    }
}

fn caught<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(EngineError::Damaged { what: panic_text(&*panic) }))
}

/// Returns what a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("sled panicked: {}", text.unwrap_or("without a message"))
}

/// Runs the probe to its end, and says why when that is not success.
fn try_elsewhere(mut command: Command, time_max: Duration) -> Result<(), String> {
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("the trial in another process did not start: {error}"))?;
    match wait(&mut child, time_max) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(format!("a trial in another process failed: {status}")),
        Ok(None) => Err(format!("a trial in another process hung and was ended after {} s", time_max.as_secs())),
        Err(error) => Err(format!("a trial in another process was lost: {error}")),
    }
}

fn wait(child: &mut Child, time_max: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > time_max {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}
