//! `triggers`: how fast triggers are saved, deliveries of webhooks taken and due schedules decided; and how exactly they fire.
//!
//! Everything goes over HTTP to the real server, by the real clock: this benchmark waits for a full minute twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::latency::percentile_ms;
use super::run::Row;
use super::server::{Server, binary};
use super::tokio_runtime;

const SAVED: usize = 2_000;
const DELIVERED: usize = 10_000;
/// Deliveries that start a run each.
const STARTING: usize = 2_000;
const DUE: usize = 10_000;
/// Triggers whose firings are spread over 40 seconds.
const SPREAD: usize = 500;
const AT_ONCE: usize = 64;
const MINUTE: u64 = 60_000;
/// What saving the triggers may take before the minute in which they are due.
const SAVED_WITHIN: Duration = Duration::from_secs(20);
/// The server has nothing to do any more when it wrote nothing for so long.
const QUIET: Duration = Duration::from_secs(2);

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    tokio_runtime()?.block_on(async {
        let mut rows = saving(&binary).await?;
        rows.extend(delivering(&binary).await?);
        rows.extend(due(&binary).await?);
        rows.extend(precision(&binary).await?);
        Ok(rows)
    })
}

/// Starts a server with a workflow of one step and one that waits.
async fn served(binary: &Path, folder: &Path) -> Result<Server> {
    let (server, _) = Server::start(binary, folder).await?;
    let step = "name: Step\nsteps:\n  - {id: one, type: tool, tool: echo, arguments: {n: 1}}\n";
    server.post_text("/api/workflows/sync", step.to_owned()).await?;
    server
        .post_text("/api/workflows/sync", "name: Waits\nsteps:\n  - {id: go, type: wait, event: go}\n".into())
        .await?;
    Ok(server)
}

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir_in("target").context("failed to make a folder on this disk")
}

fn row(figure: &str, value: f64, unit: &'static str) -> Row {
    Row::new(format!("triggers.{figure}"), &[], value, unit)
}

async fn saving(binary: &Path) -> Result<Vec<Row>> {
    let folder = folder()?;
    let server = served(binary, folder.path()).await?;
    let save = |n: usize| server.post_text("/api/triggers/sync", format!("name: t{n}\ntype: manual\nworkflow: step\n"));
    let mut rates = vec![];
    for _ in 0..2 {
        let began = Instant::now();
        stream::iter(0..SAVED).map(save).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
        rates.push(SAVED as f64 / began.elapsed().as_secs_f64());
    }
    Ok(vec![row("upserts.created", rates[0], "1/s"), row("upserts.unchanged", rates[1], "1/s")])
}

async fn delivering(binary: &Path) -> Result<Vec<Row>> {
    let folder = folder()?;
    let server = served(binary, folder.path()).await?;
    let mut rows = vec![];
    for (name, workflow, overlap, count) in
        [("recorded", "waits", "skip", DELIVERED), ("starting", "step", "allow", STARTING)]
    {
        let text = format!(
            "name: {name}\ntype: webhook\nworkflow: {workflow}\noverlap: {overlap}\nrate_per_minute: 1000000\n\
             verify: {{scheme: hmac, header: x-signature}}\n"
        );
        let saved = server.post_text("/api/triggers/sync", text).await?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a webhook has an address and a secret");
        let (path, secret) = (text(&saved["address"]["path"])?, text(&saved["secret"])?);
        let cpu = server.cpu()?;
        let began = Instant::now();
        let deliver = |n: usize| one_delivery(&server, &path, &secret, n);
        let mut took: Vec<Duration> =
            stream::iter(0..count).map(deliver).buffer_unordered(AT_ONCE).try_collect().await?;
        let seconds = began.elapsed().as_secs_f64();
        took.sort_unstable();
        rows.extend([
            row(&format!("deliveries.{name}"), count as f64 / seconds, "1/s"),
            row(&format!("deliveries.{name}.p50"), percentile_ms(&took, 0.50), "ms"),
            row(&format!("deliveries.{name}.p99"), percentile_ms(&took, 0.99), "ms"),
            row(
                &format!("deliveries.{name}.server_cpu"),
                (server.cpu()? - cpu).as_secs_f64() / count as f64 * 1e6,
                "us",
            ),
        ]);
        quiet(&server).await?;
    }
    Ok(rows)
}

