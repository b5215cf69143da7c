//! `baseline.relay`: a bare websocket relay that keeps nothing, the most that any durable stream could approach.
//!
//! ```text
//! sender ──ws──▶ relay ──ws──▶ watcher        one pair a session, all on one runtime
//!    ▲                            │
//!    └────── a free place ◀───────┘           at most `window` frames of a session are under way
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

use super::latency::percentile_ms;
use super::run::Row;

const FRAME_BYTES: usize = 200;
const THREADS: u64 = 2;
const MEASURED: Duration = Duration::from_secs(3);
/// (sessions, frames of one session under way): about as many frames in flight in the last two.
const LOADS: &[(u64, u64)] = &[(1, 1), (1, 64), (100, 16), (1_000, 2)];
/// Four sockets a session, and some for the rest of the program.
const FILES_PER_SESSION: u64 = 4;
const FILES_SPARE: u64 = 200;

type Socket = WebSocketStream<TcpStream>;

pub fn run() -> Result<Vec<Row>> {
    raise_file_limit()?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS as usize)
        .enable_all()
        .build()
        .context("failed to start the relay")?;
    let mut rows = Vec::new();
    for &(sessions, window) in LOADS {
        rows.extend(runtime.block_on(measure(sessions, window))?);
    }
    Ok(rows)
}

async fn measure(sessions: u64, window: u64) -> Result<Vec<Row>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("failed to listen")?;
    // Every session is connected before the first frame: connecting is not what is measured.
    let mut pairs = Vec::new();
    let mut relays = JoinSet::new();
    for _ in 0..sessions {
        let (sender, from) = connected(&listener).await?;
        let (watcher, to) = connected(&listener).await?;
        relays.spawn(relay(from, to));
        pairs.push((sender, watcher));
    }
    let began = Instant::now();
    let mut running = JoinSet::new();
    for (sender, watcher) in pairs {
        running.spawn(session(sender, watcher, window, began + MEASURED));
    }
    let mut took = Vec::new();
    while let Some(session) = running.join_next().await {
        took.extend(session.context("a session panicked")??);
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();

    let params = [("bytes", FRAME_BYTES as u64), ("sessions", sessions), ("threads", THREADS), ("window", window)];
    let row = |figure: &str, value: f64, unit| Row::new(format!("baseline.relay.{figure}"), &params, value, unit);
    Ok(vec![
        row("frames", took.len() as f64 / seconds, "1/s"),
        row("p50", percentile_ms(&took, 0.50), "ms"),
        row("p99", percentile_ms(&took, 0.99), "ms"),
    ])
}

/// Returns the two ends of a fresh websocket: the client's and the relay's.
async fn connected(listener: &TcpListener) -> Result<(Socket, Socket)> {
    let address = listener.local_addr()?;
    let client = TcpStream::connect(address).await.context("failed to connect")?;
    let (server, _) = listener.accept().await.context("failed to accept")?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (client, server) = tokio::join!(client_async(format!("ws://{address}/"), client), accept_async(server));
    Ok((client.context("failed to shake hands")?.0, server.context("failed to shake hands")?))
}

/// Passes every frame on, to the end of the sender.
async fn relay(mut from: Socket, mut to: Socket) {
    while let Some(Ok(frame)) = from.next().await {
        if to.send(frame).await.is_err() {
            return;
        }
    }
}

/// Sends until `end`, waits for the last frame, and returns how long each frame took.
async fn session(sender: Socket, mut watcher: Socket, window: u64, end: Instant) -> Result<Vec<Duration>> {
    let places = Arc::new(Semaphore::new(window as usize));
    let (note, mut sent) = mpsc::unbounded_channel();
    let sending = tokio::spawn(send(sender, places, note, end));
    let mut took = Vec::new();
    while let Some((began, place)) = sent.recv().await {
        watcher.next().await.context("the relay ended early")?.context("failed to receive")?;
        took.push(Instant::duration_since(&Instant::now(), began));
        drop(place);
    }
    sending.await.context("a sender panicked")??;
    Ok(took)
}

/// Sends whenever a place is free, and notes when; frames arrive in the order of the notes.
async fn send(
    mut sender: Socket,
    places: Arc<Semaphore>,
    note: mpsc::UnboundedSender<(Instant, OwnedSemaphorePermit)>,
    end: Instant,
) -> Result<()> {
    let frame = Message::Text(Bytes::from(vec![b'x'; FRAME_BYTES]).try_into().context("the frame is not text")?);
    while Instant::now() < end {
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        note.send((Instant::now(), place)).expect("the receiver waits for the last note");
        sender.send(frame.clone()).await.context("failed to send")?;
    }
    Ok(())
}

fn raise_file_limit() -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = LOADS.iter().map(|(sessions, _)| sessions * FILES_PER_SESSION).max().unwrap_or(0) + FILES_SPARE;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needed) {
        let raised = Rlimit { current: Some(needed), maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised)
            .with_context(|| format!("failed to raise the limit of open files to {needed}"))?;
    }
    Ok(())
}
