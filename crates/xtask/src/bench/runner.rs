//! `runner`: what a real runner adds to the commands that it runs, and how much memory it holds when idle.
//!
//! The same commands are started bare, with the same shell and the same home: what is above that is ours.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::latency::percentile_ms;
use super::load;
use super::run::Row;
use super::server::{Server, binary, resident_mib};
use super::tokio_runtime;

const STEPS: usize = 20;
const RUNS: usize = 10;
const TURNS: usize = 200;
const ISOLATIONS: [&str; 2] = ["none", "bubblewrap"];
/// The user without rights, on most systems.
const NOBODY: u32 = 65_534;
const JOINED_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A runner in a process of its own.
struct Runner(Child);

impl Drop for Runner {
    fn drop(&mut self) {
        // Nothing is lost when it had ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    let runtime = tokio_runtime()?;
    let mut rows = vec![];
    for isolation in ISOLATIONS {
        let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
        rows.extend(runtime.block_on(measure(&binary, folder.path(), isolation))?);
    }
    Ok(rows)
}

async fn measure(binary: &Path, folder: &Path, isolation: &str) -> Result<Vec<Row>> {
    let (server, _) = Server::start(binary, &folder.join("server")).await?;
    let runner = start(binary, folder, &server, isolation).await?;
    let idle = resident_mib(runner.0.id())?;

    let steps: String = (0..STEPS).map(|n| format!("  - {{id: s{n}, type: bash, command: 'true'}}\n")).collect();
    server.post_text("/api/workflows/sync", format!("name: Shell steps\nsteps:\n{steps}")).await?;
    let mut step_times = vec![];
    for _ in 0..RUNS {
        let began = Instant::now();
        let started = server.post("/api/executions", &json!({ "workflow": "shell-steps" })).await?;
        let run = started["execution"].as_str().context("a run has an id")?;
        let shown = server.get(&format!("/api/executions/{run}?wait_ms=60000")).await?;
        ensure!(shown["status"] == "completed", "the run is {}", shown["status"]);
        step_times.push(began.elapsed() / STEPS as u32);
    }
    let bare_steps = bare(&["/bin/bash", "-lc", "true"], folder)?;

    let session = load::open_sessions(&server, 1).await?.remove(0);
    let mut socket = load::join(&server, &session).await?;
    let mut turn_times = vec![];
    for _ in 0..TURNS {
        let began = Instant::now();
        server.post(&format!("/api/sessions/{session}/prompts"), &json!({ "text": "true", "agent": "shell" })).await?;
        load::end_of_turn(&mut socket).await?;
        turn_times.push(began.elapsed());
    }
    let bare_turns = bare(&["/bin/sh", "-c", "true"], folder)?;

    step_times.sort_unstable();
    turn_times.sort_unstable();
    let row = |figure: &str, value: f64, unit| Row::new(format!("runner.{isolation}.{figure}"), &[], value, unit);
    let (step, turn) = (percentile_ms(&step_times, 0.50), percentile_ms(&turn_times, 0.50));
    Ok(vec![
        row("idle.resident", idle, "MiB"),
        row("after_works.resident", resident_mib(runner.0.id())?, "MiB"),
        row("shell_step.p50", step, "ms"),
        row("shell_step.bare.p50", bare_steps, "ms"),
        row("shell_step.added", step - bare_steps, "ms"),
        row("turn.p50", turn, "ms"),
        row("turn.p99", percentile_ms(&turn_times, 0.99), "ms"),
        row("turn.bare.p50", bare_turns, "ms"),
        row("turn.added", turn - bare_turns, "ms"),
    ])
}

async fn start(binary: &Path, folder: &Path, server: &Server, isolation: &str) -> Result<Runner> {
    let token = server.runner_token().await?;
    let home = folder.join("home");
    fs::create_dir(&home)?;
    let mut command = Command::new(binary);
    command
        .args(["runner", "--shell", "--isolation", isolation, "--capacity", "4", "--data"])
        .arg(home.join("runner"))
        .args(["--server", &server.address.replacen("http", "ws", 1), "--token", &token])
        .env("HOME", &home)
        .env("TENURE_LOG", "warn")
        .current_dir(&home)
        .stdin(Stdio::null());
    if home.metadata()?.uid() == 0 {
        // A runner has a user of its own: for root more has to be hidden, which takes longer.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        chown(&home, Some(NOBODY), Some(NOBODY))?;
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut runner = Runner(command.spawn().context("failed to start the runner")?);
    let deadline = Instant::now() + JOINED_WITHIN;
    while Instant::now() < deadline {
        let page = server.get("/api/runners").await?;
        if page["items"].as_array().is_some_and(|items| items.iter().any(|item| item["connected"] == true)) {
            return Ok(runner);
        }
        if let Some(ended) = runner.0.try_wait()? {
            bail!("the runner ended ({ended}); is the isolation {isolation} there?");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the runner did not join in time")
}

/// Returns the median time of a command without us.
fn bare(words: &[&str], home: &Path) -> Result<f64> {
    let mut took = vec![];
    for _ in 0..TURNS {
        let began = Instant::now();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("HOME", home).stdin(Stdio::null()).stdout(Stdio::piped());
        ensure!(command.output()?.status.success(), "the bare command failed");
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(percentile_ms(&took, 0.50))
}
