//! What is seen of the system: the folders that programs need, read-only, without what only some of its users may read.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What programs need; nothing else of the machine is there.
const FOLDERS: [&str; 10] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/etc"];
/// Where a file for everybody may stand beside one for root alone: a runner of root must not show the latter.
const MIXED: &str = "/etc";
const RESOLVER: &str = "/etc/resolv.conf";

/// The system as processes see it.
pub struct System {
    folders: Vec<OsString>,
    /// Files and folders that are covered.
    private: Vec<PathBuf>,
    roots: Vec<PathBuf>,
}

impl System {
    /// Looks at this machine.
    pub fn of_this_machine() -> Self {
        let (mut folders, mut roots, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for folder in FOLDERS.map(Path::new) {
            match (fs::read_link(folder), folder.is_dir()) {
                (Ok(target), _) => {
                    folders.extend(["--symlink".into(), target.into(), folder.into()]);
                    links.push(folder);
                }
                (Err(_), true) => {
                    folders.extend(["--ro-bind".into(), folder.into(), folder.into()]);
                    roots.push(folder.to_owned());
                }
                (Err(_), false) => {}
            }
        }
        let mut private = private_below(Path::new(MIXED));
        private.retain(|path| is_readable(path));
        let mut system = Self { folders, private, roots };
        // What lies behind a link to something seen is seen as well.
        links.retain(|link| link.canonicalize().is_ok_and(|target| system.shows(&target)));
        system.roots.extend(links.into_iter().map(Path::to_owned));
        if let Some(resolver) = Path::new(RESOLVER).canonicalize().ok().filter(|file| !system.shows(file)) {
            system.folders.extend(["--ro-bind-try".into(), resolver.clone().into(), resolver.into()]);
        }
        system
    }

    /// Says whether a path can be seen anyway.
    pub fn shows(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }

    /// Returns the arguments that show the system.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments = self.folders.clone();
        for path in &self.private {
            // What has gone since cannot be covered, and need not be.
            match path.symlink_metadata() {
                Ok(found) if found.is_dir() => arguments.extend(covered(path)),
                Ok(_) => arguments.extend(["--ro-bind".into(), "/dev/null".into(), path.into()]),
                Err(_) => {}
            }
        }
        arguments
    }
}

/// Returns the arguments that put an empty folder in the place of one.
fn covered(path: &Path) -> [OsString; 6] {
    ["--perms".into(), "0555".into(), "--tmpfs".into(), path.into(), "--remount-ro".into(), path.into()]
}

/// Says whether this user could read it: what they cannot, nobody within can, and each cover is a mount that takes its time.
fn is_readable(path: &Path) -> bool {
    fs::File::open(path).is_ok()
}

/// Lists what not everybody may read.
fn private_below(folder: &Path) -> Vec<PathBuf> {
    let mut private = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return private;
    };
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let wanted = match (metadata.is_symlink(), metadata.is_dir()) {
            (true, _) => continue,
            (_, true) => 0o005,
            (_, false) => 0o004,
        };
        match (metadata.permissions().mode() & wanted == wanted, metadata.is_dir()) {
            (false, _) => private.push(entry.path()),
            (true, true) => private.extend(private_below(&entry.path())),
            (true, false) => {}
        }
    }
    private
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_everybody_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        file("open", 0o644);
        let mut expected = vec![file("shadow", 0o640), file("sub/key", 0o600)];
        let closed = file("closed/anything", 0o644).parent().unwrap().to_owned();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        expected.push(closed);
        std::os::unix::fs::symlink("shadow", folder.path().join("link")).unwrap();
        let mut found = private_below(folder.path());
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }
}
