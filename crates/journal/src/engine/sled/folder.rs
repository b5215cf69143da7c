//! The folder of an embedded store: its lock, its markers, and making its files durable.
//!
//! ```text
//!   lock       held exclusively while the store is open
//!   created    there once the store was created whole: from then on it is never silently empty
//!   opening    there while sled opens; found at the next start when that did not finish
//!   reached    the number of the last acknowledged write: a log that ends before it was cut short
//!   reserve    room that is given up when the disk is full, so that reading can go on
//!   unfinished/             what a creation left that did not finish; nothing was acknowledged from it
//!   conf db blobs/ snap.*   sled's own
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::Advice;

use super::super::EngineError;

/// The size of the reserve: enough for a small snapshot and some of sled's segments of 512 KiB.
const RESERVE_BYTES: u64 = 4 << 20;

/// Room that must be there before a failed store is opened again: sled's segments are 512 KiB.
const ROOM_BYTES_MIN: u64 = 2 << 20;

pub(super) struct Folder {
    path: PathBuf,
    /// Holds the lock by being open.
    _lock: File,
    /// Our own descriptor of sled's log, for a sync that reaches the disk. Opened after sled has created the file.
    log: OnceLock<File>,
    reached: OnceLock<File>,
}

impl Folder {
    /// Creates the folder when it is missing and takes its lock.
    pub(super) fn lock(path: &Path) -> Result<Self, EngineError> {
        fs::create_dir_all(path).map_err(|error| io("create", path, error))?;
        let path = path.canonicalize().map_err(|error| io("find", path, error))?;
        let lock_path = path.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|error| io("open", &lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock, log: OnceLock::new(), reached: OnceLock::new() }),
            Err(TryLockError::WouldBlock) => Err(EngineError::Locked { folder: path }),
            Err(TryLockError::Error(error)) => Err(io("lock", &lock_path, error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the store was created whole before.
    pub(super) fn was_created(&self) -> bool {
        self.path.join("created").exists()
    }

    /// Tells whether the last opening did not finish.
    pub(super) fn was_opening(&self) -> bool {
        self.path.join("opening").exists()
    }

    /// Notes that sled is about to open.
    pub(super) fn mark_opening(&self) -> Result<(), EngineError> {
        self.mark("opening")
    }

    /// Makes everything that an opening created or changed durable, and notes that it finished.
    pub(super) fn mark_open(&self) -> Result<(), EngineError> {
        let log_path = self.path.join("db");
        let log =
            File::options().read(true).write(true).open(&log_path).map_err(|error| io("open", &log_path, error))?;
        self.log.get_or_init(|| log);
        let reached_path = self.path.join("reached");
        let reached = File::options().create(true).truncate(false).write(true).open(&reached_path);
        let reached = reached.map_err(|error| io("open", &reached_path, error))?;
        self.reached.get_or_init(|| reached);
        self.sync_data()?;
        sync(&self.path.join("conf"))?;
        sync(&self.path.join("blobs"))?;
        sync(&self.path)?;
        if let Some(parent) = self.path.parent() {
            sync(parent)?;
        }
        if !self.was_created() {
            self.mark("created")?;
        }
        let marker = self.path.join("opening");
        fs::remove_file(&marker).map_err(|error| io("remove", &marker, error))
    }

    /// Deletes the half-written snapshots that a kill during an opening leaves; sled would refuse to open with them.
    pub(super) fn delete_stale_snapshots(&self) -> Result<(), EngineError> {
        for entry in fs::read_dir(&self.path).map_err(|error| io("list", &self.path, error))? {
            let entry = entry.map_err(|error| io("list", &self.path, error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("snap") && name.ends_with(".generating") {
                fs::remove_file(entry.path()).map_err(|error| io("remove", &entry.path(), error))?;
            }
        }
        Ok(())
    }

    /// Moves away what a creation left that did not finish: sled cannot open a half-written configuration.
    pub(super) fn clear_unfinished(&self) -> Result<(), EngineError> {
        let away = self.path.join("unfinished");
        fs::create_dir_all(&away).map_err(|error| io("create", &away, error))?;
        for name in ["conf", "db", "blobs"] {
            let (from, to) = (self.path.join(name), away.join(name));
            if to.is_dir() {
                fs::remove_dir_all(&to).map_err(|error| io("remove", &to, error))?;
            }
            match fs::rename(&from, &to) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("move", &from, error)),
                _ => {}
            }
        }
        sync(&self.path)
    }

    /// Makes the log durable: on disk, not only on the way to it.
    pub(super) fn sync_data(&self) -> Result<(), EngineError> {
        let log = self.log.get().expect("the log is open before anything is written to it");
        log.sync_data().map_err(|error| io("sync", &self.path.join("db"), error))
    }

    /// Notes that a write is durable. The note itself is not synced: it may lag behind the log, and never runs ahead.
    pub(super) fn note_reached(&self, write: u64) -> Result<(), EngineError> {
        let number = write.to_be_bytes();
        let note = [&number[..], &crc32fast::hash(&number).to_be_bytes()].concat();
        let file = self.reached.get().expect("the note is open before anything is written");
        file.write_all_at(&note, 0).map_err(|error| io("write", &self.path.join("reached"), error))
    }

    /// Returns the number of the last write that is known to have been acknowledged.
    pub(super) fn reached(&self) -> u64 {
        let note = fs::read(self.path.join("reached")).unwrap_or_default();
        let Some((number, sum)) = note.split_first_chunk::<8>() else {
            return 0;
        };
        match sum == crc32fast::hash(number).to_be_bytes() {
            true => u64::from_be_bytes(*number),
            false => 0,
        }
    }

    /// Fails with [`EngineError::Full`] while the disk has no room to open and go on.
    pub(super) fn try_room(&self) -> Result<(), EngineError> {
        let snapshot = fs::read_dir(&self.path)
            .map_err(|error| io("list", &self.path, error))?
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("snap."))
            .filter_map(|entry| entry.metadata().ok())
            .map(|snapshot| snapshot.len())
            .max()
            .unwrap_or(0);
        self.keep_reserve()?;
        let path = self.path.join("room");
        let tried = write_zeros(&path, ROOM_BYTES_MIN + snapshot).map_err(|error| io("make room in", &path, error));
        remove(&path)?;
        tried
    }

    /// Sets room aside, unless it is.
    pub(super) fn keep_reserve(&self) -> Result<(), EngineError> {
        let path = self.path.join("reserve");
        if path.metadata().is_ok_and(|reserve| reserve.len() == RESERVE_BYTES) {
            return Ok(());
        }
        write_zeros(&path, RESERVE_BYTES).map_err(|error| {
            let failure = io("set room aside in", &path, error);
            remove(&path).err().unwrap_or(failure)
        })
    }

    /// Gives the reserve up.
    pub(super) fn release_reserve(&self) -> Result<(), EngineError> {
        remove(&self.path.join("reserve"))
    }

    /// Makes the next reads of the log come from the disk, as after a restart of the machine.
    pub(super) fn forget_cached(&self) -> Result<(), EngineError> {
        let path = self.path.join("db");
        let log = File::open(&path).map_err(|error| io("open", &path, error))?;
        log.sync_all().map_err(|error| io("sync", &path, error))?;
        rustix::fs::fadvise(&log, 0, None, Advice::DontNeed).map_err(|error| io("reread", &path, error.into()))
    }

    /// Returns how much the store takes on disk.
    pub(super) fn bytes(&self) -> u64 {
        let files = fs::read_dir(&self.path).into_iter().flatten().filter_map(|entry| entry.ok());
        files.filter_map(|file| file.metadata().ok()).filter(|data| data.is_file()).map(|data| data.len()).sum()
    }

    fn mark(&self, name: &str) -> Result<(), EngineError> {
        let path = self.path.join(name);
        let marker = File::create(&path).map_err(|error| io("create", &path, error))?;
        marker.sync_all().map_err(|error| io("sync", &path, error))?;
        sync(&self.path)
    }
}

fn write_zeros(path: &Path, bytes: u64) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    let block = vec![0; 1 << 16];
    let mut left = bytes;
    while left > 0 {
        let some = left.min(block.len() as u64);
        file.write_all(&block[..some as usize])?;
        left -= some;
    }
    // A file system may accept what it has no room for, until the data must be on disk.
    file.sync_all()
}

/// Removes a file that may be there.
fn remove(path: &Path) -> Result<(), EngineError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io("remove", path, error)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> Result<(), EngineError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| io("sync", path, error))
}

fn io(doing: &str, path: &Path, error: std::io::Error) -> EngineError {
    EngineError::io(format!("{doing} {}", path.display()), error)
}
