//! Plain requests to the HTTP API, with the server's problem documents as failures.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenure_model::id::SessionId;
use tenure_model::view::Message;
use tenure_protocol::Problem;
use tenure_protocol::http::{NewSession, Transcript};

use super::server::Server;
use crate::failure::{Failure, Outcome};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How many messages are fetched at once.
const PAGE: usize = 50;

/// A server and somebody who may ask it.
#[derive(Clone)]
pub struct Api {
    pub server: Server,
    pub token: String,
    client: Client,
}

impl Api {
    /// Returns a client of `server` that sends `token`.
    pub fn new(server: Server, token: String) -> Self {
        let client =
            Client::builder().timeout(TIMEOUT).build().expect("a client without TLS has no settings that fail");
        Self { server, token, client }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.ask(Method::GET, path, None::<&Value>).await
    }

    /// Posts `body` under a key of its own, so that an answer lost on the way can be asked for again.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.ask(Method::DELETE, path, None::<&Value>).await
    }

    /// Opens a session and returns its id.
    pub async fn open_session(&self, new: &NewSession) -> Outcome<SessionId> {
        let session: Value = self.post("/api/sessions", new).await?;
        let id = session["id"].as_str().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Failure::Error(anyhow::anyhow!("the server's answer holds no session id: {session}")))
    }

    /// Fetches the messages after `seq`, oldest first; the newest `most` of them.
    pub async fn messages_after(&self, session: SessionId, seq: Option<u64>, most: usize) -> Outcome<Vec<Message>> {
        let mut found: Vec<Message> = Vec::new();
        loop {
            let limit = PAGE.min(most - found.len());
            let before = found.last().map(|oldest| format!("&before={}", oldest.seq)).unwrap_or_default();
            let page: Transcript = self.get(&format!("/api/sessions/{session}/messages?limit={limit}{before}")).await?;
            let more = page.cursor.is_some() && !page.items.is_empty();
            let wanted = page.items.len();
            // A prompt and its answer may share a number, so the one that is known is kept; the view drops repeats.
            found.extend(page.items.into_iter().filter(|message| seq.is_none_or(|seq| message.seq >= seq)));
            let reached = found.last().is_some_and(|oldest| seq == Some(oldest.seq)) || wanted == 0;
            if !more || reached || found.len() >= most {
                found.reverse();
                return Ok(found);
            }
        }
    }

    /// Posts a definition of a workflow as it was written. `expected` is the hash of the version that it may replace.
    pub async fn post_definition<T: DeserializeOwned>(
        &self,
        path: &str,
        text: String,
        expected: Option<&str>,
    ) -> Outcome<T> {
        let mut request = self.request(Method::POST, path).header("Content-Type", "application/yaml").body(text);
        if let Some(expected) = expected {
            request = request.header("If-Match", format!("\"{expected}\""));
        }
        self.told(path, request).await
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Outcome<T> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.told(path, request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method.clone(), self.server.http(path)).bearer_auth(&self.token);
        match method {
            Method::GET => request,
            _ => request.header("Idempotency-Key", fresh_key()),
        }
    }

    async fn told<T: DeserializeOwned>(&self, path: &str, request: RequestBuilder) -> Outcome<T> {
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        if !status.is_success() {
            return Err(Failure::of(problem(status, &bytes)));
        }
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(text)
            .map_err(|error| Failure::Error(anyhow::anyhow!("the answer of {path} cannot be read: {error}")))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        Failure::Unavailable(format!("no answer from {}: {}; is the server running?", self.server, innermost(error)))
    }
}

/// Reads a problem document; whatever else answered is described by its status.
pub fn problem(status: StatusCode, body: &[u8]) -> Problem {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let detail = format!("the server answered {status}; is it a Tenure server?");
        Problem::new(status.as_u16(), "http_status", detail)
    })
}

/// Draws a key that no other request has.
pub fn fresh_key() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Returns the cause that says most: the last of the chain.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
