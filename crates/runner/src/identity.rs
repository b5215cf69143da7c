//! Who a runner is: its id, kept in `runner.json`, and the lock that keeps a second runner off the same folder.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use tenure_model::id::{BootId, RunnerId};

use crate::error::RunnerError;

/// This runner, in this start of it.
pub struct Identity {
    pub runner: RunnerId,
    pub boot: BootId,
    /// Held as long as the process lives.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    runner: RunnerId,
}

impl Identity {
    /// Reads the id kept in `data`, or makes one; fails when another runner uses the folder.
    pub fn load(data: &Path) -> Result<Self, RunnerError> {
        Self::load_inner(data).map_err(|source| RunnerError::Data { path: data.to_owned(), source })
    }

    fn load_inner(data: &Path) -> io::Result<Self> {
        fs::create_dir_all(data)?;
        let lock = File::create(data.join("runner.lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| io::Error::new(io::ErrorKind::AlreadyExists, "another runner uses this folder"))?;
        let path = data.join("runner.json");
        let runner = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).map_err(io::Error::other)?.runner,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let kept = Kept { runner: fresh_id().into() };
                let draft = data.join("runner.json.new");
                fs::write(&draft, serde_json::to_vec(&kept).map_err(io::Error::other)?)?;
                fs::rename(&draft, &path)?;
                kept.runner
            }
            Err(error) => return Err(error),
        };
        Ok(Self { runner, boot: fresh_id().into(), _lock: lock })
    }
}

/// Draws a random id.
pub fn fresh_id() -> uuid::Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_keeps_its_id_and_changes_its_boot() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::load(folder.path()).unwrap();
        let (runner, boot) = (first.runner, first.boot);
        drop(first);
        let second = Identity::load(folder.path()).unwrap();
        assert_eq!(second.runner, runner);
        assert_ne!(second.boot, boot);
    }

    #[test]
    fn a_second_runner_is_kept_off_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Identity::load(folder.path()).unwrap();
        assert!(matches!(Identity::load(folder.path()), Err(RunnerError::Data { .. })));
    }
}
