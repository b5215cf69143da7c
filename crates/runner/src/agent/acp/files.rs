//! The files that an agent reads and writes through the client: text, inside the workspace only.

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    ReadTextFileRequest, ReadTextFileResponse, WriteTextFileRequest, WriteTextFileResponse,
};

use crate::agent::files::Files;

/// The largest file that is read.
const READ_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Reads a file, or the lines of it that are asked for.
pub fn read(files: &Files, request: &ReadTextFileRequest) -> Result<ReadTextFileResponse, Error> {
    let content = files.read(&request.path, READ_BYTES_MAX).map_err(refused)?;
    let skipped = request.line.map_or(0, |line| line.saturating_sub(1));
    let lines = content.split_inclusive('\n').skip(usize::try_from(skipped).unwrap_or(usize::MAX));
    let content = match request.limit {
        Some(limit) => lines.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect::<String>(),
        None => lines.collect(),
    };
    Ok(ReadTextFileResponse::new(content))
}

/// Writes a whole file, with the folders it needs.
pub fn write(files: &Files, request: &WriteTextFileRequest) -> Result<WriteTextFileResponse, Error> {
    files.write(&request.path, &request.content).map_err(refused)?;
    Ok(WriteTextFileResponse::default())
}

fn refused(reason: String) -> Error {
    Error::invalid_params().data(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_by_line_and_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let files = Files::of(&root, &[]).unwrap();
        write(&files, &WriteTextFileRequest::new("s", root.join("deep/a.txt"), "1\n2\n3\n")).unwrap();
        let whole = read(&files, &ReadTextFileRequest::new("s", root.join("deep/a.txt"))).unwrap();
        assert_eq!(whole.content, "1\n2\n3\n");
        let part = ReadTextFileRequest::new("s", root.join("deep/a.txt")).line(2).limit(1);
        assert_eq!(read(&files, &part).unwrap().content, "2\n");
        assert!(read(&files, &ReadTextFileRequest::new("s", "/etc/hostname")).is_err());
        assert!(write(&files, &WriteTextFileRequest::new("s", "/tmp/../etc/x", "y")).is_err());
    }
}
