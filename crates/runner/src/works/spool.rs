//! The frames of one work on disk, so that a killed runner loses nothing that its agent said.
//!
//! JSON lines, only ever appended: a header, then one frame a line, written before the frame is sent. A torn last line is
//! ignored. Lines reach the kernel, not the disk: they survive the end of the process, not of the machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tenure_model::id::{SessionId, WorkId};
use tenure_model::link::TurnFrame;
use tracing::warn;

/// A file with less than this is not worth rewriting when its frames are acknowledged.
const COMPACT_BYTES_MIN: u64 = 1024 * 1024;

/// The first line of a spool file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Header {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
    /// The number of the first frame in the file.
    pub first: u64,
}

/// The open file of one work.
pub struct Spool {
    path: PathBuf,
    file: File,
    header: Header,
    bytes: u64,
}

/// What an earlier start of the runner left behind.
pub struct Recovered {
    pub spool: Spool,
    pub frames: Vec<(TurnFrame, u64)>,
}

impl Spool {
    /// Makes the file; one of the same work and generation must not exist.
    pub fn create(folder: &Path, header: Header) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.{}.jsonl", header.work, header.generation));
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        file.write_all(&line(&header)?)?;
        Ok(Self { path, file, header, bytes: 0 })
    }

    pub fn header(&self) -> Header {
        self.header
    }

    /// Appends a frame and returns its size.
    pub fn append(&mut self, frame: &TurnFrame) -> io::Result<u64> {
        let line = line(frame)?;
        self.file.write_all(&line)?;
        let bytes = line.len() as u64;
        self.bytes += bytes;
        Ok(bytes)
    }

    /// Gives the space back once every frame below `first` is acknowledged and none is left.
    pub fn compact(&mut self, first: u64) -> io::Result<()> {
        if self.bytes < COMPACT_BYTES_MIN {
            return Ok(());
        }
        let header = Header { first, ..self.header };
        let draft = self.path.with_extension("new");
        let mut file = OpenOptions::new().append(true).create(true).open(&draft)?;
        file.set_len(0)?;
        file.write_all(&line(&header)?)?;
        fs::rename(&draft, &self.path)?;
        *self = Self { path: self.path.clone(), file, header, bytes: 0 };
        Ok(())
    }

    /// Deletes the file: its work is over and acknowledged.
    pub fn remove(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            warn!(path = %self.path.display(), %error, "failed to remove a spool file");
        }
    }

    /// Opens every file that an earlier start left in `folder`; those that cannot be read are set aside.
    pub fn recover(folder: &Path) -> io::Result<Vec<Recovered>> {
        fs::create_dir_all(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            match Self::reopen(&path) {
                Ok(recovered) => found.push(recovered),
                Err(error) => set_aside(&path, &error),
            }
        }
        Ok(found)
    }

    fn reopen(path: &Path) -> io::Result<Recovered> {
        let bytes = fs::read(path)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
        let header = lines.next().ok_or_else(|| io::Error::other("it has no header"))?;
        let header: Header = serde_json::from_slice(header).map_err(io::Error::other)?;
        let frames = lines
            .map(|line| Ok((serde_json::from_slice(line).map_err(io::Error::other)?, line.len() as u64)))
            .collect::<io::Result<Vec<_>>>()?;
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(whole as u64)?;
        let spool = Self { path: path.to_owned(), file, header, bytes: whole as u64 };
        Ok(Recovered { spool, frames })
    }
}

fn set_aside(path: &Path, error: &io::Error) {
    warn!(path = %path.display(), %error, "a spool file cannot be read and is set aside");
    if let Err(error) = fs::rename(path, path.with_extension("damaged")) {
        warn!(path = %path.display(), %error, "failed to set a spool file aside");
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value).map_err(io::Error::other)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { session: SessionId::default(), work: WorkId::default(), generation: 1, first: 0 }
    }

    fn title(text: &str) -> TurnFrame {
        TurnFrame::Title { title: text.to_owned() }
    }

    #[test]
    fn frames_come_back_without_the_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path(), header()).unwrap();
        spool.append(&title("one")).unwrap();
        spool.append(&title("two")).unwrap();
        spool.file.write_all(b"{\"type\":\"tit").unwrap();
        drop(spool);

        let mut recovered = Spool::recover(folder.path()).unwrap();
        let Recovered { mut spool, frames } = recovered.pop().unwrap();
        let frames: Vec<TurnFrame> = frames.into_iter().map(|(frame, _)| frame).collect();
        assert_eq!(frames, [title("one"), title("two")]);

        // What is appended now begins on a line of its own.
        spool.append(&title("three")).unwrap();
        drop(spool);
        assert_eq!(Spool::recover(folder.path()).unwrap()[0].frames.len(), 3);
    }

    #[test]
    fn acknowledged_frames_give_their_space_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path(), header()).unwrap();
        spool.append(&title(&"x".repeat(2 * 1024 * 1024))).unwrap();
        spool.compact(1).unwrap();
        spool.append(&title("next")).unwrap();
        drop(spool);
        let recovered = Spool::recover(folder.path()).unwrap().pop().unwrap();
        assert_eq!((recovered.spool.header.first, recovered.frames.len()), (1, 1));
        recovered.spool.remove();
        assert!(Spool::recover(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_damaged_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.jsonl"), "no header\n").unwrap();
        assert!(Spool::recover(folder.path()).unwrap().is_empty());
        assert!(folder.path().join("x.damaged").exists());
    }
}
