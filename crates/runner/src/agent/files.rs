//! What agents of ours do with files: inside the workspace only, with errors that name the path.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::workspace::inside;

/// The largest file that is read.
const READ_BYTES_MAX: u64 = 256 * 1024;
/// How many files a search looks into, and the largest of them.
const SEARCH_FILES_MAX: usize = 10_000;
const SEARCH_BYTES_MAX: u64 = 1024 * 1024;
/// How many lines a search finds.
const SEARCH_LINES_MAX: usize = 200;

/// Reads a text file.
pub fn read(workspace: &Path, path: &str) -> Result<String, String> {
    let file = inside(workspace, path)?;
    let failed = |error: std::io::Error| format!("{path}: {error}");
    let size = fs::metadata(&file).map_err(failed)?.len();
    if size > READ_BYTES_MAX {
        return Err(format!("{path} has {size} bytes; at most {READ_BYTES_MAX} are read"));
    }
    fs::read_to_string(&file).map_err(failed)
}

/// Lists a folder; folders in it end with a slash.
pub fn list(workspace: &Path, path: &str) -> Result<Vec<String>, String> {
    let folder = inside(workspace, path)?;
    let entries = fs::read_dir(&folder).map_err(|error| format!("{path}: {error}"))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| {
            let slash = if entry.path().is_dir() { "/" } else { "" };
            format!("{}{slash}", entry.file_name().to_string_lossy())
        })
        .collect();
    names.sort();
    Ok(names)
}

/// Replaces a text that occurs exactly once.
pub fn edit(workspace: &Path, path: &str, find: &str, replace: &str) -> Result<(), String> {
    let file = inside(workspace, path)?;
    let before = fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
    let found = before.matches(find).count();
    if found != 1 {
        return Err(format!("the text to replace occurs {found} times in {path}, not once"));
    }
    fs::write(&file, before.replacen(find, replace, 1)).map_err(|error| format!("{path}: {error}"))
}

/// Writes a whole file, with the folders it needs.
pub fn write(workspace: &Path, path: &str, content: &str) -> Result<(), String> {
    fs::write(new_file(workspace, path)?, content).map_err(|error| format!("{path}: {error}"))
}

/// Adds to the end of a file.
pub fn append(workspace: &Path, path: &str, text: &str) -> Result<(), String> {
    let file = OpenOptions::new().create(true).append(true).open(new_file(workspace, path)?);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{path}: {error}"))
}

/// Finds the lines that hold a text, in every text file below a folder; links are not followed.
pub fn search(workspace: &Path, path: &str, text: &str) -> Result<Vec<String>, String> {
    let mut folders = vec![inside(workspace, path)?];
    let (mut found, mut looked) = (Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            }
            if !about.is_file() || about.len() > SEARCH_BYTES_MAX {
                continue;
            }
            looked += 1;
            let content = fs::read_to_string(entry.path()).unwrap_or_default();
            let file = entry.path();
            let name = file.strip_prefix(workspace).unwrap_or(&file).display();
            let lines = content.lines().enumerate().filter(|(_, line)| line.contains(text));
            found.extend(lines.map(|(number, line)| format!("{name}:{}: {}", number + 1, line.trim_end())));
            if found.len() >= SEARCH_LINES_MAX || looked >= SEARCH_FILES_MAX {
                found.truncate(SEARCH_LINES_MAX);
                found.push("[the search ends here; there may be more]".to_owned());
                return Ok(found);
            }
        }
    }
    Ok(found)
}

fn new_file(workspace: &Path, path: &str) -> Result<PathBuf, String> {
    let file = inside(workspace, path)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_lines_and_stays_inside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, "src/a.rs", "one\ntwo words\n").unwrap();
        append(&root, "src/a.rs", "two more\n").unwrap();
        fs::write(root.join("binary"), b"two \xff").unwrap();
        assert_eq!(search(&root, ".", "two").unwrap(), ["src/a.rs:2: two words", "src/a.rs:3: two more"]);
        assert!(search(&root, "..", "two").is_err());
        edit(&root, "src/a.rs", "two words", "three").unwrap();
        assert_eq!(read(&root, "src/a.rs").unwrap(), "one\nthree\ntwo more\n");
        assert!(edit(&root, "src/a.rs", "e", "x").unwrap_err().contains("4 times"));
    }
}
