//! Recording what a child does to its folder: building the recorder, preloading it, reading its notes.

use std::path::{Path, PathBuf};
use std::process::Command;

const RECORDER: &str = include_str!("recorder.c");

/// One thing that was done, in the order of doing.
#[derive(Debug)]
pub enum Note {
    Create(String),
    Folder,
    Write {
        path: String,
        offset: u64,
        data: Vec<u8>,
    },
    Truncate {
        path: String,
        len: u64,
    },
    /// `fsync`: of a file, or of a folder's names.
    Sync(String),
    /// `fdatasync`.
    SyncData(String),
    Rename {
        from: String,
        to: String,
    },
    Remove(String),
}

/// Builds the recorder with the C compiler that linking Rust needs anyway.
pub fn build(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("recorder.c"), folder.join("recorder.so"));
    std::fs::write(&source, RECORDER).expect("the source is written");
    let built = Command::new("cc")
        .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    let built = built.expect("the power-cut test needs a C compiler named cc (apt install gcc libc6-dev)");
    assert!(built.success(), "the recorder compiles");
    library
}

/// Runs a command with the recorder below it and returns what it did to `watched`.
pub fn record(mut command: Command, library: &Path, watched: &Path, log: &Path) -> Vec<Note> {
    command.env("LD_PRELOAD", library).env("TENURE_RECORD_DIR", watched).env("TENURE_RECORD_LOG", log);
    let status = command.status().expect("the child runs");
    assert!(status.success(), "{status}");
    let notes = read(&std::fs::read(log).expect("the notes are read"));
    assert!(notes.iter().any(|note| matches!(note, Note::SyncData(path) if path == "db")), "the recorder saw the log");
    notes
}

fn read(mut bytes: &[u8]) -> Vec<Note> {
    let mut notes = vec![];
    while !bytes.is_empty() {
        let kind = take(&mut bytes, 1)[0];
        let path_len = u16::from_le_bytes(take(&mut bytes, 2).try_into().expect("two bytes"));
        let second_len = u32::from_le_bytes(take(&mut bytes, 4).try_into().expect("four bytes"));
        let offset = u64::from_le_bytes(take(&mut bytes, 8).try_into().expect("eight bytes"));
        let path = text(take(&mut bytes, path_len.into()));
        let second = take(&mut bytes, second_len as usize);
        notes.push(match kind {
            b'c' => Note::Create(path),
            b'm' => Note::Folder,
            b'w' => Note::Write { path, offset, data: second.to_vec() },
            b't' => Note::Truncate { path, len: offset },
            b's' => Note::Sync(path),
            b'd' => Note::SyncData(path),
            b'r' => Note::Rename { from: path, to: text(second) },
            b'u' => Note::Remove(path),
            other => panic!("an unknown note {other}"),
        });
    }
    notes
}

fn take<'b>(bytes: &mut &'b [u8], len: usize) -> &'b [u8] {
    let (taken, rest) = bytes.split_at(len);
    *bytes = rest;
    taken
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("paths are text")
}
