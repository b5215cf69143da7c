//! The runner of `tenure dev` as a process: started in a group of its own, found again after the server was killed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::sync::watch;

use super::note::DevNote;
use crate::config::Config;
use crate::failure::Outcome;

/// The lock that a runner holds on its folder as long as it lives.
const LOCK: &str = "runner.lock";
/// How long a runner may take to end its works.
const STOP_MAX: Duration = Duration::from_secs(30);

/// How the runner is to be started.
pub struct RunnerSpec {
    program: PathBuf,
    /// Everything that makes this runner what it is; another server or agent makes another runner.
    arguments: Vec<OsString>,
    /// What tells it its credential, which must not stand among its arguments.
    credential: (&'static str, OsString),
    folder: PathBuf,
}

impl RunnerSpec {
    /// Reads what the configuration says, and fills in what `tenure dev` knows.
    pub fn new(config: &Config, file: Option<&Path>, note: &DevNote) -> Outcome<Self> {
        let data = Path::new(&config.data);
        let folder = std::path::absolute(data.join("runner")).context("failed to find the current folder")?;
        let workspace = given(config.runner.workspace.as_deref().unwrap_or("."))?;
        let mut arguments: Vec<OsString> = vec!["runner".into(), "--server".into(), note.address.clone().into()];
        arguments.extend(["--data".into(), folder.clone().into(), "--workspace".into(), workspace.into()]);
        arguments.extend(shared_arguments(config, file)?);
        Self::of(arguments, ("TENURE_TOKEN", note.runner_token.clone().into()), folder)
    }

    /// Starts this very program with these arguments, which name the folder.
    pub fn of(arguments: Vec<OsString>, credential: (&'static str, OsString), folder: PathBuf) -> Outcome<Self> {
        let program = std::env::current_exe().context("failed to find this program, to start the runner with")?;
        Ok(Self { program, arguments, credential, folder })
    }

    /// Returns the file that the runner's log lines go to.
    pub fn log(&self) -> PathBuf {
        self.folder.join("runner.log")
    }
}

/// Returns what every runner beside a server is started with, so that it does what the server's configuration says.
pub fn shared_arguments(config: &Config, file: Option<&Path>) -> Outcome<Vec<OsString>> {
    let runner = &config.runner;
    let mut arguments: Vec<OsString> = vec![];
    match (&runner.agent, &runner.script) {
        (Some(agent), _) => {
            arguments.extend(["--agent".into(), agent.into()]);
            arguments.extend(runner.agent_env.iter().flat_map(|name| ["--agent-env".into(), name.into()]));
        }
        (None, Some(script)) => arguments.extend(["--script".into(), given(script)?.into()]),
        (None, None) => {}
    }
    let permissions = serde_json::to_value(runner.permissions)?;
    arguments.extend(["--permissions".into(), permissions.as_str().unwrap_or("ask").into()]);
    arguments.extend(runner.shell.then(|| "--shell".into()));
    arguments.extend(["--hide".into(), std::path::absolute(&config.data)?.into()]);
    let word = |value: serde_json::Value| value.as_str().map(OsString::from);
    let mode = word(serde_json::to_value(config.isolation.mode)?);
    arguments.extend(mode.into_iter().flat_map(|mode| ["--isolation".into(), mode]));
    let network = word(serde_json::to_value(config.isolation.network)?);
    arguments.extend(network.into_iter().flat_map(|network| ["--network".into(), network]));
    if let Some(file) = file {
        arguments.extend(["--config".into(), std::path::absolute(file)?.into()]);
    }
    Ok(arguments)
}

fn given(path: &str) -> Outcome<PathBuf> {
    Ok(std::path::absolute(path).with_context(|| format!("failed to find {path}"))?)
}

/// How a runner came to be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    Found,
    Started,
}

/// A runner that is there.
pub struct RunnerProcess {
    pid: Pid,
    /// Whether it was started as it would be now.
    same: bool,
    /// Names this very process, whatever becomes of its number.
    handle: Arc<OwnedFd>,
    over: watch::Receiver<bool>,
    /// Ours to reap, when this process started it.
    child: Option<Child>,
}

impl RunnerProcess {
    /// Holds a process fast by its number.
    fn hold(pid: Pid, child: Option<Child>) -> Outcome<Self> {
        let handle = Arc::new(pidfd_open(pid, PidfdFlags::empty()).context("failed to watch the runner")?);
        let (tell, over) = watch::channel(false);
        let watched = handle.clone();
        // A thread of its own waits: what waits in tokio for foreign descriptors is unsafe code.
        std::thread::spawn(move || {
            while poll(&mut [PollFd::new(&watched, PollFlags::IN)], None) == Err(Errno::INTR) {}
            tell.send_replace(true);
        });
        Ok(Self { pid, same: true, handle, over, child })
    }

