//! The folders that agents work in: made before a work, looked at and kept after it.
//!
//! ```text
//!   data/workspaces/<session>      the folder of a session
//!   data/git/mirrors/<url>.git     the runner's copy of a repository; clones share its objects (agents read it)
//!   data/git/kept/<session>.git    the runner's record of the folder's files: checkpoints (no agent's business)
//!   data/attachments/<session>/    outputs of commands that were too long to be told
//!   data/git/made/<session>.json   what the folder was made of
//! ```

mod attachments;
mod clean;
mod clone;
mod compare;
mod credentials;
mod folders;
mod git;
mod inside;
mod kept;
mod locks;
mod mirror;
mod room;
mod upkeep;

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::config::GitSettings;
use crate::shell::Groups;

use git::Git;
use locks::Locks;

pub use folders::Folders;
pub use inside::inside;
pub use upkeep::clean_up;

/// All that making and keeping a folder needs.
struct Means<'a> {
    settings: &'a GitSettings,
    data: &'a Path,
    locks: &'a Locks,
    /// The processes of the work that this is for.
    groups: &'a Groups,
    /// How long one call of git may take.
    limit: Duration,
    /// What one folder may hold; 0 for no limit.
    bytes_max: u64,
    /// Tells people what is being done.
    tell: &'a (dyn Fn(&str) + Sync),
}

impl<'a> Means<'a> {
    fn git(&self, folder: &Path) -> Git<'a> {
        Git::new(self.groups, folder, self.limit)
    }
}

fn failure(what: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("failed to {what}: the disk is full"),
        _ => format!("failed to {what}: {error}"),
    }
}
