//! The HTTP API as a caller uses it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tenure_model::id::SessionId;
use tenure_model::view::{Message, SessionView};

/// Returns a plain client. The built-in agent adds TLS to the library, which then wants to know from every client with what.
pub fn http() -> reqwest::Client {
    // Another test of this process may have said so already.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a plain client")
}

/// One caller.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Api {
    pub fn new(address: &str, token: &str) -> Self {
        Self { http: http(), address: address.to_owned(), token: token.to_owned() }
    }

    /// Calls, and returns the status with the body as JSON; nothing when the server is not to be had.
    pub async fn try_call(&self, method: Method, path: &str, body: Option<Value>) -> Option<(StatusCode, Value)> {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.ok()?;
        let (status, text) = (response.status(), response.text().await.ok()?);
        Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// Posts under an idempotency key until the server takes or refuses it, however often it is killed meanwhile.
    pub async fn insist(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.address);
        loop {
            let request = self.http.post(&url).bearer_auth(&self.token).header("idempotency-key", key).json(body);
            if let Ok(response) = request.send().await
                && response.status() != StatusCode::SERVICE_UNAVAILABLE
            {
                let status = response.status();
                if let Ok(text) = response.text().await {
                    return (status, serde_json::from_str(&text).unwrap_or(Value::String(text)));
                }
            }
            super::a_moment().await;
        }
    }

    /// Calls, and returns the status with the body.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str, body: Option<Value>) -> impl Future<Output = (StatusCode, Value)> {
        let (api, path) = (self.clone(), path.to_owned());
        let caller = std::panic::Location::caller();
        async move {
            let answer = api.try_call(method, &path, body).await;
            answer.unwrap_or_else(|| panic!("no answer to {path}, asked at {caller}"))
        }
    }

    /// Gets what must be there.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        serde_json::from_value(body).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Posts what must be taken.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Value {
        let body = serde_json::to_value(body).expect("bodies are plain data");
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Posts a text that must be taken: a definition as people write it.
    pub async fn post_text(&self, path: &str, text: &str) -> Value {
        let url = format!("http://{}{path}", self.address);
        let response = self.http.post(url).bearer_auth(&self.token).body(text.to_owned()).send().await;
        let response = response.unwrap_or_else(|error| panic!("POST {path}: {error}"));
        let (status, answer) = (response.status(), response.text().await.expect("an answer has a body"));
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        serde_json::from_str(&answer).expect("answers are JSON")
    }

    /// Reads all pages of a list; nothing when the server is not to be had.
    pub async fn all<T: DeserializeOwned>(&self, path: &str) -> Option<Vec<T>> {
        self.pages(path, "cursor").await
    }

    /// Opens a session with the runner's first agent.
    pub async fn open_session(&self) -> SessionId {
        self.open_session_with(None).await
    }

    /// Opens a session whose turns ask for an agent.
    pub async fn open_session_with(&self, agent: Option<&str>) -> SessionId {
        let opened = self.post("/api/sessions", &json!({ "agent": agent })).await;
        serde_json::from_value(opened["id"].clone()).expect("a session has an id")
    }

    pub async fn session(&self, id: SessionId) -> SessionView {
        self.get(&format!("/api/sessions/{id}")).await
    }

    /// Reads the whole transcript, oldest first.
    pub async fn messages(&self, id: SessionId) -> Vec<Message> {
        self.try_messages(id).await.expect("the transcript is to be had")
    }

    /// Reads the whole transcript, oldest first; nothing when the server is not to be had.
    pub async fn try_messages(&self, id: SessionId) -> Option<Vec<Message>> {
        let path = format!("/api/sessions/{id}/messages?limit=200");
        let mut messages: Vec<Message> = self.pages(&path, "before").await?;
        messages.reverse();
        Some(messages)
    }

    /// Reads the last messages of the transcript, oldest first.
    pub async fn last_messages(&self, id: SessionId) -> Vec<Message> {
        let mut page: Value = self.get(&format!("/api/sessions/{id}/messages?limit=60")).await;
        let mut messages: Vec<Message> = serde_json::from_value(page["items"].take()).expect("a page has items");
        messages.reverse();
        messages
    }

    /// Reads a session's journal, as operators see it.
    pub async fn journal(&self, id: SessionId) -> Vec<Value> {
        self.journal_from(id, 1).await
    }

    /// Reads a session's journal from a seq on.
    pub async fn journal_from(&self, id: SessionId, seq: u64) -> Vec<Value> {
        let path = format!("/admin/entities/session/{id}/journal?limit=200");
        let first = format!("{path}&cursor={seq}");
        self.pages_from(first, &path, "cursor").await.expect("the journal is to be had")
    }

    /// Reads the whole journal of an entity of any kind.
    pub async fn journal_of(&self, kind: &str, id: impl std::fmt::Display) -> Vec<Value> {
        let path = format!("/admin/entities/{kind}/{id}/journal?limit=200");
        self.pages(&path, "cursor").await.expect("the journal is to be had")
    }

    async fn pages<T: DeserializeOwned>(&self, path: &str, cursor_name: &str) -> Option<Vec<T>> {
        self.pages_from(path.to_owned(), path, cursor_name).await
    }

    async fn pages_from<T: DeserializeOwned>(&self, mut next: String, path: &str, cursor_name: &str) -> Option<Vec<T>> {
        let mut all = vec![];
        loop {
            let (status, mut page) = self.try_call(Method::GET, &next, None).await?;
            // Between a restart and readiness, and while it stops, a server asks to be called again.
            if status == StatusCode::SERVICE_UNAVAILABLE {
                return None;
            }
            assert!(status.is_success(), "GET {next}: {status} {page}");
            let items: Vec<T> = serde_json::from_value(page["items"].take()).expect("a page has items");
            all.extend(items);
            match page["cursor"].as_str() {
                Some(cursor) => next = format!("{path}&{cursor_name}={cursor}"),
                None => return Some(all),
            }
        }
    }
}
