//! How much room a workspace takes: counted without following links and without leaving its file system.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What was found in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// As far as was counted: nobody needs to know how much more it is than it may be.
    pub bytes: u64,
    /// Whether another file system is mounted somewhere in it.
    pub holds_mount: bool,
}

/// Counts what a folder takes on its disk, up to a little more than `enough`.
pub fn count(folder: &Path, enough: u64) -> io::Result<Room> {
    let device = fs::symlink_metadata(folder)?.dev();
    let mut room = Room::default();
    let mut waiting: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        // What vanishes meanwhile, or may not be read, does not count.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            room.bytes = room.bytes.saturating_add(found.blocks().saturating_mul(512));
            match found.is_dir() {
                true if found.dev() == device => waiting.push(entry.path()),
                true => room.holds_mount = true,
                false => {}
            }
        }
        if room.bytes > enough {
            break;
        }
    }
    Ok(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_count_and_what_links_lead_to_does_not() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(other.path().join("big"), vec![1; 1_000_000]).unwrap();
        std::os::unix::fs::symlink(other.path(), folder.path().join("door")).unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), vec![1; 100_000]).unwrap();
        let room = count(folder.path(), u64::MAX).unwrap();
        assert!((100_000..1_000_000).contains(&room.bytes) && !room.holds_mount, "{room:?}");
    }
}
