//! The files of a workspace as agents touch them through the runner: nothing outside it and nothing hidden, whatever links
//! stand in the way and whoever moves them meanwhile. Errors name the path.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, File, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

/// The largest file that agents of ours read.
pub const READ_BYTES_MAX: u64 = 256 * 1024;
/// How many files a search looks into, and the largest of them.
const SEARCH_FILES_MAX: usize = 10_000;
const SEARCH_BYTES_MAX: u64 = 1024 * 1024;
/// How many lines a search finds.
const SEARCH_LINES_MAX: usize = 200;

/// The files of one workspace.
pub struct Files {
    root: PathBuf,
    folder: Dir,
    /// What nobody sees, even in the workspace.
    hidden: Vec<PathBuf>,
}

impl Files {
    /// Opens a workspace, of which nobody sees what lies in `hidden`; all paths are real ones.
    pub fn of(root: &Path, hidden: &[PathBuf]) -> Result<Self, String> {
        let folder = Dir::open_ambient_dir(root, ambient_authority());
        let folder = folder.map_err(|error| format!("failed to open the workspace: {error}"))?;
        let hidden = hidden.iter().filter(|hidden| hidden.starts_with(root)).cloned().collect();
        Ok(Self { root: root.to_owned(), folder, hidden })
    }

    /// Reads a text file of at most so many bytes.
    pub fn read(&self, path: impl AsRef<Path>, bytes_max: u64) -> Result<String, String> {
        let path = path.as_ref();
        let file = self.open(path, OpenOptions::new().read(true))?;
        let size = file.metadata().map_err(failed(path))?.len();
        if size > bytes_max {
            return Err(format!("{} has {size} bytes; at most {bytes_max} are read", path.display()));
        }
        let mut text = String::new();
        // It may grow while it is read.
        file.take(bytes_max).read_to_string(&mut text).map_err(failed(path))?;
        Ok(text)
    }

    /// Writes a whole file, with the folders it needs.
    pub fn write(&self, path: impl AsRef<Path>, content: &str) -> Result<(), String> {
        let path = path.as_ref();
        self.make_way(path)?;
        // It is emptied only when it has turned out to be one that may be written.
        let mut file = self.open(path, OpenOptions::new().write(true).create(true))?;
        file.set_len(0).and_then(|()| file.write_all(content.as_bytes())).map_err(failed(path))
    }

    /// Adds to the end of a file.
    pub fn append(&self, path: &str, text: &str) -> Result<(), String> {
        let path = path.as_ref();
        self.make_way(path)?;
        let mut file = self.open(path, OpenOptions::new().append(true).create(true))?;
        file.write_all(text.as_bytes()).map_err(failed(path))
    }

    /// Replaces a text that occurs exactly once.
    pub fn edit(&self, path: &str, find: &str, replace: &str) -> Result<(), String> {
        let before = self.read(path, SEARCH_BYTES_MAX)?;
        let found = before.matches(find).count();
        if found != 1 {
            return Err(format!("the text to replace occurs {found} times in {path}, not once"));
        }
        self.write(path, &before.replacen(find, replace, 1))
    }

    /// Lists a folder; folders in it end with a slash.
    pub fn list(&self, path: &str) -> Result<Vec<String>, String> {
        let path = path.as_ref();
        let mut names: Vec<String> = entries(&self.open_folder(path)?)
            .map_err(failed(path))?
            .map(|entry| {
                let slash = if entry.file_type().is_ok_and(|kind| kind.is_dir()) { "/" } else { "" };
                format!("{}{slash}", entry.file_name().to_string_lossy())
            })
            .collect();
        names.sort();
        Ok(names)
    }

