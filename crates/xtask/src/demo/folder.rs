//! The temporary folder of one demo: gone with it, unless something failed.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub struct Folder {
    path: PathBuf,
    keep: Cell<bool>,
}

impl Folder {
    pub fn make() -> Result<Folder> {
        let made = tempfile::Builder::new().prefix("tenure-demo-").tempdir().context("failed to make a folder")?;
        Ok(Folder { path: made.keep(), keep: Cell::new(false) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the folder where it is, for whoever looks into a failure.
    pub fn keep(&self) {
        self.keep.set(true);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep.get() {
            // A folder that cannot be removed costs a little room in the temporary folder and nothing else.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
