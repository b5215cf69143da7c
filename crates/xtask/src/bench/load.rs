//! The two ends of a stream: a runner that says as much as it may, and clients that note when they see it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use uuid::Uuid;

use super::server::Server;

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where a turn ends before its time: a session takes no larger one by default.
const TURN_BYTES_MAX: u64 = 8_000_000;

/// What all runners and watchers of one measurement share.
pub struct Load {
    /// Frames of one session that may wait for their acknowledgement.
    pub window: u64,
    pub bytes: usize,
    pub measured: Duration,
    /// How many turns have not started yet; all begin to speak when it is none.
    pub to_start: watch::Sender<u64>,
    /// When each frame was sent, by turn and byte offset, until its watcher has seen it.
    pub sent: Mutex<HashMap<(String, u64), Instant>>,
}

pub async fn open_sessions(server: &Server, count: u64) -> Result<Vec<String>> {
    let mut ids = vec![];
    for _ in 0..count {
        let session = server.post("/api/sessions", &json!({})).await?;
        ids.push(session["id"].as_str().context("a session has an id")?.to_owned());
    }
    Ok(ids)
}

pub async fn prompt(server: &Server, session: &str) -> Result<()> {
    server.post(&format!("/api/sessions/{session}/prompts"), &json!({ "text": "speak" })).await?;
    Ok(())
}

/// Joins a session's chat socket, and reads up to where its news begin.
pub async fn join(server: &Server, session: &str) -> Result<Socket> {
    let path = format!("/api/sessions/{session}/ws");
    let mut socket = connect(server, &path, &server.token, "tenure.client.v1").await?;
    while let Some(event) = hear(&mut socket).await? {
        if event["type"] == "live" {
            return Ok(socket);
        }
    }
    bail!("the server hung up before it was live")
}

/// Connects a runner with room for `works`.
pub async fn link(server: &Server, token: &str, works: usize) -> Result<Socket> {
    let mut socket = connect(server, "/link/runner", token, "tenure.runner.v1").await?;
    // Ids of version 5 are those of sandboxes.
    let hashed = || Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{:?}", Instant::now()).as_bytes());
    let id = || uuid::Builder::from_random_bytes(hashed().into_bytes()).into_uuid();
    let agent = json!({ "name": "bench", "kind": "scripted", "description": "says as much as it may" });
    let hello = json!({ "type": "hello", "protocol": 1, "runner": id(), "boot": id(), "name": "bench", "version": "bench",
                        "capacity": works, "agents": [agent] });
    say(&mut socket, &hello).await?;
    match hear(&mut socket).await? {
        Some(welcome) if welcome["type"] == "welcome" => Ok(socket),
        other => bail!("expected a welcome, got {other:?}"),
    }
}

/// Reads a chat socket up to the end of a turn.
pub async fn end_of_turn(socket: &mut Socket) -> Result<()> {
    while let Some(event) = hear(socket).await? {
        match event["type"].as_str() {
            Some("message.finalize") => return Ok(()),
            Some("problem") => bail!("the server refused: {event}"),
            _ => {}
        }
    }
    bail!("the server hung up before the turn was over")
}

async fn connect(server: &Server, path: &str, token: &str, protocol: &str) -> Result<Socket> {
    let mut request = format!("{}{path}", server.address.replacen("http", "ws", 1)).into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse()?);
    let (socket, _) =
        connect_async_with_config(request, None, true).await.with_context(|| format!("failed to open {path}"))?;
    Ok(socket)
}

pub async fn say(socket: &mut Socket, message: &Value) -> Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

pub async fn hear(socket: &mut Socket) -> Result<Option<Value>> {
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            return Ok(Some(serde_json::from_str(&text)?));
        }
    }
    Ok(None)
}

/// One turn as its runner has it.
struct Turn {
    session: String,
    generation: u64,
    next: u64,
    offset: u64,
    /// When it has said enough; none before all others have started.
    end: Option<Instant>,
    under_way: HashMap<u64, Instant>,
    finished: bool,
}

