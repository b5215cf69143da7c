//! The limits of each process, set by `prlimit` right before it begins, and which of them an end is owed to.

use std::ffi::OsString;
use std::path::PathBuf;

use rustix::process::Signal;

use super::policy::ProcessLimits;
use super::programs::on_path;

/// How long a process may still run after it was told that its processor time is used up.
pub const CPU_GRACE_SECONDS: u64 = 5;

/// Sets the limits.
#[derive(Default)]
pub struct Limiter {
    limits: ProcessLimits,
    /// Absent when nothing is limited.
    program: Option<PathBuf>,
}

impl Limiter {
    /// Finds the program that sets the limits, when there are any.
    pub fn new(limits: ProcessLimits) -> Result<Self, String> {
        if limits == ProcessLimits::default() {
            return Ok(Self::default());
        }
        let program = on_path("prlimit").ok_or("limits of processes need the program `prlimit` of util-linux")?;
        Ok(Self { limits, program: Some(program) })
    }

    /// Returns the words that come before the command; none when nothing is limited.
    pub fn arguments(&self) -> Vec<OsString> {
        let Some(program) = &self.program else {
            return Vec::new();
        };
        let ProcessLimits { cpu_seconds, memory_bytes, processes_max, open_files_max, file_bytes_max } = self.limits;
        let mut words: Vec<OsString> = vec![program.into(), "--core=0".into()];
        if cpu_seconds > 0 {
            words.push(format!("--cpu={cpu_seconds}:{}", cpu_seconds.saturating_add(CPU_GRACE_SECONDS)).into());
        }
        // Writable memory, not address space: interpreters reserve far more of that than they use.
        let others =
            [("data", memory_bytes), ("nproc", processes_max), ("nofile", open_files_max), ("fsize", file_bytes_max)];
        let set = others.into_iter().filter(|(_, limit)| *limit > 0);
        words.extend(set.map(|(name, limit)| format!("--{name}={limit}:{limit}").into()));
        words
    }

    /// Says in a sentence which limit ended a process. A shell, and whoever keeps processes in, tells the signal as 128
    /// more than its number.
    pub fn reached(&self, exit: Option<i32>, signal: Option<i32>) -> Option<String> {
        let signal = signal.or_else(|| exit.map(|exit| exit - 128))?;
        let (name, option, limit) = match signal {
            _ if signal == Signal::XCPU.as_raw() => ("SIGXCPU", "cpu_seconds", self.limits.cpu_seconds),
            _ if signal == Signal::XFSZ.as_raw() => ("SIGXFSZ", "file_bytes_max", self.limits.file_bytes_max),
            _ => return None,
        };
        (limit > 0).then(|| format!("killed by {name}: the limit {option} is {limit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_set_where_nothing_is_limited() {
        assert!(Limiter::new(ProcessLimits::default()).unwrap().arguments().is_empty());
    }

    #[test]
    fn each_limit_is_set_and_told() {
        let limits = ProcessLimits { cpu_seconds: 3, file_bytes_max: 10, ..ProcessLimits::default() };
        let limiter = Limiter::new(limits).unwrap();
        assert_eq!(limiter.arguments()[1..], ["--core=0", "--cpu=3:8", "--fsize=10:10"]);
        let told = Some("killed by SIGXCPU: the limit cpu_seconds is 3".to_owned());
        assert_eq!((limiter.reached(None, Some(24)), limiter.reached(Some(152), None)), (told.clone(), told));
        assert_eq!(limiter.reached(Some(153), None).unwrap(), "killed by SIGXFSZ: the limit file_bytes_max is 10");
        assert_eq!((limiter.reached(Some(1), None), limiter.reached(None, Some(9))), (None, None));
    }
}
