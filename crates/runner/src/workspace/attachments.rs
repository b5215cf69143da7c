//! Outputs of commands that were too long to be told: files in the runner's own folder, read in pieces, bounded in size and
//! number.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tenure_model::id::{SessionId, WorkId};
use tenure_model::link::WorkSpec;
use tenure_model::workspace::AttachmentPiece;

use super::Folders;
use crate::age::unchanged;

/// Files that are kept of one session; the oldest are removed first.
const FILES_MAX: usize = 50;
/// The most bytes in one piece: written as JSON, they still fit into one message of the link.
const PIECE_BYTES_MAX: u64 = 64 * 1024;

impl Folders {
    /// Returns where the long outputs of a work go, and the most bytes of each; nowhere when none are kept.
    pub fn attachments(&self, spec: &WorkSpec) -> Option<(PathBuf, u64)> {
        let max = self.room.attachment_bytes_max;
        (max > 0).then(|| (place(&self.data, spec.session).join(spec.work.to_string()), max))
    }

    /// Removes the oldest long outputs of a session when there are too many.
    pub fn forget_attachments(&self, session: SessionId) {
        let dated = |entry: fs::DirEntry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()));
        let entries = fs::read_dir(place(&self.data, session)).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, PathBuf)> = entries.filter_map(dated).collect();
        files.sort();
        for (_, oldest) in &files[..files.len().saturating_sub(FILES_MAX)] {
            // It is tried again after the next command.
            let _ = fs::remove_file(oldest);
        }
    }

    /// Removes the long outputs of sessions that have had none for so long.
    pub(super) fn forget_old_attachments(&self, idle: Duration) {
        for folder in unchanged(&self.data.join("attachments"), idle) {
            // It is tried again when it is looked for them next.
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Reads a piece of a long output.
    pub(super) fn attachment(&self, session: SessionId, id: &str, offset: u64) -> Result<AttachmentPiece, String> {
        let unknown = || format!("this runner has no attachment \"{id}\" of the session");
        // The name is one of those that this runner gives, so it leads nowhere else.
        let (work, output) = id.split_once('.').ok_or_else(unknown)?;
        if work.parse::<WorkId>().map(|work| work.to_string()).as_deref() != Ok(work)
            || !matches!(output, "stdout" | "stderr")
        {
            return Err(unknown());
        }
        piece(&place(&self.data, session).join(id), offset).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => unknown(),
            _ => format!("the attachment cannot be read: {error}"),
        })
    }
}

fn place(data: &Path, session: SessionId) -> PathBuf {
    data.join("attachments").join(session.to_string())
}

/// Reads whole characters from an offset on.
fn piece(path: &Path, offset: u64) -> io::Result<AttachmentPiece> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(PIECE_BYTES_MAX).read_to_end(&mut bytes)?;
    let whole = match std::str::from_utf8(&bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let next = offset + whole as u64;
    let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
    Ok(AttachmentPiece { text, size, next: (whole > 0 && next < size).then_some(next) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let text = "aé€🙂".repeat(20_000);
        fs::write(&path, &text).unwrap();
        let (mut read, mut next) = (String::new(), Some(0));
        while let Some(offset) = next {
            let piece = piece(&path, offset).unwrap();
            read.push_str(&piece.text);
            next = piece.next;
        }
        assert!(read == text);
        assert_eq!(piece(&path, 10_000_000).unwrap().next, None);
    }
}