/// Plays `works` turns on one link; returns how long each frame waited for its acknowledgement.
pub async fn run(mut link: Socket, load: std::sync::Arc<Load>, works: usize) -> Result<Vec<Duration>> {
    let mut turns: HashMap<String, Turn> = HashMap::new();
    // The offers that were taken and not started yet, by work: a heartbeat must not forget them.
    let mut accepted: HashMap<String, Value> = HashMap::new();
    let (mut took, mut over) = (vec![], 0);
    let mut to_start = load.to_start.subscribe();
    let mut beat = tokio::time::interval(Duration::from_secs(5));
    while over < works {
        let heard = tokio::select! {
            heard = hear(&mut link) => heard?.context("the server hung up")?,
            _ = all_started(&mut to_start), if turns.values().any(|turn| turn.end.is_none()) => {
                for (work, turn) in &mut turns {
                    turn.end.get_or_insert(Instant::now() + load.measured);
                    speak(&mut link, work, turn, &load).await?;
                }
                continue;
            }
            _ = beat.tick() => {
                say(&mut link, &heartbeat(&accepted, &turns)).await?;
                continue;
            }
        };
        let work = heard["work"].as_str().unwrap_or_default().to_owned();
        match heard["type"].as_str().unwrap_or_default() {
            "offer" => {
                let offer = &heard["offer"];
                accepted.insert(offer["work"].as_str().context("an offer names its work")?.to_owned(), offer.clone());
                say(&mut link, &json!({ "type": "accept", "ref": heard["ref"] })).await?;
            }
            "start" => {
                say(&mut link, &json!({ "type": "done", "ref": heard["ref"] })).await?;
                let spec = &heard["spec"];
                let work = spec["work"].as_str().context("a start names its work")?.to_owned();
                if accepted.remove(&work).is_none() {
                    continue;
                }
                let turn = Turn {
                    session: spec["session"].as_str().unwrap_or_default().to_owned(),
                    generation: spec["generation"].as_u64().unwrap_or_default(),
                    next: 0,
                    offset: 0,
                    end: None,
                    under_way: HashMap::new(),
                    finished: false,
                };
                let turn = turns.entry(work.clone()).or_insert(turn);
                frame(&mut link, &work, turn, json!({ "type": "message.create", "agent": "bench" })).await?;
                load.to_start.send_modify(|left| *left -= 1);
            }
            "ack" => {
                let Some(turn) = turns.get_mut(&work) else { continue };
                let next = heard["next"].as_u64().unwrap_or_default();
                let done: Vec<u64> = turn.under_way.keys().copied().filter(|number| *number < next).collect();
                took.extend(done.iter().filter_map(|number| turn.under_way.remove(number)).map(|sent| sent.elapsed()));
                if turn.finished && next == turn.next {
                    over += 1;
                    turns.remove(&work);
                } else {
                    speak(&mut link, &work, turn, &load).await?;
                }
            }
            // A heartbeat that crossed with the end of its turn: the turn is over at both ends.
            "drop" if turns.get(&work).is_none_or(|turn| turn.finished) => {
                over += usize::from(turns.remove(&work).is_some());
            }
            "drop" | "problem" => bail!("the server refused: {heard}"),
            _ => {}
        }
    }
    Ok(took)
}

async fn all_started(to_start: &mut watch::Receiver<u64>) {
    // The sender lives as long as the load does.
    let _ = to_start.wait_for(|left| *left == 0).await;
}

fn heartbeat(accepted: &HashMap<String, Value>, turns: &HashMap<String, Turn>) -> Value {
    let waiting = accepted.values().map(|offer| {
        json!({ "session": offer["session"], "work": offer["work"], "generation": offer["generation"], "phase": "accepted", "next_frame": 0 })
    });
    let held = turns.iter().map(|(work, turn)| {
        json!({ "session": turn.session, "work": work, "generation": turn.generation, "phase": "running", "next_frame": turn.next })
    });
    json!({ "type": "heartbeat", "works": waiting.chain(held).collect::<Vec<_>>() })
}

/// Sends text for as long as there is room; ends the turn when its time is over.
async fn speak(link: &mut Socket, work: &str, turn: &mut Turn, load: &Load) -> Result<()> {
    let text = "x".repeat(load.bytes);
    let Some(end) = turn.end else { return Ok(()) };
    while !turn.finished && (turn.under_way.len() as u64) < load.window {
        let now = Instant::now();
        if now >= end || turn.offset + load.bytes as u64 > TURN_BYTES_MAX {
            turn.finished = true;
            return frame(link, work, turn, json!({ "type": "message.finalize", "reason": "end_turn" })).await;
        }
        load.sent.lock().await.insert((work.to_owned(), turn.offset), now);
        turn.under_way.insert(turn.next, now);
        let delta = json!({ "type": "message.part.text-delta", "part": 0, "kind": "text", "offset": turn.offset, "text": text });
        turn.offset += load.bytes as u64;
        frame(link, work, turn, delta).await?;
    }
    Ok(())
}

async fn frame(link: &mut Socket, work: &str, turn: &mut Turn, frame: Value) -> Result<()> {
    let first = turn.next;
    turn.next += 1;
    let frames = json!({ "type": "frames", "session": turn.session, "work": work, "generation": turn.generation, "first": first,
                         "frames": [frame] });
    say(link, &frames).await
}

/// Reads one session's socket to the end of its turn; returns how long each frame was on its way.
pub async fn watch(mut socket: Socket, load: std::sync::Arc<Load>) -> Result<Vec<Duration>> {
    let mut took = vec![];
    while let Some(event) = hear(&mut socket).await? {
        match event["type"].as_str().unwrap_or_default() {
            "message.part.text-delta" => {
                let turn = event["turn"].as_str().unwrap_or_default();
                let first = event["offset"].as_u64().unwrap_or_default();
                let bytes = event["text"].as_str().map_or(0, str::len) as u64;
                // Deltas that were stored together arrive together.
                let mut sent = load.sent.lock().await;
                for offset in (first..first + bytes).step_by(load.bytes) {
                    took.extend(sent.remove(&(turn.to_owned(), offset)).map(|sent| sent.elapsed()));
                }
            }
            "message.finalize" => {
                // Text that was stored together with the end is told as a part of the whole message.
                let turn = event["message"]["turn"].as_str().unwrap_or_default();
                let rest = |key: &(String, u64), _: &mut Instant| key.0 == turn;
                took.extend(load.sent.lock().await.extract_if(rest).map(|(_, sent)| sent.elapsed()));
                return Ok(took);
            }
            "resync" => bail!("the client was too slow: {event}"),
            _ => {}
        }
    }
    bail!("the server hung up before the turn was over")
}
