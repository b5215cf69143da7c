//! `idle`: 100,000 sessions that sleep on disk: the time to be ready, the memory they cost, and touching one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::stream::{self, StreamExt};
use tenure_journal::{OpenOptions, Store};
use tenure_model::Span;
use tenure_model::id::SessionId;
use tenure_runtime::{Options, Runtime};
use uuid::Uuid;

use super::latency::percentile_ms;
use super::run::Row;
use super::server::{Server, binary};
use super::{appends, tokio_runtime};

const SESSIONS: u64 = 100_000;
const TOUCHED: u64 = 500;
const CREATED_AT_ONCE: usize = 2_000;

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
    // The very folder that the server opens below.
    let store = folder.path().join("store");
    actix_rt::System::new().block_on(fill(&store))?;
    tokio_runtime()?.block_on(async {
        let (server, ready) = Server::start(&binary, folder.path()).await?;
        let before = server.resident_mib()?;
        let mut took = vec![];
        for n in 0..TOUCHED {
            let id = session(n * (SESSIONS / TOUCHED));
            let began = Instant::now();
            let view = server.get(&format!("/api/sessions/{id}")).await?;
            took.push(began.elapsed());
            ensure!(view["id"] == id.to_string(), "the session is there");
        }
        let warm = touch_again(&server).await?;
        let after = server.resident_mib()?;
        drop(server);
        let (_, again) = Server::start(&binary, folder.path()).await?;
        took.sort_unstable();
        let params = [("sessions", SESSIONS)];
        let row = |figure: &str, value: f64, unit| Row::new(format!("idle.{figure}"), &params, value, unit);
        Ok(vec![
            row("ready.first", ready.as_secs_f64(), "s"),
            row("ready.after_kill", again.as_secs_f64(), "s"),
            row("resident", before, "MiB"),
            row("resident.after_500_touched", after, "MiB"),
            row("cold_touch.p50", percentile_ms(&took, 0.50), "ms"),
            row("cold_touch.p99", percentile_ms(&took, 0.99), "ms"),
            row("warm_touch.p50", percentile_ms(&warm, 0.50), "ms"),
        ])
    })
}

/// The same request for a session that is awake: what of a touch is HTTP.
async fn touch_again(server: &Server) -> Result<Vec<Duration>> {
    let mut took = vec![];
    for _ in 0..TOUCHED {
        let began = Instant::now();
        server.get(&format!("/api/sessions/{}", session(0))).await?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

async fn fill(store: &std::path::Path) -> Result<()> {
    let options = Options::new(Store::open(OpenOptions::new(store))?);
    let runtime = Runtime::start(options).await?;
    let mut created =
        stream::iter(0..SESSIONS).map(|n| appends::create(&runtime, session(n))).buffer_unordered(CREATED_AT_ONCE);
    while let Some(created) = created.next().await {
        created?;
    }
    drop(created);
    runtime.stop(Span::secs(60)).await;
    Ok(())
}

fn session(n: u64) -> SessionId {
    SessionId(Uuid::from_u128((0x7e00_u128 << 112) | (u128::from(n) * 7_919 + 1)))
}
