//! The files of the project as the rules read them: what git keeps, or would keep.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::source::{self, Line};

/// One file: its path from the top, with `/`, and its text. What is not text is an empty one.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Returns the crate's folder for a file in `crates/<folder>/`.
    pub fn crate_folder(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split_once('/').map(|(folder, _)| folder)
    }
}

/// All files, in the order of their paths.
pub struct Tree {
    pub files: Vec<File>,
    /// The Rust files that are compiled for tests only, because of a `#[cfg(test)] mod name;` somewhere.
    test_files: BTreeSet<String>,
}

impl Tree {
    /// Reads all files that git tracks and all new ones that it does not ignore.
    pub fn read(root: &Path) -> Result<Tree> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("failed to run git")?;
        ensure!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        let listed = String::from_utf8(output.stdout).context("git names a file that is not UTF-8")?;
        let paths: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        // A file that was deleted and not committed yet is still listed; it is no longer there to be judged.
        let files = paths
            .into_iter()
            .filter(|path| root.join(path).is_file())
            .map(|path| Ok(File { path: path.into(), text: read_text(&root.join(path))? }))
            .collect::<Result<Vec<File>>>()?;
        Ok(Tree::new(files))
    }

    pub fn new(files: Vec<File>) -> Tree {
        let test_files = files.iter().filter(|file| file.is_rust()).flat_map(declared_test_files).collect();
        Tree { files, test_files }
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Tells whether a file or a folder stands at `path`.
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// Returns the lines of a Rust file, tests marked.
    pub fn lines(&self, file: &File) -> Vec<Line> {
        source::lines(&file.text, self.is_test(&file.path))
    }

    /// Tells whether a Rust file only exists for tests.
    pub fn is_test(&self, path: &str) -> bool {
        path.starts_with("tests/") || path.contains("/tests/") || self.test_files.contains(path)
    }
}

fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// Returns the places where the test modules that a file declares may stand.
fn declared_test_files(file: &File) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.trim_end_matches(".rs");
    let home = if matches!(stem, "mod" | "lib" | "main") { folder.to_owned() } else { format!("{folder}/{stem}") };
    source::test_module_files(&file.text)
        .into_iter()
        .flat_map(|module| [format!("{home}/{module}.rs"), format!("{home}/{module}/mod.rs")])
        .collect()
}

/// Builds a tree from paths and texts, for the tests of the rules.
#[cfg(test)]
pub fn tree(files: &[(&str, &str)]) -> Tree {
    Tree::new(files.iter().map(|&(path, text)| File { path: path.into(), text: text.into() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_test_modules_are_tests() {
        let tree = tree(&[
            ("crates/a/src/lib.rs", "#[cfg(test)]\nmod kit;\n"),
            ("crates/a/src/kit.rs", ""),
            ("crates/a/src/host.rs", "#[cfg(test)]\nmod story;\n"),
            ("crates/a/src/host/story.rs", ""),
            ("crates/a/tests/all.rs", ""),
        ]);
        let tests: Vec<&str> = tree.rust().map(|file| file.path.as_str()).filter(|path| tree.is_test(path)).collect();
        assert_eq!(tests, ["crates/a/src/kit.rs", "crates/a/src/host/story.rs", "crates/a/tests/all.rs"]);
    }

    #[test]
    fn folders_count_as_there() {
        let tree = tree(&[("crates/a/src/lib.rs", "")]);
        assert!(tree.has("crates/a") && tree.has("crates/a/") && tree.has("crates/a/src/lib.rs"));
        assert!(!tree.has("crates/b") && !tree.has("crates/a/src/li"));
    }
}
