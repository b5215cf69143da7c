//! `runs`: workflow runs of ten trivial durable steps, many at once; and thousands that wait for a person.
//!
//! Everything goes over HTTP to the real server: a run is started, and its end awaited, as a program would.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::latency::percentile_ms;
use super::run::Row;
use super::server::{Server, binary};
use super::tokio_runtime;

const STEPS: usize = 10;
/// (runs at once, runs in all)
const LOADS: &[(usize, usize)] = &[(1, 100), (50, 2_000), (500, 5_000)];
const WAITING: usize = 10_000;
const RELEASED: usize = 1_000;
const CLICKS: usize = 300;
const AT_ONCE: usize = 128;
/// How often somebody looks whether all runs wait.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    tokio_runtime()?.block_on(async {
        let mut rows = steps(&binary).await?;
        rows.extend(waiting(&binary).await?);
        Ok(rows)
    })
}

async fn steps(binary: &Path) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
    let (server, _) = Server::start(binary, folder.path()).await?;
    let steps: String =
        (0..STEPS).map(|n| format!("  - {{id: s{n}, type: tool, tool: echo, arguments: {{n: {n}}}}}\n")).collect();
    server.post_text("/api/workflows/sync", format!("name: Ten steps\nsteps:\n{steps}")).await?;
    let mut rows = vec![];
    for &(at_once, runs) in LOADS {
        let (records, syncs) =
            (server.metric("tenure_commits_total").await?, server.metric("tenure_flushes_total").await?);
        let (cpu, began) = (server.cpu()?, Instant::now());
        let one = |_| whole_run(&server);
        let mut took: Vec<Duration> = stream::iter(0..runs).map(one).buffer_unordered(at_once).try_collect().await?;
        let seconds = began.elapsed().as_secs_f64();
        let cpu = (server.cpu()? - cpu).as_secs_f64();
        let records = server.metric("tenure_commits_total").await? - records;
        let syncs = server.metric("tenure_flushes_total").await? - syncs;
        took.sort_unstable();
        let (all, params) = ((runs * STEPS) as f64, [("runs", at_once as u64), ("steps", STEPS as u64)]);
        let row = |figure: &str, value: f64, unit| Row::new(format!("runs.{figure}"), &params, value, unit);
        rows.extend([
            row("steps", all / seconds, "1/s"),
            row("run.p50", percentile_ms(&took, 0.50), "ms"),
            row("run.p99", percentile_ms(&took, 0.99), "ms"),
            row("commits_per_step", records / all, ""),
            row("syncs", syncs / seconds, "1/s"),
            row("server_cpu_per_step", cpu / all * 1e6, "us"),
        ]);
    }
    Ok(rows)
}

async fn whole_run(server: &Server) -> Result<Duration> {
    let began = Instant::now();
    let started = server.post("/api/executions", &json!({ "workflow": "ten-steps" })).await?;
    completed(server, text(&started, "execution")?).await?;
    Ok(began.elapsed())
}

async fn completed(server: &Server, run: &str) -> Result<()> {
    let shown = server.get(&format!("/api/executions/{run}?wait_ms=60000")).await?;
    ensure!(shown["status"] == "completed", "the run {run} is {}", shown["status"]);
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("no {name} in {value}"))
}

async fn waiting(binary: &Path) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
    let (server, _) = Server::start(binary, folder.path()).await?;
    let asks = "name: Asks\nsteps:\n  - {id: ask, type: approval, prompt: 'Go on?'}\n  - {id: next, type: tool, tool: echo, arguments: {n: 1}}\n";
    server.post_text("/api/workflows/sync", asks.to_owned()).await?;
    let start = |_| async { server.post("/api/executions", &json!({ "workflow": "asks" })).await.map(drop) };
    stream::iter(0..WAITING + CLICKS).map(start).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let approvals = all_waiting(&server).await?;
    let awake = server.resident_mib()?;
    let (server, ready) = server.killed_and_started(binary, folder.path()).await?;
    let asleep = server.resident_mib()?;

    let (first, clicked) = approvals.split_at(RELEASED);
    let began = Instant::now();
    stream::iter(first)
        .map(|approval| click(&server, approval))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let released = began.elapsed();
    let mut took = vec![];
    for approval in clicked.iter().take(CLICKS) {
        took.push(click(&server, approval).await?);
    }
    took.sort_unstable();
    let params = [("waiting", WAITING as u64)];
    let row = |figure: &str, value: f64, unit| Row::new(format!("runs.{figure}"), &params, value, unit);
    Ok(vec![
        row("waiting.resident_awake", awake, "MiB"),
        row("waiting.ready.after_kill", ready.as_secs_f64(), "s"),
        row("waiting.resident_asleep", asleep, "MiB"),
        row("waiting.1000_released_and_over", released.as_secs_f64(), "s"),
        row("waiting.click_to_end.p50", percentile_ms(&took, 0.50), "ms"),
        row("waiting.click_to_end.p99", percentile_ms(&took, 0.99), "ms"),
    ])
}

/// Approves, and waits until the step after it, and with it the run, is over.
async fn click(server: &Server, approval: &Value) -> Result<Duration> {
    let (id, run) = (text(approval, "id")?, text(approval, "execution")?);
    let began = Instant::now();
    let decision = json!({ "hash": approval["hash"], "decision": "approved" });
    server.post(&format!("/api/executions/{run}/approvals/{id}"), &decision).await?;
    completed(server, run).await?;
    Ok(began.elapsed())
}

async fn all_waiting(server: &Server) -> Result<Vec<Value>> {
    loop {
        let mut approvals = vec![];
        let mut path = "/api/approvals?limit=200".to_owned();
        loop {
            let mut page = server.get(&path).await?;
            let items = page["items"].as_array_mut().context("a page has items")?;
            approvals.append(items);
            let Some(cursor) = page["cursor"].as_str() else { break };
            path = format!("/api/approvals?limit=200&cursor={cursor}");
        }
        if approvals.len() == WAITING + CLICKS {
            return Ok(approvals);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