    /// Finds the lines that hold a text, in every text file below a folder; links are not followed.
    pub fn search(&self, path: &str, text: &str) -> Result<Vec<String>, String> {
        let start = self.within(path.as_ref())?;
        self.open_folder(&start)?;
        let (mut folders, mut found, mut looked) = (vec![start], Vec::new(), 0);
        while let Some(path) = folders.pop() {
            // Hidden ones are passed over, and what has gone meanwhile.
            let Ok(folder) = self.open_folder(&path) else { continue };
            let mut entries: Vec<DirEntry> = entries(&folder).map_err(failed(&path))?.collect();
            entries.sort_by_key(DirEntry::file_name);
            for entry in entries {
                let Ok(about) = entry.metadata() else { continue };
                let file = path.join(entry.file_name());
                if about.is_dir() && entry.file_name() != ".git" {
                    folders.push(file.clone());
                }
                if !about.is_file() || about.len() > SEARCH_BYTES_MAX {
                    continue;
                }
                looked += 1;
                let content = self.read(&file, SEARCH_BYTES_MAX).unwrap_or_default();
                let name = file.strip_prefix(".").unwrap_or(&file).display();
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

    /// Returns a path as it is seen from the workspace's folder.
    fn within(&self, path: &Path) -> Result<PathBuf, String> {
        let below = if path.is_absolute() { path.strip_prefix(&self.root).map_err(|_| outside(path))? } else { path };
        Ok(if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_owned() })
    }

    fn open(&self, path: &Path, how: &mut OpenOptions) -> Result<File, String> {
        // Nobody waits for the other end of a pipe.
        how.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = self.folder.open_with(self.within(path)?, how).map_err(failed(path))?;
        if !file.metadata().map_err(failed(path))?.is_file() {
            return Err(format!("{} is not a file", path.display()));
        }
        self.see(&file, path)?;
        Ok(file)
    }

    fn open_folder(&self, path: &Path) -> Result<Dir, String> {
        let folder = self.folder.open_dir(self.within(path)?).map_err(failed(path))?;
        self.see(&folder, path)?;
        Ok(folder)
    }

    fn make_way(&self, path: &Path) -> Result<(), String> {
        let path = self.within(path)?;
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => self.folder.create_dir_all(folder).map_err(failed(&path)),
            None => Ok(()),
        }
    }

    /// Refuses what has turned out to lie in a hidden folder, whatever it was called.
    fn see(&self, found: &impl std::os::fd::AsRawFd, path: &Path) -> Result<(), String> {
        if self.hidden.is_empty() {
            return Ok(());
        }
        let real = std::fs::read_link(format!("/proc/self/fd/{}", found.as_raw_fd())).map_err(failed(path))?;
        match self.hidden.iter().any(|hidden| real.starts_with(hidden)) {
            true => Err(format!("{} is hidden from agents", path.display())),
            false => Ok(()),
        }
    }
}

fn entries(folder: &Dir) -> std::io::Result<impl Iterator<Item = DirEntry>> {
    folder.entries().map(|entries| entries.flatten())
}

fn outside(path: &Path) -> String {
    format!("{} is outside the workspace", path.display())
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| match error.to_string() {
        // The words of the library for a path that leads out, by whatever way.
        words if words.contains("led outside of the filesystem") => outside(path),
        words => format!("{}: {words}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn scene() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (folder, root)
    }

    #[test]
    fn files_are_written_edited_listed_and_searched() {
        let (_folder, root) = scene();
        let files = Files::of(&root, &[]).unwrap();
        files.write("src/a.rs", "one\ntwo words\n").unwrap();
        files.append("src/a.rs", "two more\n").unwrap();
        fs::write(root.join("binary"), b"two \xff").unwrap();
        assert_eq!(files.search(".", "two").unwrap(), ["src/a.rs:2: two words", "src/a.rs:3: two more"]);
        files.edit("src/a.rs", "two words", "three").unwrap();
        assert_eq!(files.read(root.join("src/../src/a.rs"), 100).unwrap(), "one\nthree\ntwo more\n");
        assert!(files.edit("src/a.rs", "e", "x").unwrap_err().contains("4 times"));
        assert!(files.read("src/a.rs", 3).unwrap_err().contains("at most 3"));
        assert_eq!(files.list("").unwrap(), ["binary", "src/"]);
        files.write("src/a.rs", "x").unwrap();
        assert_eq!(files.read("src/a.rs", 100).unwrap(), "x");
    }

    #[test]
    fn no_path_and_no_link_leads_out() {
        let (_folder, root) = scene();
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("secret"), "s").unwrap();
        symlink(other.path(), root.join("door")).unwrap();
        symlink(other.path().join("secret"), root.join("window")).unwrap();
        symlink("../..", root.join("up")).unwrap();
        let files = Files::of(&root, &[]).unwrap();
        for path in ["../a", "/etc/hostname", "door/secret", "window", "up/etc/hostname", "a/../../b"] {
            assert!(files.read(path, 100).is_err(), "{path}");
            assert!(files.write(path, "x").is_err(), "{path}");
        }
        assert_eq!(files.write("/etc/x", "x").unwrap_err(), "/etc/x is outside the workspace");
        assert_eq!(files.write("window", "x").unwrap_err(), "window is outside the workspace");
        assert!(files.list("door").is_err() && files.search("..", "s").is_err());
        assert_eq!(fs::read_to_string(other.path().join("secret")).unwrap(), "s");
        assert_eq!(files.search(".", "s").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_hidden_is_not_seen_by_any_name() {
        let (_folder, root) = scene();
        fs::create_dir(root.join(".tenure")).unwrap();
        fs::write(root.join(".tenure/token"), "the token").unwrap();
        symlink(".tenure", root.join("link")).unwrap();
        symlink(".tenure/token", root.join("other")).unwrap();
        let files = Files::of(&root, &[root.join(".tenure")]).unwrap();
        for path in [".tenure/token", "link/token", "other"] {
            assert!(files.read(path, 100).unwrap_err().contains("is hidden"), "{path}");
            assert!(files.write(path, "x").unwrap_err().contains("is hidden"), "{path}");
        }
        assert!(files.list("link").unwrap_err().contains("is hidden"));
        assert_eq!(files.search(".", "token").unwrap(), [""; 0]);
        assert_eq!(fs::read_to_string(root.join(".tenure/token")).unwrap(), "the token");
    }

    #[test]
    fn nobody_waits_for_the_other_end_of_a_pipe() {
        let (_folder, root) = scene();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let files = Files::of(&root, &[]).unwrap();
        assert_eq!(files.read("pipe", 100).unwrap_err(), "pipe is not a file");
        assert!(files.write("pipe", "x").is_err());
    }
}
