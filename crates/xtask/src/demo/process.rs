//! One program of Tenure that the demo started: it is ended with the demo, in order, or killed on purpose.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};

const TICK: Duration = Duration::from_millis(20);
const STOP_MAX: Duration = Duration::from_secs(15);

/// A flag that Ctrl-C and SIGTERM raise, so that what was started is ended before the demo ends.
pub fn stop_flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, flag.clone()).context("failed to listen to signals")?;
    }
    Ok(flag)
}

pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program in a process group of its own; what it says is added to `<folder>/<name>.log`.
    pub fn start(name: &'static str, command: &mut Command, folder: &Path) -> Result<Process> {
        let log = folder.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).context("failed to open a log")?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let child = command.spawn().with_context(|| format!("failed to start {name}"))?;
        Ok(Process { name, child, log })
    }

    /// Waits until `ready` says yes; fails when the program ends before, or when it takes too long.
    pub fn wait_until(&mut self, what: &str, max: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let began = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} before it was {what}; it said:\n{}", self.name, self.log_end());
            }
            if began.elapsed() > max {
                bail!("{} was not {what} within {max:?}; it said:\n{}", self.name, self.log_end());
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Waits until the program ends by itself or somebody asks the demo to stop.
    pub fn wait_for_end(&mut self, stop: &AtomicBool) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}; it said:\n{}", self.name, self.log_end());
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Kills the program the hard way and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill().with_context(|| format!("failed to kill {}", self.name))?;
        self.child.wait().with_context(|| format!("failed to wait for {}", self.name))?;
        Ok(())
    }

    /// Asks the program to end; when it has not ended in time, it is killed and the failure says so.
    pub fn stop(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).with_context(|| format!("failed to stop {}", self.name))?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > STOP_MAX {
                self.kill()?;
                bail!("{} did not end within {STOP_MAX:?} of SIGTERM and was killed", self.name);
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Returns the last lines that the program said.
    pub fn log_end(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The demo is over, by an error or a panic if nobody stopped the program before: nothing is left running.
        if self.stop().is_err() {
            eprintln!("{} could not be stopped", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, folder: &Path) -> Result<Process> {
        Process::start("server", Command::new("sh").args(["-c", script]), folder)
    }

    #[test]
    fn an_early_end_is_told_with_the_log() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut process = shell("echo no room >&2; exit 7", folder.path())?;
        let error = process.wait_until("ready", Duration::from_secs(30), || false).expect_err("it exits");
        let text = error.to_string();
        assert!(text.contains("exit status: 7") && text.contains("no room"), "{text}");
        Ok(())
    }

    #[test]
    fn stopping_and_killing_leave_nothing_running() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut asked = shell("exec sleep 600", folder.path())?;
        asked.stop()?;
        assert!(asked.child.try_wait()?.is_some());
        let mut killed = shell("trap '' TERM; exec sleep 600", folder.path())?;
        killed.kill()?;
        assert!(killed.child.try_wait()?.is_some());
        Ok(())
    }
}
