//! Opens the embedded store, and tries it in another process first when the last opening did not finish.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::Context;
use tenure_journal::{OpenOptions, Store};

use crate::config::StoreConfig;
use crate::failure::Outcome;

/// The folder of the store in the data folder.
const FOLDER: &str = "store";
/// The hidden command that tries a store in a process of its own.
pub const PROBE: &str = "store-probe";

/// Opens the store below `data`, which is made when it is missing, for the eyes of its owner only.
pub fn open(data: &Path, config: &StoreConfig) -> Outcome<Store> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.with_context(|| format!("failed to make the data folder {}", data.display()))?;
    stay_out_of_git(data);
    let mut options = OpenOptions::new(data.join(FOLDER));
    options.cache_bytes = config.cache_bytes;
    options.flush_every = config.flush_every_ms.duration();
    options.probe_time_max = config.probe_time_max_ms.duration();
    let program = std::env::current_exe().context("failed to find this program, to try the store with")?;
    options.probe = Some(Arc::new(move |folder| {
        let mut command = Command::new(&program);
        command.arg(PROBE).arg(folder);
        command
    }));
    let store = Store::open(options);
    Ok(store.with_context(|| format!("failed to open the store in {}", data.display()))?)
}

/// Keeps the data folder out of the repository that it may lie in: nobody wants to commit it, or find it in a diff.
fn stay_out_of_git(data: &Path) {
    let file = data.join(".gitignore");
    if !file.exists()
        && let Err(error) = fs::write(&file, "*\n")
    {
        tracing::debug!(%error, "failed to write {}", file.display());
    }
}

/// Tries the store in a folder; this process may die of it.
pub fn probe(folder: PathBuf) -> Outcome {
    Ok(tenure_journal::engine::probe(&folder)?)
}
