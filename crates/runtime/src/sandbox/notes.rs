//! What was started, noted on disk before it is: one folder per session, which outlives a crash of the server.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tenure_model::id::SessionId;
use uuid::Uuid;

const NOTE: &str = "sandbox.json";
const TOKEN: &str = "token";

/// One sandbox that was started, or is about to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub session: SessionId,
    /// Its kind, by name.
    pub sandbox: String,
    pub generation: u32,
    /// Whether its start was confirmed.
    pub started: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// The folder of all notes.
#[derive(Clone, Debug)]
pub(super) struct Notes(pub PathBuf);

impl Notes {
    /// Returns the folder of a session's sandbox.
    pub fn folder(&self, session: SessionId) -> PathBuf {
        self.0.join(session.0.simple().to_string())
    }

    /// Returns the file that holds the credential of a session's runner.
    pub fn token_file(&self, session: SessionId) -> PathBuf {
        self.folder(session).join(TOKEN)
    }

    pub fn read(&self, session: SessionId) -> io::Result<Option<Note>> {
        match fs::read(self.folder(session).join(NOTE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a note, for the eyes of the server's own user only.
    pub fn write(&self, note: &Note) -> io::Result<()> {
        let text = serde_json::to_vec(note).map_err(io::Error::other)?;
        write_secret(&self.folder(note.session).join(NOTE), &text)
    }

    /// Keeps the credential of a session's runner.
    pub fn write_token(&self, session: SessionId, token: &str) -> io::Result<()> {
        write_secret(&self.token_file(session), token.as_bytes())
    }

    /// Forgets what ran; `ends` removes everything that was kept of it.
    pub fn forget(&self, session: SessionId, ends: bool) -> io::Result<()> {
        let folder = self.folder(session);
        let gone = |result: io::Result<()>| match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        if ends {
            return gone(fs::remove_dir_all(folder));
        }
        gone(fs::remove_file(folder.join(TOKEN)))?;
        gone(fs::remove_file(folder.join(NOTE)))
    }

    /// Lists the sessions that have a folder here.
    pub fn sessions(&self) -> io::Result<Vec<SessionId>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        let named = entries.filter_map(|entry| Uuid::try_parse(entry.ok()?.file_name().to_str()?).ok());
        Ok(named.map(SessionId).collect())
    }

    /// Lists what was started and not stopped. What cannot be read is said and left alone.
    pub fn list(&self) -> io::Result<Vec<Note>> {
        let read = |session: SessionId| match self.read(session) {
            Ok(note) => note,
            Err(error) => {
                tracing::error!(session.id = %session, "failed to read the note of a sandbox: {error}");
                None
            }
        };
        Ok(self.sessions()?.into_iter().filter_map(read).collect())
    }
}

/// Writes a file whole or not at all.
fn write_secret(path: &Path, text: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
