//! The rule that the file tools of an agent stay inside its folder.

use std::path::{Component, Path, PathBuf};

/// Resolves `path` below `root`, and refuses what leads out of it, symbolic links included.
///
/// The check and the later use are two steps: it guards against mistakes of an agent, it is no sandbox.
pub fn inside(root: &Path, path: impl AsRef<Path>) -> Result<PathBuf, String> {
    let path = path.as_ref();
    let outside = || format!("{} is outside the workspace", path.display());
    let mut wanted = PathBuf::new();
    for component in root.join(path).components() {
        match component {
            Component::ParentDir => {
                wanted.pop();
            }
            Component::CurDir => {}
            part => wanted.push(part),
        }
    }
    // The file may not exist yet: the nearest folder that does must really lie inside.
    let existing = wanted.ancestors().find(|folder| folder.symlink_metadata().is_ok()).ok_or_else(outside)?;
    let real = existing.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
    if !wanted.starts_with(root) || !real.starts_with(root) {
        return Err(outside());
    }
    let rest = wanted.strip_prefix(existing).expect("an ancestor is a prefix");
    Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn paths_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("src")).unwrap();
        assert_eq!(inside(&root, "src/new.rs").unwrap(), root.join("src/new.rs"));
        assert_eq!(inside(&root, "src/../a").unwrap(), root.join("a"));
        assert_eq!(inside(&root, root.join("src")).unwrap(), root.join("src"));
        assert!(inside(&root, "../a").is_err());
        assert!(inside(&root, "/etc/passwd").is_err());
    }

    #[test]
    fn a_link_does_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(other.path(), root.join("door")).unwrap();
        assert!(inside(&root, "door/secret").is_err());
        assert!(inside(&root, "door").is_err());
    }
}
