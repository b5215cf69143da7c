//! Programs from npm, installed once into the target folder, as the lock files in this folder have them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::binary::binary;

/// Installs what the lock file in this folder of the tests names, unless it is there already, and copies the other files of
/// that folder beside it. Returns where.
pub fn install(asked: &str, how: &str) -> PathBuf {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join(asked);
    let lock = fs::read(given.join("package-lock.json")).expect("the lock file is there");
    let target = binary().ancestors().nth(2).expect("the binary lies in the target folder").to_owned();
    let folder = target.join(asked);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    // One test installs, the others wait for it.
    let door = File::create(folder.join("door")).expect("the target folder can be written");
    door.lock().expect("a file of ours can be locked");
    for file in fs::read_dir(&given).expect("the folder can be read").flatten() {
        fs::copy(file.path(), folder.join(file.file_name())).expect("the files can be copied");
    }
    let done = folder.join("installed");
    if fs::read(&done).ok().as_deref() != Some(&lock) || !folder.join("node_modules").exists() {
        let mut npm = Command::new("npm");
        npm.args([how, "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        let output = npm.output().expect("npm is needed to install programs");
        assert!(
            output.status.success(),
            "npm {how} in {}: {}",
            folder.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        fs::write(&done, &lock).expect("the target folder can be written");
    }
    folder
}