    /// Takes over the runner that uses the folder already, or starts one. One that was started differently is ended first.
    pub async fn found_or_started(spec: &RunnerSpec) -> Outcome<(Self, Origin)> {
        fs::create_dir_all(&spec.folder).with_context(|| format!("failed to make {}", spec.folder.display()))?;
        if let Some(mut process) = Self::found(spec)? {
            if process.same {
                return Ok((process, Origin::Found));
            }
            tracing::info!("a runner with other settings is ended first");
            process.stop().await;
        }
        Ok((Self::start(spec)?, Origin::Started))
    }

    /// Finds the runner that uses the folder, and holds it fast; none when nobody does.
    pub fn found(spec: &RunnerSpec) -> Outcome<Option<Self>> {
        // The number may have gone to another process before it was held fast; then it is looked for again.
        while is_held(&spec.folder)? {
            let Some((pid, same)) = running(spec)? else {
                let folder = spec.folder.display();
                return Err(
                    anyhow!("another runner, which was not started from here, uses {folder}; end it first").into()
                );
            };
            let process = Self { same, ..Self::hold(pid, None)? };
            if running(spec)?.is_some_and(|(still, _)| still == pid) {
                return Ok(Some(process));
            }
        }
        Ok(None)
    }

    /// Returns its number, for people.
    pub fn id(&self) -> i32 {
        self.pid.as_raw_pid()
    }

    fn start(spec: &RunnerSpec) -> Outcome<Self> {
        let log = OpenOptions::new().create(true).append(true).open(spec.log());
        let log = log.with_context(|| format!("failed to open {}", spec.log().display()))?;
        let mut command = Command::new(&spec.program);
        // A group of its own: neither Ctrl-C in this terminal nor the end of this process reaches it.
        command.args(&spec.arguments).env(spec.credential.0, &spec.credential.1).process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().context("failed to start the runner")?;
        Self::hold(Pid::from_child(&child), Some(child))
    }

    /// Waits until the process is over.
    pub async fn ended(&mut self) {
        // The sender says so before it goes.
        let _ = self.over.wait_for(|over| *over).await;
        if let Some(mut child) = self.child.take() {
            // It is over: this only takes the entry out of the process table.
            let _ = child.wait();
        }
    }

    /// Lets the runner end in order, and kills it when that takes too long.
    pub async fn stop(&mut self) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(STOP_MAX, self.ended()).await.is_ok() {
            return;
        }
        tracing::warn!("the runner did not end within {} s and is killed", STOP_MAX.as_secs());
        self.signal(Signal::KILL);
        self.ended().await;
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = pidfd_send_signal(&self.handle, signal)
            && error != Errno::SRCH
        {
            tracing::error!("the runner cannot be signalled: {error}");
        }
    }
}

/// Tells whether a runner holds the lock of a folder.
fn is_held(folder: &Path) -> Outcome<bool> {
    let path = folder.join(LOCK);
    if !path.exists() {
        return Ok(false);
    }
    let file = File::open(&path).with_context(|| format!("failed to open {}", path.display()))?;
    Ok(flock(&file, FlockOperation::NonBlockingLockExclusive).is_err())
}

/// Finds the process that runs a runner on this folder, and tells whether it was started as it would be now.
fn running(spec: &RunnerSpec) -> Outcome<Option<(Pid, bool)>> {
    for entry in fs::read_dir("/proc").context("failed to list the processes")? {
        let Ok(entry) = entry else { continue };
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else {
            continue;
        };
        // Processes come and go while the list is read.
        let Ok(line) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let arguments: Vec<OsString> =
            line.split(|byte| *byte == 0).skip(1).map(|part| OsString::from_vec(part.to_vec())).collect();
        let arguments = arguments.strip_suffix(&[OsString::new()]).unwrap_or(&arguments);
        if is_runner_of(arguments, &spec.folder) {
            return Ok(Some((pid, arguments == spec.arguments)));
        }
    }
    Ok(None)
}

fn is_runner_of(arguments: &[OsString], folder: &Path) -> bool {
    let named = arguments.windows(2).any(|pair| pair[0] == "--data" && Path::new(&pair[1]) == folder);
    arguments.first().is_some_and(|first| first == "runner") && named
}
