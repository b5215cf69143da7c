//! A model server that plays its answers one after the other, good ones and bad ones, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One answer.
pub enum Play {
    /// Streams these pieces and ends as it should.
    Whole(Vec<Value>),
    /// Streams these pieces and closes the connection.
    Cut(Vec<Value>),
    /// Answers with a status and no stream.
    Status(u16),
    /// Streams something that is no JSON.
    NoJson,
    /// Says nothing at all, and keeps the connection.
    Silence,
}

pub struct Stub {
    pub url: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Stub {
    pub async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let plays = Arc::new(Mutex::new(VecDeque::from(plays)));
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&plays), Arc::clone(&noted)));
            }
        });
        Self { url, asked }
    }

    /// Returns the questions so far, as they came.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
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

async fn answer(socket: TcpStream, plays: Arc<Mutex<VecDeque<Play>>>, asked: Arc<Mutex<Vec<Value>>>) {
    let mut socket = BufReader::new(socket);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.unwrap();
    asked.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    let play = plays.lock().unwrap().pop_front().expect("the server is asked no more often than it can answer");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let mut told = String::new();
    match play {
        Play::Whole(pieces) => {
            told.push_str(head);
            told.extend(pieces.iter().map(|piece| format!("data: {piece}\n\n")));
            let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
            let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "usage": usage });
            told.push_str(&format!("data: {end}\n\ndata: [DONE]\n\n"));
        }
        Play::Cut(pieces) => {
            told.push_str(head);
            told.extend(pieces.iter().map(|piece| format!("data: {piece}\n\n")));
        }
        Play::Status(status) => {
            let body = r#"{"error":{"message":"it is so"}}"#;
            told = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
        Play::NoJson => told = format!("{head}data: {{\"choices\": [\n\n"),
        Play::Silence => std::future::pending().await,
    }
    // The asker may have left already, which is its right.
    let _ = socket.write_all(told.as_bytes()).await;
    let _ = socket.shutdown().await;
}
