//! `baseline.file`: group commit to a plain preallocated file, the most that any store on this disk could do.
//!
//! Every writer has one append under way. One thread takes all that wait, writes them at once, calls `fdatasync`, and
//! answers them all.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::runtime;
use tokio::sync::oneshot;

use super::latency::percentile_ms;
use super::run::Row;

const APPEND_BYTES: usize = 200;
const FILE_BYTES: u64 = 256 << 20;
const WRITERS: &[u64] = &[1, 16, 256, 4096];
/// The writers share these; the committing thread comes on top.
const THREADS: u64 = 1;
const MEASURED: Duration = Duration::from_secs(3);

struct Append {
    bytes: [u8; APPEND_BYTES],
    durable: oneshot::Sender<()>,
}

pub fn run() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
    let mut rows = Vec::new();
    for &writers in WRITERS {
        let file = preallocated(&folder.path().join("log"))?;
        rows.extend(measure(file, writers)?);
    }
    Ok(rows)
}

fn measure(file: File, writers: u64) -> Result<Vec<Row>> {
    let (commits, waiting) = channel();
    let committer = thread::spawn(move || commit(&file, &waiting));
    let runtime = runtime::Builder::new_current_thread().build().context("failed to start the writers")?;
    let began = Instant::now();
    let mut took: Vec<Duration> = runtime.block_on(async {
        let tasks: Vec<_> = (0..writers).map(|_| tokio::spawn(write(commits.clone(), began + MEASURED))).collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await?);
        }
        Ok::<_, tokio::task::JoinError>(all)
    })?;
    let seconds = began.elapsed().as_secs_f64();
    drop(commits);
    let syncs = committer.join().expect("the committer does not panic")?;
    took.sort_unstable();

    let params = [("bytes", APPEND_BYTES as u64), ("threads", THREADS), ("writers", writers)];
    let row = |figure: &str, value: f64, unit| Row::new(format!("baseline.file.{figure}"), &params, value, unit);
    Ok(vec![
        row("appends", took.len() as f64 / seconds, "1/s"),
        row("syncs", syncs as f64 / seconds, "1/s"),
        row("p50", percentile_ms(&took, 0.50), "ms"),
        row("p99", percentile_ms(&took, 0.99), "ms"),
    ])
}

/// Appends one after the other until `end`, and returns how long each took to be durable.
async fn write(commits: Sender<Append>, end: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        let (durable, answer) = oneshot::channel();
        let sent = commits.send(Append { bytes: [b'x'; APPEND_BYTES], durable });
        if sent.is_err() || answer.await.is_err() {
            break;
        }
        took.push(began.elapsed());
    }
    took
}

/// Makes groups of appends durable until all writers are gone; returns how many groups there were.
fn commit(file: &File, waiting: &Receiver<Append>) -> Result<u64> {
    let mut at = 0u64;
    let mut groups = 0;
    let mut bytes = Vec::new();
    while let Ok(first) = waiting.recv() {
        let group: Vec<Append> = std::iter::once(first).chain(waiting.try_iter()).collect();
        bytes.clear();
        group.iter().for_each(|append| bytes.extend_from_slice(&append.bytes));
        if at + bytes.len() as u64 > FILE_BYTES {
            at = 0;
        }
        file.write_all_at(&bytes, at).context("failed to write")?;
        file.sync_data().context("failed to sync")?;
        at += bytes.len() as u64;
        groups += 1;
        for append in group {
            // A writer that no longer listens needs no answer.
            let _ = append.durable.send(());
        }
    }
    Ok(groups)
}

/// Makes a file whose blocks are all there, so that a sync writes data and no size.
fn preallocated(path: &std::path::Path) -> Result<File> {
    let mut file = File::create(path).context("failed to make the file")?;
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..FILE_BYTES >> 20 {
        file.write_all(&zeros).context("failed to fill the file")?;
    }
    file.sync_all().context("failed to sync the file")?;
    Ok(file)
}
