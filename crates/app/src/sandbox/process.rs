//! Sandboxes that are runners on the server's own machine: each a process with a folder of its own, which outlives a crash of
//! the server and is found again by that folder.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use tenure_runtime::sandbox::{Provider, Providing, SandboxCall};

use crate::config::Config;
use crate::dev::process::{RunnerProcess, RunnerSpec, shared_arguments};
use crate::failure::Outcome;

/// A runner that ends so soon has failed to start.
const EARLY: Duration = Duration::from_secs(1);
/// How much of a runner's last words is told.
const LAST_WORDS_MAX: usize = 300;

/// Starts `tenure runner`.
pub struct ProcessProvider {
    /// What all of its runners are started with.
    arguments: Vec<OsString>,
}

impl ProcessProvider {
    pub fn new(config: &Config, file: Option<&Path>, further: &[String]) -> Outcome<Self> {
        let mut arguments = shared_arguments(config, file)?;
        arguments.extend(further.iter().map(OsString::from));
        Ok(Self { arguments })
    }

    fn spec(&self, call: &SandboxCall) -> Outcome<RunnerSpec> {
        let folder = call.folder.join("runner");
        let mut arguments: Vec<OsString> = vec!["runner".into(), "--server".into(), call.server.clone().into()];
        arguments.extend(["--data".into(), folder.clone().into()]);
        arguments.extend(["--name".into(), format!("{} of {}", call.sandbox, call.session).into()]);
        arguments.extend(call.labels.iter().flat_map(|label| ["--label".into(), label.into()]));
        arguments.extend(self.arguments.iter().cloned());
        RunnerSpec::of(arguments, ("TENURE_TOKEN_FILE", call.token_file.clone().into()), folder)
    }

    async fn begin(&self, call: &SandboxCall) -> Outcome<Option<String>> {
        let spec = self.spec(call)?;
        let (mut process, _) = RunnerProcess::found_or_started(&spec).await?;
        if tokio::time::timeout(EARLY, process.ended()).await.is_ok() {
            let log = std::fs::read_to_string(spec.log()).unwrap_or_default();
            let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            let last: String = last.chars().take(LAST_WORDS_MAX).collect();
            return Err(anyhow::anyhow!("the runner ended at once: {last}").into());
        }
        let handle = format!("process {}", process.id());
        // Waited for, so that nothing of it stays in the process table when it ends by itself.
        tokio::spawn(async move { process.ended().await });
        Ok(Some(handle))
    }

    async fn end(&self, call: &SandboxCall) -> Outcome {
        if let Some(mut process) = RunnerProcess::found(&self.spec(call)?)? {
            process.stop().await;
        }
        Ok(())
    }
}

impl Provider for ProcessProvider {
    fn start<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, Option<String>> {
        Box::pin(async move { self.begin(call).await.map_err(|failure| failure.to_string()) })
    }

    fn stop<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, ()> {
        Box::pin(async move { self.end(call).await.map_err(|failure| failure.to_string()) })
    }

    fn is_there<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, bool> {
        Box::pin(async move {
            let found = self.spec(call).and_then(|spec| RunnerProcess::found(&spec));
            found.map(|process| process.is_some()).map_err(|failure| failure.to_string())
        })
    }
}
