//! Commands under a real isolation, through a whole runner.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tenure_model::chat::FinishReason;
use tenure_model::link::WorkSpec;
use tenure_runner::{Config, IsolationMode, IsolationPolicy, RunnerError};

use super::{FakeServer, Ledger, Link, Running, bounded, config, run_with, shell_spec};

/// Names an image of `podman`: with it the suites try to leave containers instead of bubblewrap. It needs bash, coreutils,
/// curl, find, git, grep and util-linux.
const IMAGE: &str = "TENURE_TEST_IMAGE";

/// A runner under bubblewrap, or with containers.
pub struct Sandbox {
    pub server: FakeServer,
    pub runner: Running,
    link: Link,
}

/// How a command ended.
pub struct Outcome {
    pub exit: Option<i64>,
    pub stdout: String,
    pub stderr: String,
    pub reason: FinishReason,
    pub error: Option<String>,
    pub spec: WorkSpec,
}

impl Sandbox {
    /// Starts a runner, changed by `change`; none where this machine cannot keep processes in, which is then said.
    pub async fn start(change: impl FnOnce(&mut Config, &Path)) -> Option<Self> {
        let server = FakeServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
        let bridge = vec![env!("CARGO_BIN_EXE_tenure-bridge").into()];
        let image = std::env::var(IMAGE).ok();
        let mode = Some(if image.is_some() { IsolationMode::Container } else { IsolationMode::Bubblewrap });
        config.isolation = IsolationPolicy { mode, bridge, image, ..IsolationPolicy::default() };
        change(&mut config, folder.path());
        Self::with(server, folder, config).await
    }

    async fn with(server: FakeServer, folder: TempDir, config: Config) -> Option<Self> {
        let mut runner = run_with(folder, config);
        let known = Ledger::default();
        tokio::select! {
            link = server.welcome(&known) => Some(Self { link, server, runner }),
            ended = bounded(&mut runner.task) => match ended.unwrap() {
                Err(RunnerError::Isolation(why)) => {
                    eprintln!("SKIPPED, because this machine has no such isolation: {why}");
                    None
                }
                other => panic!("the runner ended: {other:?}"),
            },
        }
    }

    /// Runs a command to its end.
    pub async fn run(&mut self, command: &str) -> Outcome {
        self.work(shell_spec(command)).await
    }

    pub async fn work(&mut self, spec: WorkSpec) -> Outcome {
        let mut ledger = Ledger::default();
        self.link.start(&spec, &mut ledger).await;
        let (reason, error) = self.link.hear_end(&mut ledger, &spec).await;
        let text = |name: &str| {
            let result = ledger.result();
            result.and_then(|result| result[name].as_str()).unwrap_or_default().to_owned()
        };
        let exit = ledger.result().and_then(|result| result["exitCode"].as_i64());
        Outcome { exit, stdout: text("stdout"), stderr: text("stderr"), reason, error, spec }
    }

    /// Runs commands that must all fail, each for itself.
    pub async fn refuses(&mut self, commands: &[&str]) {
        for command in commands {
            let outcome = self.run(command).await;
            assert!(outcome.exit.is_some_and(|exit| exit != 0), "`{command}` succeeded: {}", outcome.stdout);
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.runner.folder.path().join(name)
    }

    pub async fn stop(self) {
        self.runner.stop().await;
    }
}

/// Lists the processes of this machine that belong to a work.
pub fn processes_of(spec: &WorkSpec) -> Vec<PathBuf> {
    let mark = format!("TENURE_WORK={}", spec.work);
    let of_work = |folder: &PathBuf| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes()))
    };
    std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(of_work).collect()
}
