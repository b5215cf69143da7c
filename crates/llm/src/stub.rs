//! A model server that plays its answers one after the other, good ones and bad ones, and keeps what it was asked. For tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One answer.
pub enum Play {
    /// Streams these pieces and ends as it should.
    Whole(Vec<Value>),
    /// Streams these pieces and says that there was no room for more.
    Full(Vec<Value>),
    /// Streams these pieces and closes the connection.
    Cut(Vec<Value>),
    /// Streams these pieces, and nothing more; keeps the connection.
    Stuck(Vec<Value>),
    /// Streams this piece again and again, for as long as somebody listens.
    Flood(Value),
    /// Answers with a status and no stream; the words repeat the key, as some servers do.
    Status(u16),
    /// Refuses for now, and says for how many seconds.
    Busy(u32),
    /// Streams something that is no JSON.
    NoJson,
    /// Says nothing at all, and keeps the connection.
    Silence,
}

/// The running server.
pub struct Stub {
    pub url: String,
    stage: Arc<Stage>,
}

/// What all connections share.
struct Stage {
    plays: Mutex<VecDeque<Play>>,
    asked: watch::Sender<Vec<Value>>,
    /// How many askers have gone before their answer was over.
    left: watch::Sender<usize>,
}

impl Stub {
    pub async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/v1", listener.local_addr().expect("it listens"));
        let stage =
            Stage { plays: Mutex::new(plays.into()), asked: watch::Sender::default(), left: watch::Sender::default() };
        let stage = Arc::new(stage);
        let shared = stage.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, shared.clone()));
            }
        });
        Self { url, stage }
    }

    /// Returns the questions so far, as they came.
    pub fn asked(&self) -> Vec<Value> {
        self.stage.asked.borrow().clone()
    }

    /// Waits until so many questions have come.
    pub async fn heard(&self, questions: usize) {
        let mut asked = self.stage.asked.subscribe();
        asked.wait_for(|asked| asked.len() >= questions).await.expect("the stage is there");
    }

    /// Waits until so many askers have gone before their answer was over.
    pub async fn left(&self, askers: usize) {
        let mut left = self.stage.left.subscribe();
        left.wait_for(|left| *left >= askers).await.expect("the stage is there");
    }
}

pub fn says(text: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] })
}

pub fn thinks(text: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": { "reasoning_content": text }, "finish_reason": null }] })
}

/// A call of a tool; the arguments are sent as they are given, be they JSON or not.
pub fn calls(tool: &str, arguments: &str) -> Value {
    let call =
        json!({ "index": 0, "id": "call_1", "type": "function", "function": { "name": tool, "arguments": arguments } });
    json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [call] }, "finish_reason": null }] })
}

async fn answer(socket: TcpStream, stage: Arc<Stage>) {
    let mut socket = BufReader::new(socket);
    let Some((asked, key)) = request(&mut socket).await else { return };
    stage.asked.send_modify(|all| all.push(asked));
    let play = stage.plays.lock().expect("nobody panicked").pop_front();
    let play = play.expect("the server is asked no more often than it can answer");
    let finish = |reason: &str| {
        let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
        let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }], "usage": usage });
        format!("data: {end}\n\ndata: [DONE]\n\n")
    };
    let told = match &play {
        Play::Whole(pieces) => format!("{HEAD}{}{}", streamed(pieces), finish("stop")),
        Play::Full(pieces) => format!("{HEAD}{}{}", streamed(pieces), finish("length")),
        Play::Cut(pieces) | Play::Stuck(pieces) => format!("{HEAD}{}", streamed(pieces)),
        Play::Flood(_) => HEAD.to_owned(),
        Play::Status(status) => refused(*status, "", &key),
        Play::Busy(seconds) => refused(429, &format!("retry-after: {seconds}\r\n"), &key),
        Play::NoJson => format!("{HEAD}data: {{\"choices\": [\n\n"),
        Play::Silence => String::new(),
    };
    // The asker may have left already, which is its right.
    let mut open = socket.write_all(told.as_bytes()).await.is_ok();
    if let Play::Flood(piece) = &play {
        let piece = streamed(std::slice::from_ref(piece));
        while open {
            open = socket.write_all(piece.as_bytes()).await.is_ok();
        }
    }
    if let Play::Stuck(_) | Play::Silence = &play {
        // Nothing comes any more but the end.
        let _ = socket.read(&mut [0]).await;
    }
    if let Play::Stuck(_) | Play::Silence | Play::Flood(_) = &play {
        stage.left.send_modify(|left| *left += 1);
    }
    let _ = socket.shutdown().await;
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn refused(status: u16, more: &str, key: &str) -> String {
    let body = json!({ "error": { "message": format!("it is so, {key}") } }).to_string();
    let head = format!("content-type: application/json\r\ncontent-length: {}\r\nconnection: close", body.len());
    format!("HTTP/1.1 {status} X\r\n{more}{head}\r\n\r\n{body}")
}

fn streamed(pieces: &[Value]) -> String {
    pieces.iter().map(|piece| format!("data: {piece}\n\n")).collect()
}

/// Reads a request; returns its body, and the key that it was sent with.
async fn request(socket: &mut BufReader<TcpStream>) -> Option<(Value, String)> {
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => key = value.trim().trim_start_matches("Bearer ").to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some((serde_json::from_slice(&body).ok()?, key))
}
