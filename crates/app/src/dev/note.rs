//! `dev.json`: the address and the credentials that `tenure dev` leaves in its data folder for the other commands.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::failure::Outcome;

const FILE: &str = "dev.json";

/// What stands in the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevNote {
    /// As http://host:port.
    pub address: String,
    /// An admin's token.
    pub token: String,
    pub runner_token: String,
}

impl DevNote {
    /// Reads the file of a data folder; none when there is none.
    pub fn read(data: &Path) -> Outcome<Option<Self>> {
        let path = data.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                let note =
                    serde_json::from_slice(&bytes).with_context(|| format!("failed to read {}", path.display()))?;
                Ok(Some(note))
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => Ok(None),
            Err(error) => Err(anyhow::Error::from(error).context(format!("failed to read {}", path.display())).into()),
        }
    }

    /// Writes the file, whole or not at all, for the eyes of its owner only.
    pub fn write(&self, data: &Path) -> Outcome {
        let text = serde_json::to_vec_pretty(self)?;
        write_secret(&data.join(FILE), &text).with_context(|| format!("failed to write {FILE}"))?;
        Ok(())
    }
}

fn write_secret(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("json.new");
    // A draft that a crash left may have other rights.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_note_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let note = DevNote { address: "a".to_owned(), token: "b".to_owned(), runner_token: "c".to_owned() };
        note.write(folder.path()).unwrap();
        note.write(folder.path()).unwrap();
        assert!(DevNote::read(folder.path()).unwrap() == Some(note));
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn no_note_is_no_error_and_a_broken_one_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(DevNote::read(folder.path()).unwrap().is_none());
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(DevNote::read(folder.path()).is_err());
    }
}