async fn one_delivery(server: &Server, path: &str, secret: &str, number: usize) -> Result<Duration> {
    let body = json!({ "number": number, "text": "x".repeat(150) }).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).context("HMAC takes keys of every length")?;
    mac.update(body.as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let began = Instant::now();
    server.post_signed(path, "x-signature", &signature, body).await?;
    Ok(began.elapsed())
}

/// Has 10,000 schedules due in one minute, each of which starts a run.
async fn due(binary: &Path) -> Result<Vec<Row>> {
    let folder = folder()?;
    let server = served(binary, folder.path()).await?;
    let minute = scheduled(&server, DUE, "").await?;
    sleep_until(minute).await;
    quiet(&server).await?;
    let entries = ledger(&server).await?;
    let at = entries.iter().filter_map(|entry| entry["at"].as_u64());
    let (decided, last) = (entries.len() as f64, at.max().context("something fired")?);
    let runs = all(&server, "/api/executions?limit=200").await?;
    let begun = runs.iter().filter_map(|run| run["started_at"].as_u64()).max().context("a run was started")?;
    let seconds = |at: u64| (at.saturating_sub(minute)) as f64 / 1_000.0;
    Ok(vec![
        row("due.decided", decided, ""),
        row("due.all_decided", seconds(last), "s"),
        row("due.runs", runs.len() as f64, ""),
        row("due.all_started", seconds(begun), "s"),
    ])
}

/// Has triggers fire one after the other, and compares when they were to fire with when they did.
async fn precision(binary: &Path) -> Result<Vec<Row>> {
    let folder = folder()?;
    let server = served(binary, folder.path()).await?;
    let minute = scheduled(&server, SPREAD, "jitter: 40s\n").await?;
    let rows = all(&server, "/api/triggers?limit=200").await?;
    let wanted: BTreeMap<String, u64> =
        rows.iter().filter_map(|row| Some((row["id"].as_str()?.to_owned(), row["next_at"].as_u64()?))).collect();
    sleep_until(minute + 41_000).await;
    quiet(&server).await?;
    let late = ledger(&server).await?.into_iter().filter_map(|entry| {
        let wanted = wanted.get(entry["trigger"].as_str()?)?;
        Some(Duration::from_millis(entry["at"].as_u64()?.saturating_sub(*wanted)))
    });
    let mut late: Vec<Duration> = late.collect();
    late.sort_unstable();
    Ok(vec![
        row("fired", late.len() as f64, ""),
        row("fired.late.p50", percentile_ms(&late, 0.50), "ms"),
        row("fired.late.p99", percentile_ms(&late, 0.99), "ms"),
    ])
}

/// Saves schedules for a minute that begins once all of them are there, and returns it.
async fn scheduled(server: &Server, count: usize, rest: &str) -> Result<u64> {
    let minute = (now() + SAVED_WITHIN.as_millis() as u64).div_ceil(MINUTE) * MINUTE;
    let (hour, of_hour) = (minute / 3_600_000 % 24, minute / MINUTE % 60);
    let save = |n: usize| {
        let text = format!(
            "name: t{n}\ntype: schedule\ncron: '{of_hour} {hour} * * *'\nworkflow: step\noverlap: allow\n{rest}"
        );
        server.post_text("/api/triggers/sync", text)
    };
    stream::iter(0..count).map(save).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    anyhow::ensure!(now() < minute, "saving took longer than there was time");
    Ok(minute)
}

async fn ledger(server: &Server) -> Result<Vec<Value>> {
    let entries = all(server, "/api/triggers/deliveries?limit=200").await?;
    Ok(entries.into_iter().filter(|entry| entry["outcome"] == "matched").collect())
}

/// Reads all pages of a list.
async fn all(server: &Server, path: &str) -> Result<Vec<Value>> {
    let (mut items, mut cursor) = (vec![], String::new());
    loop {
        let mut page = server.get(&format!("{path}{cursor}")).await?;
        items.append(page["items"].as_array_mut().context("a page has items")?);
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(items),
        }
    }
}

/// Waits until the server writes nothing any more.
async fn quiet(server: &Server) -> Result<()> {
    let mut written = -1.0;
    loop {
        let now = server.metric("tenure_commits_total").await?;
        if now == written {
            return Ok(());
        }
        written = now;
        tokio::time::sleep(QUIET).await;
    }
}

async fn sleep_until(at: u64) {
    tokio::time::sleep(Duration::from_millis(at.saturating_sub(now()))).await;
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
