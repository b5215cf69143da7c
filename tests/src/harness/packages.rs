//! Programs from npm and PyPI, installed once into the target folder, as the lock files of the tests have them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::binary::binary;

/// Installs what the lock file in this folder of the tests names, by `npm ci` or the like. Returns where.
pub fn npm(asked: &str, how: &str) -> PathBuf {
    installed(asked, "package-lock.json", "node_modules", |folder| {
        run(Command::new("npm").args([how, "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder));
    })
}

/// Installs what `requirements.txt` in this folder of the tests names, into an environment of its own. Returns where.
pub fn pypi(asked: &str) -> PathBuf {
    installed(asked, "requirements.txt", "venv", |folder| {
        run(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(folder));
        let pip = folder.join("venv/bin/pip");
        let quiet = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
        run(Command::new(pip).args(quiet).arg("requirements.txt").current_dir(folder));
    })
}

/// Installs what a lock file names, unless it is there already, and copies the other files of that folder beside it.
fn installed(asked: &str, lock: &str, result: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join(asked);
    let lock = fs::read(given.join(lock)).expect("the lock file is there");
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
    if fs::read(&done).ok().as_deref() != Some(&lock) || !folder.join(result).exists() {
        install(&folder);
        fs::write(&done, &lock).expect("the target folder can be written");
    }
    folder
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} is needed to install programs: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
