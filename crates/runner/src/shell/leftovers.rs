//! Processes that left their group, or outlived a killed runner: found by a mark in their environment, and ended.
//!
//! Only Linux tells a process's environment; elsewhere nothing is found, and the groups alone are ended.

use std::io::{self, ErrorKind};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tenure_model::id::WorkId;
use tokio::time::sleep;

use super::processes;

/// The variable that marks every process of a work.
pub const COOKIE: &str = "TENURE_WORK";
/// How often is looked again; each look takes every process there is, so only a fork bomb needs more.
const LOOKS_MAX: usize = 100;
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// After how long a program without an environment is looked at again.
const BARE_AGAIN: Duration = Duration::from_millis(5);

/// What most environments fit into.
const ENVIRONMENT_BYTES: usize = 16 * 1024;

/// Returns the mark of one work at one generation.
pub fn cookie(work: WorkId, generation: u32) -> String {
    format!("{work}.{generation}")
}

/// Kills every process that carries the mark, or one below it; true once none runs.
pub async fn end_leftovers(cookie: &str) -> bool {
    for _ in 0..LOOKS_MAX {
        // A look that fails has seen nothing: it is no sign that nothing runs.
        let Ok(found) = look_twice(cookie).await else {
            sleep(LOOK_EVERY).await;
            continue;
        };
        if found.marked.is_empty() {
            return true;
        }
        for process in found.marked {
            // It may be gone by now, which is as well.
            let _ = kill_process(process, Signal::KILL);
        }
        sleep(LOOK_EVERY).await;
    }
    false
}

/// Lists the processes whose environment holds the mark, or one below it. Zombies have none.
pub fn marked(cookie: &str) -> Vec<Pid> {
    everybody().and_then(|all| look(cookie, all)).map(|found| found.marked).unwrap_or_default()
}

/// Looks again at programs that have no environment yet.
async fn look_twice(cookie: &str) -> io::Result<Look> {
    let found = look(cookie, everybody()?)?;
    if found.bare.is_empty() || !found.marked.is_empty() {
        return Ok(found);
    }
    sleep(BARE_AGAIN).await;
    look(cookie, found.bare)
}

/// Lists all processes; none where the system does not show them.
fn everybody() -> io::Result<Vec<Pid>> {
    match processes::all() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

/// What one look at processes has shown.
struct Look {
    marked: Vec<Pid>,
    /// Programs without any environment: where one takes the place of another, there is none for a moment.
    bare: Vec<Pid>,
}

fn look(cookie: &str, processes: Vec<Pid>) -> io::Result<Look> {
    let mark = format!("{COOKIE}={cookie}");
    let is_marked = |variable: &[u8]| {
        variable.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    let mut found = Look { marked: Vec::new(), bare: Vec::new() };
    let mut environment = Vec::with_capacity(ENVIRONMENT_BYTES);
    for process in processes {
        processes::environment(process, &mut environment)?;
        if environment.is_empty() {
            found.bare.extend(processes::has_program(process).then_some(process));
        } else if environment.split(|byte| *byte == 0).any(is_marked) {
            found.marked.push(process);
        }
    }
    Ok(found)
}
