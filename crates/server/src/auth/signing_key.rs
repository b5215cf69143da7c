//! The key that signs what the server hands out without keeping it: a file of the data folder, for its owner's eyes only.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::secret::random;

const BYTES: usize = 32;

/// A secret key. What debugs it shows nothing of it: there is no such implementation.
#[derive(Clone)]
pub struct SigningKey([u8; BYTES]);

impl SigningKey {
    /// Reads the key of this file, which is made when there is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        match File::open(path) {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn read(file: File) -> io::Result<Self> {
        let mut bytes = vec![];
        file.take(BYTES as u64 + 1).read_to_end(&mut bytes)?;
        let whole = |_| io::Error::new(ErrorKind::InvalidData, "it is not the key that was written there");
        bytes.try_into().map(Self).map_err(whole)
    }

    fn make(path: &Path) -> io::Result<Self> {
        let key = Self(random());
        // Written aside and renamed, so that a crash leaves no half of a key.
        let aside = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(&key.0)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        Ok(key)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; BYTES]> for SigningKey {
    fn from(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        let made = SigningKey::open(&path).expect("it is made");
        assert_eq!(SigningKey::open(&path).expect("it is read").0, made.0);
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = SigningKey::open(&folder.path().join("other.key")).expect("it is made");
        assert_ne!(other.0, made.0);
    }

    #[test]
    fn a_file_that_is_no_key_is_not_taken_for_one_nor_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        for wrong in [&b""[..], &[1; 31], &[1; 33]] {
            std::fs::write(&path, wrong).expect("it is written");
            let refused = SigningKey::open(&path).err().expect("it is no key");
            assert_eq!(refused.kind(), ErrorKind::InvalidData);
            assert_eq!(std::fs::read(&path).expect("it is there"), wrong);
        }
    }
}
