//! Mount points in folders that agents can write to. An agent may put a link where a mount is to go, and have it made
//! somewhere else: so every folder on the way must be a real one, and is held in place by a mount of its own, in every
//! sandbox alike. What is a mount point can be neither renamed nor removed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The mount points below one writable folder.
pub struct MountPoints {
    /// Where the folder stands within.
    within: PathBuf,
    /// Where it really is.
    real: PathBuf,
    pinned: BTreeSet<PathBuf>,
}

impl MountPoints {
    pub fn below(within: &Path, real: &Path) -> Self {
        Self { within: within.to_owned(), real: real.to_owned(), pinned: BTreeSet::new() }
    }

    /// Makes a mount point when `target` lies below the folder, and returns the arguments that pin the way to it.
    pub fn prepare(&mut self, target: &Path, is_folder: bool) -> io::Result<Vec<OsString>> {
        let Ok(below) = target.strip_prefix(&self.within) else {
            return Ok(Vec::new());
        };
        let mut way: Vec<&Path> = below.ancestors().filter(|step| !step.as_os_str().is_empty()).collect();
        way.reverse();
        let Some(last) = way.pop() else {
            return Ok(Vec::new());
        };
        let mut arguments = Vec::new();
        for step in way {
            let real = self.real.join(step);
            ensure_folder(&real)?;
            if self.pinned.insert(step.to_owned()) {
                arguments.extend(["--bind".into(), real.into(), self.within.join(step).into()]);
            }
        }
        let real = self.real.join(last);
        if is_folder {
            ensure_folder(&real)?
        } else {
            ensure_file(&real)?
        }
        Ok(arguments)
    }
}

fn ensure_folder(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(in_the_way(path)),
        Err(_) => fs::create_dir(path),
    }
}

fn ensure_file(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(in_the_way(path)),
        Err(_) => fs::File::create_new(path).map(drop),
    }
}

fn in_the_way(path: &Path) -> io::Error {
    io::Error::other(format!("{} stands where something is to be mounted; remove it", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_made_and_pinned_once() {
        let real = tempfile::tempdir().unwrap();
        let mut points = MountPoints::below(Path::new("/home/ann"), real.path());
        let first = points.prepare(Path::new("/home/ann/.local/bin"), true).unwrap();
        let local = real.path().join(".local").into_os_string();
        assert_eq!(first, ["--bind".into(), local, OsString::from("/home/ann/.local")]);
        assert!(points.prepare(Path::new("/home/ann/.local/file"), false).unwrap().is_empty());
        assert!(real.path().join(".local/bin").is_dir() && real.path().join(".local/file").is_file());
        assert!(points.prepare(Path::new("/srv/elsewhere"), true).unwrap().is_empty());
    }

    #[test]
    fn a_link_on_the_way_is_refused() {
        let real = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", real.path().join(".config")).unwrap();
        let mut points = MountPoints::below(Path::new("/home/ann"), real.path());
        let refused = points.prepare(Path::new("/home/ann/.config/agent"), true).unwrap_err();
        assert!(refused.to_string().contains(".config stands where something is to be mounted"), "{refused}");
    }
}
