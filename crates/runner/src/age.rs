//! What in a folder was not changed for long.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Lists the entries of a folder that were not changed for so long; none where there is no such folder.
pub fn unchanged(folder: &Path, longer_than: Duration) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_old = |entry: &fs::DirEntry| {
        let changed = entry.metadata().and_then(|found| found.modified()).ok();
        changed.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|since| since >= longer_than)
    };
    entries.filter(is_old).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["old", "new"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let past = SystemTime::now() - Duration::from_secs(7_200);
        fs::File::open(folder.path().join("old")).unwrap().set_modified(past).unwrap();
        assert_eq!(unchanged(folder.path(), Duration::from_secs(3_600)), [folder.path().join("old")]);
        assert!(unchanged(&folder.path().join("missing"), Duration::ZERO).is_empty());
    }
}
