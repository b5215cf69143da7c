//! The machine's table of processes, as `/proc` shows it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::process::Pid;

/// More than the system ever says of a process in `stat`.
const STAT_BYTES_MAX: usize = 1024;

/// Lists all processes; an error where the system does not show them, or cannot now.
pub fn all() -> io::Result<Vec<Pid>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        processes.extend(entry?.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw));
    }
    Ok(processes)
}

/// Lists the processes of a group that are no zombies: those run nothing, and where nobody reaps orphans they stay for ever.
pub fn running_members(group: Pid) -> io::Result<Vec<Pid>> {
    let mut members = Vec::new();
    for process in all()? {
        if running_in(process)? == Some(group.as_raw_pid()) {
            members.push(process);
        }
    }
    Ok(members)
}

/// Returns the group of a process; none for zombies, and for what is gone.
fn running_in(process: Pid) -> io::Result<Option<i32>> {
    let mut buffer = [0; STAT_BYTES_MAX];
    let Some(mut file) = unless_gone(File::open(folder(process).join("stat")))? else { return Ok(None) };
    let Some(length) = unless_gone(file.read(&mut buffer))? else { return Ok(None) };
    Ok(group_in(&String::from_utf8_lossy(&buffer[..length])))
}

/// Reads `pid (name) state parent group …`, where the name may contain anything.
fn group_in(stat: &str) -> Option<i32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(group)
}

/// Takes it that what is not there, or not to be read by this user, is none of ours; any other error is one.
fn unless_gone<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(None),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::SRCH) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the environment that a process was started with into `buffer`, one variable after the other. Zombies, threads of the
/// kernel, and what is not this user's have none.
pub fn environment(process: Pid, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    if let Some(mut file) = unless_gone(File::open(folder(process).join("environ")))? {
        unless_gone(file.read_to_end(buffer))?;
    }
    Ok(())
}

/// Says whether a process runs a program.
pub fn has_program(process: Pid) -> bool {
    folder(process).join("exe").read_link().is_ok()
}

fn folder(process: Pid) -> PathBuf {
    PathBuf::from(format!("/proc/{}", process.as_raw_pid()))
}
