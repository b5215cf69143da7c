//! Sockets in the runner's folder, each for the processes of one work. The path of a socket is short by law, the one of a folder
//! is not, so folders are named by their descriptors.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::identity::fresh_id;

/// A folder for sockets, which only the runner's user can enter.
pub struct Sockets(PathBuf);

/// A socket's file, which goes with it.
pub struct Socket(PathBuf);

impl Sockets {
    /// Makes the folder; what an earlier start left there is removed.
    pub fn in_folder(folder: PathBuf) -> io::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    /// Makes a socket that takes connections.
    pub fn bind(&self) -> io::Result<(Socket, UnixListener)> {
        let name = fresh_id().to_string();
        let folder = File::open(&self.0)?;
        let listener = UnixListener::bind(by_descriptor(&folder, &name))?;
        Ok((Socket(self.0.join(name)), listener))
    }
}

impl Socket {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What stays is removed at the next start.
        let _ = fs::remove_file(&self.0);
    }
}

/// Connects to a socket, however long its path is.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    UnixStream::connect(by_descriptor(&File::open(folder)?, name))
}

fn by_descriptor(folder: &File, name: &str) -> String {
    format!("/proc/self/fd/{}/{name}", folder.as_raw_fd())
}
