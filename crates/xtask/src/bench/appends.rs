//! `appends`: durable commands of sessions, from the asker to the durable answer, inside one process.
//!
//! Every command sets a title of 200 bytes: one record, one changed row of a list.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::join_all;
use tenure_journal::{OpenOptions, Store};
use tenure_model::Span;
use tenure_model::id::{SessionId, UserId};
use tenure_runtime::{Options, Runtime};
use tenure_session::{Action, By, Command, Limits};
use uuid::Uuid;

use super::latency::percentile_ms;
use super::run::Row;

const MEASURED: Duration = Duration::from_secs(3);
/// (sessions, commands of one session under way)
const LOADS: &[(u64, u64)] = &[(1, 1), (1, 16), (16, 1), (256, 1), (4_096, 1)];

pub fn run() -> Result<Vec<Row>> {
    actix_rt::System::new().block_on(async {
        let mut rows = vec![];
        for &(sessions, window) in LOADS {
            let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
            let store = Store::open(OpenOptions::new(folder.path().join("store")))?;
            let runtime = Runtime::start(Options::new(store)).await?;
            rows.extend(measure(&runtime, sessions, window).await?);
            runtime.stop(Span::secs(20)).await;
        }
        Ok(rows)
    })
}

async fn measure(runtime: &Runtime, sessions: u64, window: u64) -> Result<Vec<Row>> {
    let ids: Vec<SessionId> = (0..sessions).map(|n| SessionId(Uuid::from_u128(u128::from(n) * 7_919 + 1))).collect();
    for answer in join_all(ids.iter().map(|id| create(runtime, *id))).await {
        answer?;
    }
    let flushes = runtime.health().flushes;
    let began = Instant::now();
    let end = began + MEASURED;
    let writers = ids.iter().flat_map(|id| (0..window).map(|_| append(runtime, *id, end)));
    let mut took = vec![];
    for durations in join_all(writers).await {
        took.extend(durations?);
    }
    let seconds = began.elapsed().as_secs_f64();
    let flushes = runtime.health().flushes - flushes;
    took.sort_unstable();
    let params = [("bytes", 200), ("sessions", sessions), ("window", window)];
    let row = |figure: &str, value: f64, unit| Row::new(format!("appends.{figure}"), &params, value, unit);
    Ok(vec![
        row("commands", took.len() as f64 / seconds, "1/s"),
        row("syncs", flushes as f64 / seconds, "1/s"),
        row("p50", percentile_ms(&took, 0.50), "ms"),
        row("p99", percentile_ms(&took, 0.99), "ms"),
    ])
}

/// Creates a session with the defaults.
async fn create(runtime: &Runtime, id: SessionId) -> Result<()> {
    let action = Action::Create {
        owner: owner().user,
        owner_name: owner().name,
        title: Some("bench".into()),
        agent: None,
        model: None,
        purpose: Default::default(),
        mode: Default::default(),
        limits: Limits::default(),
        repo: None,
        runner: Default::default(),
    };
    runtime.sessions.ask(id, Command::Client { by: owner(), request: None, action }).await?;
    Ok(())
}

async fn append(runtime: &Runtime, id: SessionId, end: Instant) -> Result<Vec<Duration>> {
    let mut took = vec![];
    while Instant::now() < end {
        let began = Instant::now();
        // Titles differ, or the command would be a repeat that writes nothing.
        let title = format!("{:0>200}", Instant::now().duration_since(end - MEASURED).as_nanos());
        let command = Command::Client { by: owner(), request: None, action: Action::SetTitle { title } };
        runtime.sessions.ask(id, command).await?;
        took.push(began.elapsed());
    }
    Ok(took)
}

fn owner() -> By {
    By { user: UserId(Uuid::from_u128(1)), name: "bench".into(), admin: false }
}
