//! `stream`: durable text from a runner to a watching client, through the real server and its sockets.
//!
//! ```text
//!  runner ──ws──▶ server ──▶ disk ──▶ client       one turn and one client a session
//!     ▲              │                    │
//!     └── ack ◀──────┘      seen ◀────────┘        at most `window` frames of a session are not acknowledged
//! ```

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use super::latency::percentile_ms;
use super::load::{self, Load};
use super::run::Row;
use super::server::{Server, binary};
use super::tokio_runtime;

const DELTA_BYTES: usize = 200;
const MEASURED: Duration = Duration::from_secs(5);
/// (sessions, frames of one session that wait for their acknowledgement)
const LOADS: &[(u64, u64)] = &[(1, 1), (1, 64), (50, 16), (100, 16), (1_000, 2)];
/// Sessions that share one runner's socket.
const SESSIONS_PER_RUNNER: u64 = 50;

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    let runtime = tokio_runtime()?;
    let mut rows = vec![];
    for &(sessions, window) in LOADS {
        let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
        rows.extend(runtime.block_on(async {
            let (server, _) = Server::start(&binary, folder.path()).await?;
            measure(&server, sessions, window).await
        })?);
    }
    Ok(rows)
}

async fn measure(server: &Server, sessions: u64, window: u64) -> Result<Vec<Row>> {
    let ids = load::open_sessions(server, sessions).await?;
    let load = Arc::new(Load {
        window,
        bytes: DELTA_BYTES,
        sent: Mutex::new(HashMap::new()),
        measured: MEASURED,
        to_start: watch::Sender::new(sessions),
    });
    let mut watchers = JoinSet::new();
    for id in &ids {
        watchers.spawn(load::watch(load::join(server, id).await?, load.clone()));
    }
    let token = server.runner_token().await?;
    let mut runners = JoinSet::new();
    for group in ids.chunks(SESSIONS_PER_RUNNER as usize) {
        let link = load::link(server, &token, group.len()).await?;
        runners.spawn(load::run(link, load.clone(), group.len()));
    }
    for id in &ids {
        load::prompt(server, id).await?;
    }
    load.to_start.subscribe().wait_for(|left| *left == 0).await.context("the load goes on")?;
    let (flushes, cpu, began) = (server.metric("tenure_flushes_total").await?, server.cpu()?, Instant::now());
    let mut acknowledged = vec![];
    while let Some(runner) = runners.join_next().await {
        acknowledged.extend(runner.context("a runner panicked")??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = server.cpu()? - cpu;
    let flushes = server.metric("tenure_flushes_total").await? - flushes;
    let mut seen = vec![];
    while let Some(watcher) = watchers.join_next().await {
        seen.extend(watcher.context("a watcher panicked")??);
    }
    ensure!(
        seen.len() == acknowledged.len(),
        "{} frames were acknowledged, {} were seen",
        acknowledged.len(),
        seen.len()
    );
    seen.sort_unstable();
    acknowledged.sort_unstable();
    let params = [("bytes", DELTA_BYTES as u64), ("sessions", sessions), ("window", window)];
    let row = |figure: &str, value: f64, unit| Row::new(format!("stream.{figure}"), &params, value, unit);
    Ok(vec![
        row("frames", seen.len() as f64 / seconds, "1/s"),
        row("client.p50", percentile_ms(&seen, 0.50), "ms"),
        row("client.p99", percentile_ms(&seen, 0.99), "ms"),
        row("ack.p50", percentile_ms(&acknowledged, 0.50), "ms"),
        row("ack.p99", percentile_ms(&acknowledged, 0.99), "ms"),
        row("syncs", flushes / seconds, "1/s"),
        row("server_cpu_per_frame", cpu.as_secs_f64() * 1e6 / seen.len().max(1) as f64, "us"),
    ])
}
