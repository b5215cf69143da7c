//! Where the binary under test is.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

/// Returns the binary `tenure`: the one that `TENURE_BINARY` names, else the one beside this test in the target folder.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("TENURE_BINARY") {
        return named.into();
    }
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.ancestors().nth(2).expect("tests are built below the target folder");
    let binary = folder.join("tenure");
    assert!(binary.is_file(), "{} is missing: cargo build -p tenure-app, or set TENURE_BINARY", binary.display());
    binary
}

/// Returns a command of the binary that hears nothing of this process's settings, and dies with it.
pub fn tenure() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TENURE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}
