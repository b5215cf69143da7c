//! Processes that left their group, or outlived a killed runner: found by a mark in their environment, and ended.
//!
//! Only Linux tells a process's environment; elsewhere nothing is found, and the groups alone are ended.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tenure_model::id::WorkId;
use tokio::time::sleep;

/// The variable that marks every process of a work.
pub const COOKIE: &str = "TENURE_WORK";
/// How often is looked again; each look takes every process there is, so only a fork bomb needs more.
const LOOKS_MAX: usize = 100;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Returns the mark of one work at one generation.
pub fn cookie(work: WorkId, generation: u32) -> String {
    format!("{work}.{generation}")
}

/// Kills every process that carries the mark, or one below it; true once none runs.
pub async fn end_leftovers(cookie: &str) -> bool {
    for _ in 0..LOOKS_MAX {
        let found = marked(cookie);
        if found.is_empty() {
            return true;
        }
        for process in found {
            // It may be gone by now, which is as well.
            let _ = kill_process(process, Signal::KILL);
        }
        sleep(LOOK_EVERY).await;
    }
    false
}

/// Lists the processes whose environment holds the mark, or one below it. Zombies have none.
pub fn marked(cookie: &str) -> Vec<Pid> {
    let mark = format!("{COOKIE}={cookie}");
    let is_marked = |variable: &[u8]| {
        variable.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(is_marked)
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
        .collect()
}
