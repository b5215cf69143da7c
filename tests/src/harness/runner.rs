//! A `tenure runner` with a folder and a workspace of its own, which can be killed and started again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::binary::{binary, tenure};
use super::in_time;

/// One runner; a start of it is a process.
pub struct Runner {
    folder: TempDir,
    server: String,
    token: String,
    /// The size of a disk of its own for its data; absent when it shares the machine's.
    disk_bytes: Option<u64>,
    child: Option<Child>,
}

impl Runner {
    /// Starts a runner with settings of its own, a `runner.toml`; `settings` is given the runner's folder.
    pub fn with_settings(server: &str, token: &str, settings: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::create_dir(folder.path().join("workspace")).expect("the folder can be written");
        fs::write(folder.path().join("runner.toml"), settings(folder.path())).expect("the folder can be written");
        Self::started(folder, server, token, None)
    }

    /// Starts a runner whose scripted agent plays `scripts`, given as names and YAML.
    pub fn start(server: &str, token: &str, scripts: &[(String, String)]) -> Self {
        Self::started(with_scripts(scripts), server, token, None)
    }

    /// Starts one that has a disk of so many bytes for its data, in a mount namespace of its own.
    pub fn start_on_a_disk_of(bytes: u64, server: &str, token: &str, scripts: &[(String, String)]) -> Self {
        let folder = with_scripts(scripts);
        fs::create_dir(folder.path().join("data")).expect("the folder can be written");
        Self::started(folder, server, token, Some(bytes))
    }

    fn started(folder: TempDir, server: &str, token: &str, disk_bytes: Option<u64>) -> Self {
        let (server, token) = (server.to_owned(), token.to_owned());
        let mut runner = Self { folder, server, token, disk_bytes, child: None };
        runner.start_again();
        runner
    }

    /// Starts it again after [`Runner::kill`].
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        let log = File::options().create(true).append(true).open(self.log_path()).expect("the folder can be written");
        let mut command = match self.disk_bytes {
            Some(bytes) => tenure_on_a_disk_of(bytes),
            None => tenure(),
        };
        command.current_dir(self.folder.path()).arg("runner").args(["--data", "data", "--workspace", "workspace"]);
        command.args(["--server", &format!("ws://{}", self.server), "--token", &self.token]);
        // Commands run in login shells: what a profile of this machine does is no part of a test, and what it leaves behind
        // when it is killed, such as a lock, would hold up the next one.
        command.env("HOME", self.folder.path());
        command.args(["--capacity", "8"]);
        // Stories look at the agents' processes from outside; what keeps those in has a suite of its own.
        command.args(["--isolation", "none"]);
        if self.folder.path().join("scripts").exists() {
            command.args(["--script", "scripts", "--permissions", "allow"]);
        }
        self.child = Some(command.stderr(log).spawn().expect("the binary starts"));
    }

    /// Kills the process with SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        in_time("the runner's end", child.kill()).await.expect("a process of ours can be killed");
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) {
        let mut child = self.child.take().expect("it runs");
        in_time("the runner's end", child.wait()).await.expect("it can be waited for");
    }

    /// Returns a file that agents work on.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("workspace").join(name)
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("runner.log")
    }

    /// Returns what it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}

/// Makes a runner's folder with scripts in it.
fn with_scripts(scripts: &[(String, String)]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for place in ["scripts", "workspace"] {
        fs::create_dir(folder.path().join(place)).expect("the folder can be written");
    }
    for (name, script) in scripts {
        let path = folder.path().join("scripts").join(format!("{name}.yaml"));
        fs::write(path, script).expect("the folder can be written");
    }
    folder
}

/// Returns a command of the binary that sees a small disk of its own at `data`.
fn tenure_on_a_disk_of(bytes: u64) -> Command {
    let tenure = tenure();
    let mount = format!("mount -t tmpfs -o size={bytes} tmpfs data && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount, "sh"]).arg(binary());
    for (name, value) in tenure.as_std().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}
