//! `idle`: 100,000 sessions that sleep on disk: the time to be ready, the memory they cost, and touching one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};
use serde_json::json;

use super::latency::percentile_ms;
use super::run::Row;
use super::server::{Server, binary};
use super::tokio_runtime;

const SESSIONS: usize = 100_000;
const TOUCHED: usize = 500;
const CREATED_AT_ONCE: usize = 256;

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
    tokio_runtime()?.block_on(async {
        let (server, _) = Server::start(&binary, folder.path()).await?;
        let ids = fill(&server).await?;
        let (server, ready) = server.killed_and_started(&binary, folder.path()).await?;
        let before = server.resident_mib()?;
        let mut took = vec![];
        for id in ids.iter().step_by(SESSIONS / TOUCHED) {
            let began = Instant::now();
            let view = server.get(&format!("/api/sessions/{id}")).await?;
            took.push(began.elapsed());
            ensure!(view["id"] == *id, "the session is there");
        }
        let warm = touch_again(&server, &ids[0]).await?;
        let after = server.resident_mib()?;
        took.sort_unstable();
        let params = [("sessions", SESSIONS as u64)];
        let row = |figure: &str, value: f64, unit| Row::new(format!("idle.{figure}"), &params, value, unit);
        Ok(vec![
            row("ready.after_kill", ready.as_secs_f64(), "s"),
            row("resident", before, "MiB"),
            row("resident.after_500_touched", after, "MiB"),
            row("cold_touch.p50", percentile_ms(&took, 0.50), "ms"),
            row("cold_touch.p99", percentile_ms(&took, 0.99), "ms"),
            row("warm_touch.p50", percentile_ms(&warm, 0.50), "ms"),
        ])
    })
}

/// The same request for a session that is awake: what of a touch is HTTP.
async fn touch_again(server: &Server, id: &str) -> Result<Vec<Duration>> {
    let mut took = vec![];
    for _ in 0..TOUCHED {
        let began = Instant::now();
        server.get(&format!("/api/sessions/{id}")).await?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

async fn fill(server: &Server) -> Result<Vec<String>> {
    let create = |_| async move {
        let session = server.post("/api/sessions", &json!({})).await?;
        Ok(session["id"].as_str().context("a session has an id")?.to_owned())
    };
    stream::iter(0..SESSIONS).map(create).buffer_unordered(CREATED_AT_ONCE).try_collect().await
}
