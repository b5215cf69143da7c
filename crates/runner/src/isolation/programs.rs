//! Finds programs the way a shell does, and what else must be seen for one of them to run.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Returns the absolute path of a program on the runner's own path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|file| is_program(file))
}

/// Returns what must be seen for `program` to run: the file, what it is a link to, and the packages around that.
pub fn needed_by(program: &str) -> Vec<PathBuf> {
    let file = if program.contains('/') { Some(PathBuf::from(program)) } else { on_path(program) };
    let Some(file) = file.filter(|file| file.is_absolute() && is_program(file)) else {
        return Vec::new();
    };
    let mut needed = vec![file.clone()];
    if let Ok(real) = file.canonicalize() {
        needed.push(packages_around(&real).map_or(real.clone(), Path::to_owned));
    }
    needed
}

/// Returns the outermost `node_modules` around a file: a program of npm is a file among its libraries.
fn packages_around(file: &Path) -> Option<&Path> {
    file.ancestors().filter(|folder| folder.file_name().is_some_and(|name| name == "node_modules")).last()
}

/// Returns the folders of the runner's path, and the libraries that stand beside a folder of programs.
pub fn path_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute() && folder.is_dir());
    folders
        .flat_map(|folder| {
            let is_bin = folder.file_name().is_some_and(|name| name == "bin");
            let libraries = folder.parent().filter(|_| is_bin).map(|parent| parent.join("lib"));
            [Some(folder), libraries].into_iter().flatten()
        })
        .collect()
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_npm_brings_its_packages() {
        let file = Path::new("/home/ann/lib/node_modules/agent/node_modules/x/cli.js");
        assert_eq!(packages_around(file), Some(Path::new("/home/ann/lib/node_modules")));
        assert_eq!(packages_around(Path::new("/usr/bin/sh")), None);
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh").unwrap().is_absolute());
        assert_eq!(on_path("no-such-program"), None);
        assert!(needed_by("no-such-program").is_empty());
        assert!(!needed_by("sh").is_empty());
    }
}
