//! The machine's table of processes, as `/proc` shows it; elsewhere it is empty.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustix::process::Pid;

/// More than the system ever says of a process in `stat`.
const STAT_BYTES_MAX: usize = 1024;

/// Says whether this system shows its processes.
pub fn are_shown() -> bool {
    Path::new("/proc/self/stat").exists()
}

/// Lists all processes.
pub fn all() -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)).collect()
}

/// Lists the processes of a group that are no zombies: those run nothing, and where nobody reaps orphans they stay for ever.
pub fn running_members(group: Pid) -> Vec<Pid> {
    all().into_iter().filter(|process| running_in(*process) == Some(group.as_raw_pid())).collect()
}

/// Returns the group of a process; none for zombies, and for what is gone.
fn running_in(process: Pid) -> Option<i32> {
    let mut buffer = [0; STAT_BYTES_MAX];
    let length = File::open(folder(process).join("stat")).ok()?.read(&mut buffer).ok()?;
    let stat = String::from_utf8_lossy(&buffer[..length]);
    // "pid (name) state parent group …", and the name may contain anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(group)
}

/// Reads the environment that a process was started with into `buffer`, one variable after the other. Zombies, and threads of
/// the kernel, have none.
pub fn environment(process: Pid, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    File::open(folder(process).join("environ"))?.read_to_end(buffer)?;
    Ok(())
}

/// Says whether a process runs a program.
pub fn has_program(process: Pid) -> bool {
    folder(process).join("exe").read_link().is_ok()
}

fn folder(process: Pid) -> PathBuf {
    PathBuf::from(format!("/proc/{}", process.as_raw_pid()))
}
