//! Plain requests to the HTTP API, with the server's problem documents as failures.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, IF_MATCH};
use hyper::http::request::Builder;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenure_model::id::SessionId;
use tenure_model::view::Message;
use tenure_protocol::Problem;
use tenure_protocol::http::{NewSession, Transcript};
use tenure_runner::{Address, dial};

use crate::failure::{Failure, Outcome};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How many messages are fetched at once.
const PAGE: usize = 50;

/// A server and somebody who may ask it.
#[derive(Clone)]
pub struct Api {
    pub server: Address,
    pub token: String,
}

impl Api {
    /// Returns a client of `server` that sends `token`.
    pub fn new(server: Address, token: String) -> Self {
        Self { server, token }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.ask(Method::GET, path, None::<&Value>).await
    }

    /// Gets a text that is no JSON.
    pub async fn text(&self, path: &str) -> Outcome<String> {
        let bytes = self.answered(path, self.request(Method::GET, path), vec![]).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Posts `body` under a key of its own, so that an answer lost on the way can be asked for again.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Posts `body` under a key that the caller has: asked again with it, the server does nothing new.
    pub async fn post_keyed<T: DeserializeOwned>(&self, path: &str, key: &str, body: &impl Serialize) -> Outcome<T> {
        let request = self.request_keyed(Method::POST, path, key).header(CONTENT_TYPE, "application/json");
        self.told(path, request, serde_json::to_vec(body)?).await
    }

    /// Opens a stream of server-sent events; it has no end of its own.
    pub async fn stream(&self, path: &str) -> Outcome<Incoming> {
        let request = self.request(Method::GET, path).header(ACCEPT, "text/event-stream");
        self.opened(path, request, vec![]).await
    }

    /// Posts `body`, and opens the stream of server-sent events that answers it.
    pub async fn stream_of(&self, path: &str, body: &impl Serialize) -> Outcome<Incoming> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        self.opened(path, request.header(ACCEPT, "text/event-stream"), serde_json::to_vec(body)?).await
    }

    async fn opened(&self, path: &str, request: Builder, body: Vec<u8>) -> Outcome<Incoming> {
        let request = wanted(path, request, body)?;
        let answer = self.in_time(send(&self.server, request)).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.into_body());
        }
        let body = self.in_time(whole(answer)).await?;
        Err(Failure::of(problem(status, &body)))
    }

    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        self.ask(Method::PUT, path, Some(body)).await
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
        let mut request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/yaml");
        if let Some(expected) = expected {
            request = request.header(IF_MATCH, format!("\"{expected}\""));
        }
        self.told(path, request, text.into_bytes()).await
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Outcome<T> {
        let request = self.request(method, path);
        match body {
            Some(body) => {
                let request = request.header(CONTENT_TYPE, "application/json");
                self.told(path, request, serde_json::to_vec(body)?).await
            }
            None => self.told(path, request, vec![]).await,
        }
    }

    fn request(&self, method: Method, path: &str) -> Builder {
        self.request_keyed(method, path, &fresh_key())
    }

    fn request_keyed(&self, method: Method, path: &str, key: &str) -> Builder {
        let request = Request::builder().uri(self.server.path(path)).header(HOST, self.server.authority());
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        let request = if method == Method::GET { request } else { request.header("Idempotency-Key", key) };
        request.method(method)
    }

    async fn told<T: DeserializeOwned>(&self, path: &str, request: Builder, body: Vec<u8>) -> Outcome<T> {
        let bytes = self.answered(path, request, body).await?;
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(text)
            .map_err(|error| Failure::Error(anyhow::anyhow!("the answer of {path} cannot be read: {error}")))
    }

    async fn answered(&self, path: &str, request: Builder, body: Vec<u8>) -> Outcome<Bytes> {
        let request = wanted(path, request, body)?;
        let (status, bytes) = self.in_time(exchange(&self.server, request)).await?;
        match status.is_success() {
            true => Ok(bytes),
            false => Err(Failure::of(problem(status, &bytes))),
        }
    }

    /// Waits for an answer as long as one request may take.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, String>>) -> Outcome<T> {
        match tokio::time::timeout(TIMEOUT, answer).await {
            Ok(answer) => answer.map_err(|why| self.unreachable(&why)),
            Err(_) => Err(self.unreachable(&format!("nothing came within {} s", TIMEOUT.as_secs()))),
        }
    }

    fn unreachable(&self, why: &str) -> Failure {
        Failure::Unavailable(format!("no answer from {}: {why}; is the server running?", self.server))
    }
}

fn wanted(path: &str, request: Builder, body: Vec<u8>) -> Outcome<Request<Full<Bytes>>> {
    let request = request.body(Full::from(body));
    request.map_err(|error| Failure::Usage(format!("{path} cannot be asked for: {error}")))
}

/// Asks once; an error says what went wrong.
async fn exchange(server: &Address, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
    let answer = send(server, request).await?;
    Ok((answer.status(), whole(answer).await?))
}

/// Sends a request on a connection of its own.
async fn send(server: &Address, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, String> {
    let stream = dial(server).await.map_err(|error| innermost(&error))?;
    let opened = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| innermost(&error))?;
    // It ends with the answer, and what breaks it breaks the answer too.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|error| innermost(&error))
}

async fn whole(answer: Response<Incoming>) -> Result<Bytes, String> {
    Ok(answer.into_body().collect().await.map_err(|error| innermost(&error))?.to_bytes())
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
