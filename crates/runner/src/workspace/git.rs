//! Runs the program `git` for the runner itself: as a process of the work, in time, with nothing of the workspace's or the
//! machine's configuration that could run a program.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::room;
use crate::shell::Groups;

/// How often a folder that git writes to is weighed.
const WEIGH_EVERY: Duration = Duration::from_millis(500);
/// The most that is kept of what git complains about.
const COMPLAINT_BYTES_MAX: usize = 16 * 1024;
/// The variables of the runner that git needs to reach a server.
const PASSED: [&str; 10] = [
    "PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "all_proxy",
    "ALL_PROXY",
];
/// What ssh needs besides: the keys and the known hosts of whoever runs the runner.
const PASSED_TO_SSH: [&str; 3] = ["HOME", "SSH_AUTH_SOCK", "USER"];
/// Settings that go before all others. Hooks, monitors and helpers are programs, and the configuration may be an agent's.
const SETTINGS: [&str; 11] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.quotePath=false",
    "core.autocrlf=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "protocol.ext.allow=never",
];

/// Why git did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    #[error("the program git is not installed where this runner runs")]
    Missing,
    #[error("git could not be run: {0}")]
    NotRun(String),
    #[error("git took longer than {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("git fetched more than {0} bytes, the limit runner.workspace_bytes_max")]
    TooLarge(u64),
    /// Git's own words.
    #[error("git: {0}")]
    Failed(String),
}

/// One call of git.
pub struct Git<'a> {
    groups: &'a Groups,
    command: Command,
    limit: Duration,
    stdout_bytes_max: usize,
    /// A folder, and what it may hold at most.
    room: Option<(PathBuf, u64)>,
}

/// What a call printed.
pub struct Printed {
    pub bytes: Vec<u8>,
    /// Whether there was more.
    pub cut: bool,
}

