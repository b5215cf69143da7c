//! The sample repository that the agent works on, made anew from files, and what the agent changed in it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// Copies the sample into `place`, which is emptied first, and commits it as a person who works there would have.
pub fn make(sample: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        std::fs::remove_dir_all(place).with_context(|| format!("failed to empty {}", place.display()))?;
    }
    copy(sample, place)?;
    git(place, &["init", "--quiet", "--initial-branch=main"])?;
    git(place, &["add", "--all"])?;
    git(place, &["commit", "--quiet", "--message=Start"])?;
    Ok(())
}

/// Returns everything that differs from the first commit, new files included.
pub fn changes(place: &Path) -> Result<String> {
    git(place, &["add", "--all"])?;
    git(place, &["diff", "--cached", "HEAD"])
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("failed to make {}", to.display()))?;
    let entries = std::fs::read_dir(from).with_context(|| format!("failed to read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            // Copies the mode too: scripts stay executable.
            std::fs::copy(entry.path(), &target).with_context(|| format!("failed to write {}", target.display()))?;
        }
    }
    Ok(())
}

/// Runs git as a person of its own, whatever this machine's settings are.
fn git(place: &Path, arguments: &[&str]) -> Result<String> {
    let who = ["-c", "user.name=Demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false"];
    command::output(Command::new("git").args(who).args(arguments).current_dir(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_name_edited_and_new_files() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (sample, place) = (folder.path().join("sample"), folder.path().join("repo"));
        std::fs::create_dir_all(sample.join("src"))?;
        std::fs::write(sample.join("src/a.txt"), "one\n")?;
        make(&sample, &place)?;
        assert_eq!(changes(&place)?, "");
        std::fs::write(place.join("src/a.txt"), "two\n")?;
        std::fs::write(place.join("b.txt"), "new\n")?;
        let changes = changes(&place)?;
        assert!(changes.contains("-one\n+two\n") && changes.contains("+new\n"), "{changes}");
        make(&sample, &place)?;
        assert_eq!(super::changes(&place)?, "");
        Ok(())
    }
}
