//! A model server that always says the same for the same prompt: the chat completions of OpenAI, streamed.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::interval;

/// What it says to an ordinary prompt.
pub const ANSWER: &str = "Hello from the stub model, äöü € 🙂 included.";
/// How many words the prompt SLOW brings, and how far apart.
const SLOW_WORDS: usize = 400;
const SLOW_PACE: Duration = Duration::from_millis(25);

/// Starts one, and returns its address.
pub async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket));
        }
    });
    format!("http://{address}/v1")
}

/// Answers one request; whoever asked may leave at any time.
async fn serve(socket: TcpStream) {
    let mut socket = BufReader::new(socket);
    let Some(asked) = request(&mut socket).await else { return };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    if socket.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    let (deltas, finish, pace) = answer(&asked);
    let mut pace = pace.map(interval);
    for delta in &deltas {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        let piece = json!({ "index": 0, "delta": delta, "finish_reason": null });
        if socket.write_all(chunk(&json!([piece]), None).as_bytes()).await.is_err() {
            return;
        }
    }
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": deltas.len(), "total_tokens": 10 + deltas.len() });
    let end = json!([{ "index": 0, "delta": {}, "finish_reason": finish }]);
    let last = format!("{}data: [DONE]\n\n", chunk(&end, Some(&usage)));
    // The asker may have heard enough.
    let _ = socket.write_all(last.as_bytes()).await;
    let _ = socket.shutdown().await;
}

async fn request(socket: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    serde_json::from_slice(&body).ok()
}

fn chunk(choices: &Value, usage: Option<&Value>) -> String {
    let mut chunk =
        json!({ "id": "stub", "object": "chat.completion.chunk", "created": 0, "model": "stub", "choices": choices });
    if let Some(usage) = usage {
        chunk["usage"] = usage.clone();
    }
    format!("data: {chunk}\n\n")
}

/// Returns the pieces of the answer, why it ends, and how far apart they are.
fn answer(asked: &Value) -> (Vec<Value>, &'static str, Option<Duration>) {
    let none = Vec::new();
    let messages = asked["messages"].as_array().unwrap_or(&none);
    let last = messages.last().cloned().unwrap_or_default();
    let prompt = last["content"].to_string();
    let tools = asked["tools"].as_array().unwrap_or(&none);
    let named = |word: &str| {
        let mut names = tools.iter().map(|tool| &tool["function"]["name"]);
        names.find(|name| name.as_str().is_some_and(|name| name.contains(word)))
    };
    let shell = named("bash").or(named("shell"));
    let is_prompt = last["role"] == "user";
    match shell {
        // Requests without tools are the agent's own, such as for a title.
        Some(tool) if is_prompt && prompt.contains("TOOL") => {
            // It writes a file: what only reads is permitted by some agents without asking.
            let arguments =
                json!({ "command": "echo from the tool | tee made", "description": "Says a word" }).to_string();
            (call(tool, arguments), "tool_calls", None)
        }
        Some(_) if is_prompt && prompt.contains("WORKFLOWS") => match named("list_workflows") {
            Some(tool) => (call(tool, "{}".to_owned()), "tool_calls", None),
            None => (words("there is no such tool"), "stop", None),
        },
        Some(_) if is_prompt && prompt.contains("SLOW") => {
            let text: String = (0..SLOW_WORDS).map(|number| format!("word{number} ")).collect();
            (words(&text), "stop", Some(SLOW_PACE))
        }
        Some(_) if is_prompt && prompt.contains("RATE") => (words("```json\n{\"rating\": 4}\n```"), "stop", None),
        _ => (words(ANSWER), "stop", None),
    }
}

fn call(tool: &Value, arguments: String) -> Vec<Value> {
    let function = json!({ "name": tool, "arguments": arguments });
    let call = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
    vec![json!({ "role": "assistant", "content": null, "tool_calls": [call] })]
}

fn words(text: &str) -> Vec<Value> {
    text.split_inclusive(' ').map(|word| json!({ "role": "assistant", "content": word })).collect()
}
