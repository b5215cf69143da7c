//! Removes workspaces that nobody has used for long: the folder, what it was made of, its record, and the session's home.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tenure_model::id::SessionId;

use super::room;

/// Notes that a workspace is used now.
pub fn mark_used(data: &Path, session: SessionId) -> io::Result<()> {
    let mark = mark(data, session);
    fs::create_dir_all(mark.parent().expect("it is below the data folder"))?;
    fs::write(mark, b"")
}

/// Lists the sessions whose workspaces and homes were not used for so long.
pub fn unused(data: &Path, longer_than: Duration) -> Vec<SessionId> {
    let folders =
        ["workspaces", "homes"].into_iter().flat_map(|kind| fs::read_dir(data.join(kind)).into_iter().flatten());
    let sessions = folders.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<SessionId>().ok());
    let sessions: BTreeSet<_> = sessions.collect();
    sessions.into_iter().filter(|session| is_unused(data, *session, longer_than)).collect()
}

/// Tells whether a workspace was not used for so long.
pub fn is_unused(data: &Path, session: SessionId, longer_than: Duration) -> bool {
    let changed = |path: PathBuf| fs::metadata(path).and_then(|found| found.modified());
    let used = changed(mark(data, session)).or_else(|_| changed(folder(data, session)));
    let used = used.or_else(|_| changed(home(data, session)));
    used.is_ok_and(|used| SystemTime::now().duration_since(used).is_ok_and(|since| since >= longer_than))
}

/// Removes a workspace. It is moved away first, so that half a workspace is never found.
pub fn remove(data: &Path, session: SessionId) -> io::Result<()> {
    let folder = folder(data, session);
    if folder.exists() && room::count(&folder, u64::MAX)?.holds_mount {
        return Err(io::Error::other("another file system is mounted in it"));
    }
    let gone = data.join("git/gone");
    fs::create_dir_all(&gone)?;
    let moved = gone.join(session.to_string());
    unless_missing(fs::rename(&folder, &moved))?;
    for path in [data.join("git/made").join(format!("{session}.json")), mark(data, session)] {
        unless_missing(fs::remove_file(path))?;
    }
    for path in [data.join("git/kept").join(format!("{session}.git")), home(data, session), moved] {
        unless_missing(fs::remove_dir_all(path))?;
    }
    Ok(())
}

fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes what an earlier removal did not finish.
pub fn finish_removals(data: &Path) {
    // Most often there is nothing; what cannot be removed is told when it is tried again.
    let _ = fs::remove_dir_all(data.join("git/gone"));
}

fn folder(data: &Path, session: SessionId) -> PathBuf {
    data.join("workspaces").join(session.to_string())
}

/// What stands for the home of a session's processes, where they are kept in.
fn home(data: &Path, session: SessionId) -> PathBuf {
    data.join("homes").join(session.to_string())
}

fn mark(data: &Path, session: SessionId) -> PathBuf {
    data.join("git/used").join(session.to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_workspace_is_removed_with_all_that_belongs_to_it_and_no_other_is() {
        let data = tempfile::tempdir().unwrap();
        let (old, new) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        for session in [old, new] {
            fs::create_dir_all(folder(data.path(), session).join("deep")).unwrap();
            fs::create_dir_all(home(data.path(), session)).unwrap();
            fs::create_dir_all(data.path().join("git/kept").join(format!("{session}.git"))).unwrap();
            mark_used(data.path(), session).unwrap();
        }
        assert_eq!(unused(data.path(), Duration::from_secs(3_600)), []);
        let past = SystemTime::now() - Duration::from_secs(7_200);
        fs::File::open(mark(data.path(), old)).unwrap().set_modified(past).unwrap();
        assert_eq!(unused(data.path(), Duration::from_secs(3_600)), [old]);
        remove(data.path(), old).unwrap();
        assert!(!folder(data.path(), old).exists() && folder(data.path(), new).exists());
        assert!(!home(data.path(), old).exists() && home(data.path(), new).exists());
        assert_eq!(fs::read_dir(data.path().join("git/kept")).unwrap().count(), 1);
        assert_eq!(fs::read_dir(data.path().join("git/gone")).unwrap().count(), 0);
    }
}
