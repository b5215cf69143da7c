//! One thing at a time with each copy of a repository and each workspace.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// The locks that somebody holds or waits for, by folder.
#[derive(Default)]
pub struct Locks(Mutex<HashMap<PathBuf, Weak<Gate<()>>>>);

impl Locks {
    /// Waits until nobody else has the folder.
    pub async fn take(&self, folder: &Path) -> OwnedMutexGuard<()> {
        let gate = {
            let mut known = self.0.lock().expect("no holder of this lock panics");
            known.retain(|_, gate| gate.strong_count() > 0);
            let gate = known.get(folder).and_then(Weak::upgrade).unwrap_or_default();
            known.insert(folder.to_owned(), Arc::downgrade(&gate));
            gate
        };
        gate.lock_owned().await
    }
}