impl<'a> Git<'a> {
    /// Returns a call that runs in `folder` and ends within `limit`. It reaches no other repository.
    pub fn new(groups: &'a Groups, folder: &Path, limit: Duration) -> Self {
        let mut command = Command::new("git");
        command.current_dir(folder).env_clear().stdin(Stdio::null()).kill_on_drop(true);
        command.envs(PASSED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_ALLOW_PROTOCOL", "none");
        command.args(SETTINGS.into_iter().flat_map(|setting| ["-c", setting]));
        Self { groups, command, limit, stdout_bytes_max: 1024 * 1024, room: None }
    }

    /// Uses this repository, and does not look for one.
    pub fn repository(self, git_dir: &Path) -> Self {
        self.env("GIT_DIR", git_dir)
    }

    /// Lets git reach repositories by one protocol: `https`, `ssh`, ….
    pub fn reaching(mut self, protocol: &str) -> Self {
        if protocol == "ssh" {
            let passed = PASSED_TO_SSH.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
            self.command.envs(passed).env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        self.env("GIT_ALLOW_PROTOCOL", protocol)
    }

    /// Lets it find the home of whoever runs the runner.
    pub fn at_home(self) -> Self {
        match std::env::var_os("HOME") {
            Some(home) => self.env("HOME", home),
            None => self,
        }
    }

    pub fn setting(mut self, setting: impl AsRef<OsStr>) -> Self {
        self.command.arg("-c").arg(setting);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Keeps at most so many bytes of what it prints; git is ended when it prints more.
    pub fn at_most(self, stdout_bytes_max: usize) -> Self {
        Self { stdout_bytes_max, ..self }
    }

    /// Ends git when a folder comes to hold more than so many bytes; 0 for no limit.
    pub fn growing(self, folder: &Path, bytes_max: u64) -> Self {
        let room = Some((folder.to_owned(), bytes_max)).filter(|(_, max)| *max > 0);
        Self { room, ..self }
    }

    /// Runs it to its end. A failure is an error in git's own words.
    pub async fn run<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Result<Printed, GitError> {
        let Self { groups, mut command, limit, stdout_bytes_max, room } = self;
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = groups.spawn(&mut command).map_err(not_run)?;
        let leader = child.id().expect("it was not waited for yet");
        let mut stdout = child.stdout.take().expect("it is piped");
        let mut stderr = child.stderr.take().expect("it is piped");
        let ran = timeout(limit, async {
            // A limit on what is printed ends git, which then dies of its closed pipe.
            let printed = async {
                let printed = head(&mut stdout, stdout_bytes_max).await;
                drop(stdout);
                printed
            };
            let complained = async { tail(&mut stderr).await };
            tokio::join!(printed, complained, child.wait())
        });
        let ended = tokio::select! {
            ran = ran => ran.map_err(|_| GitError::TimedOut(limit)),
            bytes_max = outgrown(room) => Err(GitError::TooLarge(bytes_max)),
        };
        let (printed, complained, status) = match ended {
            Ok(ended) => ended,
            Err(why) => {
                groups.end(leader, Duration::ZERO).await;
                return Err(why);
            }
        };
        groups.settle(leader);
        let (printed, status) = (printed.map_err(not_run)?, status.map_err(not_run)?);
        if status.success() || printed.cut {
            return Ok(printed);
        }
        Err(GitError::Failed(in_words(&complained)))
    }

    /// Runs it and returns its one line.
    pub async fn line<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Result<String, GitError> {
        let printed = self.run(arguments).await?;
        Ok(String::from_utf8_lossy(&printed.bytes).trim().to_owned())
    }
}

/// Returns `--name=<path>` as one argument.
pub fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push("=");
    option.push(path);
    option
}

/// Returns the folder with git's objects of a repository.
pub fn objects(git_dir: &Path) -> PathBuf {
    git_dir.join("objects")
}

/// Waits until the folder holds more than it may, and returns how much that is; for ever when there is no limit.
async fn outgrown(room: Option<(PathBuf, u64)>) -> u64 {
    let Some((folder, bytes_max)) = room else { return std::future::pending().await };
    loop {
        sleep(WEIGH_EVERY).await;
        let folder = folder.clone();
        let counted = tokio::task::spawn_blocking(move || room::count(&folder, bytes_max)).await;
        if counted.is_ok_and(|counted| counted.is_ok_and(|room| room.bytes > bytes_max)) {
            return bytes_max;
        }
    }
}

async fn head(pipe: &mut (impl AsyncRead + Unpin), bytes_max: usize) -> io::Result<Printed> {
    let mut bytes = Vec::new();
    pipe.take(bytes_max as u64 + 1).read_to_end(&mut bytes).await?;
    let cut = bytes.len() > bytes_max;
    bytes.truncate(bytes_max);
    Ok(Printed { bytes, cut })
}

async fn tail(pipe: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let beyond = kept.len().saturating_sub(COMPLAINT_BYTES_MAX);
        kept.drain(..beyond);
    }
    kept
}

fn not_run(error: io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => GitError::Missing,
        _ => GitError::NotRun(error.to_string()),
    }
}

/// Returns the lines of a complaint that say what is wrong.
fn in_words(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let telling = |line: &&str| ["fatal:", "error:", "remote:", "ssh:"].iter().any(|begin| line.starts_with(begin));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told: Vec<&str> = lines.iter().copied().filter(telling).take(4).collect();
    let told = if told.is_empty() {
        lines.last().copied().unwrap_or("it failed without a word").to_owned()
    } else {
        told.join("; ")
    };
    told[..told.floor_char_boundary(600)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn git_is_ended_when_it_fetches_more_than_there_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let groups = Groups::marked("test.growing".to_owned());
        let git = Git::new(&groups, folder.path(), Duration::from_secs(60));
        let grows = "alias.grow=!head -c 3000000 /dev/zero > big && exec sleep 600";
        let ended = git.setting(grows).growing(folder.path(), 1_000_000).run(["grow"]).await;
        assert_eq!(ended.err(), Some(GitError::TooLarge(1_000_000)));
        assert!(groups.running().is_empty());
    }
}
