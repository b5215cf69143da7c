//! The output of a command beyond what is told of it: a file that holds it from the beginning on, up to a limit.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

/// A file that is made only when there is too much to be told.
pub struct Overflow {
    path: PathBuf,
    bytes_max: u64,
    file: Option<File>,
    bytes: u64,
    cut: bool,
}

/// What a file has come to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The file's name.
    pub id: String,
    pub bytes: u64,
    /// Whether there was more than the file may hold, or the disk took.
    pub cut: bool,
}

impl Overflow {
    pub fn new(path: PathBuf, bytes_max: u64) -> Self {
        Self { path, bytes_max, file: None, bytes: 0, cut: false }
    }

    /// Adds text. What does not fit is left out, and so is everything after it.
    pub fn push(&mut self, text: &str) {
        if self.cut {
            return;
        }
        let room = usize::try_from(self.bytes_max - self.bytes).unwrap_or(usize::MAX);
        let fitting = &text[..text.floor_char_boundary(room)];
        // A command does not fail because its output cannot be kept.
        self.cut = self.write(fitting).is_err() || fitting.len() < text.len();
    }

    /// Tells what there is; nothing when all could be told.
    pub fn attached(&self) -> Option<Attached> {
        self.file.as_ref()?;
        let id = self.path.file_name()?.to_str()?.to_owned();
        Some(Attached { id, bytes: self.bytes, cut: self.cut })
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            self.file = Some(File::create(&self.path)?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(text.as_bytes())?;
            self.bytes += text.len() as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_beginning_and_says_when_there_was_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut overflow = Overflow::new(folder.path().join("deep/out"), 8);
        assert_eq!(overflow.attached(), None);
        overflow.push("abc");
        assert_eq!(overflow.attached(), Some(Attached { id: "out".into(), bytes: 3, cut: false }));
        overflow.push("defé€");
        overflow.push("more");
        assert_eq!(fs::read_to_string(folder.path().join("deep/out")).unwrap(), "abcdefé");
        assert_eq!(overflow.attached(), Some(Attached { id: "out".into(), bytes: 8, cut: true }));
    }
}
