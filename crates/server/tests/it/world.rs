//! The test's world: a server, people with tokens, sockets that wait with a bound.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tenure_account::realm::{Asker, Command, NewToken, Reply, Role, RunnerScope, TokenRole, realm_id};
use tenure_journal::Store;
use tenure_journal::engine::MemoryEngine;
use tenure_model::Span;
use tenure_model::id::UserId;
use tenure_runtime::{Options, Runtime};
use tenure_server::{
    DraftOptions, Keys, ServerOptions, Serving, SigningKey, StepTools, fresh_secret, hash_secret, serve,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The longest that a test waits for anything.
pub const BOUND: Duration = Duration::from_secs(20);

/// Somebody with a token.
#[derive(Clone)]
pub struct Person {
    pub user: UserId,
    pub token: String,
}

/// A running server.
pub struct World {
    pub runtime: Arc<Runtime>,
    pub address: String,
    /// An administrator.
    pub ann: Person,
    /// A user.
    pub bob: Person,
    pub runner_token: String,
    /// What the store is made of; it can be full.
    pub engine: MemoryEngine,
    client: Client,
    serving: Serving,
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ServerOptions)) -> Self {
        Self::with_both(change, |_| {}).await
    }

    pub async fn with_both(change: impl FnOnce(&mut ServerOptions), inside: impl FnOnce(&mut Options)) -> Self {
        Self::with_all(change, DraftOptions::default(), inside).await
    }

    /// A server whose model drafts workflows.
    pub async fn drafting(draft: DraftOptions) -> Self {
        // Who has left is noticed by the next heartbeats.
        Self::with_all(|options| options.heartbeat_every_ms = Span::ms(50), draft, |_| {}).await
    }

    async fn with_all(
        change: impl FnOnce(&mut ServerOptions),
        draft: DraftOptions,
        inside: impl FnOnce(&mut Options),
    ) -> Self {
        let mut options = options();
        change(&mut options);
        let engine = MemoryEngine::new();
        let (runtime, serving) = up(&engine, options, draft, keys(), inside).await;
        let (ann_token, runner_token) = (fresh_secret("test"), fresh_secret("test"));
        let tokens = vec![
            token("first", TokenRole::Admin, &ann_token),
            token("runner", TokenRole::Runner(RunnerScope::Pool("default".into())), &runner_token),
        ];
        let bootstrap = Command::Bootstrap { admin: "ann".into(), tokens };
        let Reply::Bootstrapped { admin, .. } = told(&runtime, bootstrap).await else { panic!("bootstrapped") };
        // In a build of the whole workspace reqwest has TLS, and wants to know with what; another test may have said so already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let mut world = Self {
            runtime,
            address: serving.address.to_string(),
            ann: Person { user: admin, token: ann_token },
            bob: Person { user: UserId::default(), token: String::new() },
            runner_token,
            engine,
            client: Client::new(),
            serving,
        };
        world.bob = world.person("bob").await;
        world
    }

    /// Stops, and starts anew over the same store at another address.
    pub async fn restart(self) -> Self {
        self.restart_with(keys()).await
    }

    /// The same, with other keys.
    pub async fn restart_with(self, keys: Keys) -> Self {
        timeout(BOUND, self.serving.stop()).await.expect("it stops in time");
        self.runtime.stop(Span::secs(5)).await;
        let draft = DraftOptions::default();
        let (runtime, serving) = up(&self.engine, options(), draft, keys, |_| {}).await;
        Self { address: serving.address.to_string(), runtime, serving, ..self }
    }

    /// Stops serving; ends once every socket was told and every request answered.
    pub async fn stop(self) {
        timeout(BOUND, self.serving.stop()).await.expect("it stops in time");
    }

    /// Has the server make an address that signs a browser in.
    pub fn sign_in_address(&self, token: &str) -> Option<String> {
        self.serving.sign_in_address(token)
    }

    /// Adds a user with a token.
    pub async fn person(&self, name: &str) -> Person {
        let add = Command::AddUser { by: Asker::Server, name: name.into(), role: Role::User };
        let Reply::UserAdded { user } = told(&self.runtime, add).await else { panic!("added") };
        let secret = fresh_secret("test");
        let issue = Command::IssueToken { by: Asker::Server, user, token: token("test", TokenRole::User, &secret) };
        told(&self.runtime, issue).await;
        Person { user, token: secret }
    }

    /// Sends a request and returns status and body.
    pub async fn ask(&self, who: &Person, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.ask_keyed(who, method, path, body, None).await
    }

    pub async fn ask_keyed(
        &self,
        who: &Person,
        method: &str,
        path: &str,
        body: Option<Value>,
        key: Option<&str>,
    ) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(&who.token);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(request).await
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(Method::from_bytes(method.as_bytes()).expect("a method"), format!("http://{}{path}", self.address))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = timeout(BOUND, request.send()).await.expect("in time").expect("an answer");
        let status = answer.status().as_u16();
        let text = timeout(BOUND, answer.text()).await.expect("in time").expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Opens a session and returns its id.
    pub async fn session(&self, who: &Person) -> String {
        let (status, body) = self.ask(who, "POST", "/api/sessions", Some(json!({}))).await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().expect("an id").to_owned()
    }

    /// Joins a session's socket.
    pub async fn join(&self, who: &Person, session: &str, after: Option<u64>) -> Socket {
        let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
        self.open(&format!("/api/sessions/{session}/ws{after}"), "tenure.client.v1", Some(&who.token))
            .await
            .expect("it opens")
    }

    /// Opens a websocket; a refusal is its status.
    pub async fn open(&self, path: &str, subprotocol: &str, token: Option<&str>) -> Result<Socket, u16> {
        self.open_with(path, subprotocol, token, &[]).await
    }

    pub async fn open_with(
        &self,
        path: &str,
        subprotocol: &str,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, u16> {
        use tokio_tungstenite::tungstenite::Error;
        let mut request = format!("ws://{}{path}", self.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().expect("a value"));
        if let Some(token) = token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a value"));
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        match timeout(BOUND, connect_async(request)).await.expect("in time") {
            Ok((stream, _)) => Ok(Socket { stream }),
            Err(Error::Http(refused)) => Err(refused.status().as_u16()),
            // The server agreed to another subprotocol than all of those offered.
            Err(error) => panic!("no socket: {error}"),
        }
    }
}

/// Connectors are fakes on this machine.
fn options() -> ServerOptions {
    ServerOptions { listen: "127.0.0.1:0".into(), connector_private_addresses: true, ..ServerOptions::default() }
}

fn keys() -> Keys {
    Keys::from(SigningKey::from([7; 32]))
}

async fn up(
    engine: &MemoryEngine,
    options: ServerOptions,
    draft: DraftOptions,
    keys: Keys,
    inside: impl FnOnce(&mut Options),
) -> (Arc<Runtime>, Serving) {
    let store = Store::with_engine(Arc::new(engine.clone())).expect("the store opens");
    let tools = StepTools::default();
    let mut within = Options { arbiters: 1, tools: Arc::new(tools.clone()), ..Options::new(store) };
    inside(&mut within);
    let runtime = Runtime::start(within).await.expect("it starts");
    let serving = serve(runtime.clone(), options, draft, keys, &tools).await.expect("it listens");
    (runtime, serving)
}

fn token(name: &str, role: TokenRole, secret: &str) -> NewToken {
    NewToken { name: name.into(), role, hash: hash_secret(secret), expires_at: None }
}

async fn told(runtime: &Runtime, command: Command) -> Reply {
    runtime.realm.ask(realm_id(), command).await.expect("the realm agrees").reply
}

/// A websocket whose waits have a bound.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How a socket ended.
#[derive(Debug, PartialEq)]
pub enum End {
    Closed(u16),
    Cut,
}

impl Socket {
    pub async fn send(&mut self, value: Value) {
        self.send_text(&value.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("it is sent");
    }

    /// Returns the next object, or how the socket ended.
    pub async fn hear(&mut self) -> Result<Value, End> {
        loop {
            match timeout(BOUND, self.stream.next()).await.expect("something comes in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("frames are JSON")),
                Some(Ok(Message::Close(frame))) => {
                    return Err(End::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(End::Cut),
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        self.hear().await.unwrap_or_else(|end| panic!("the socket ended: {end:?}"))
    }

    /// Returns the next object of a type, skipping others.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let value = self.next().await;
            if value["type"] == kind {
                return value;
            }
        }
    }

    /// Reads until the socket ends, and returns the code of the last problem that was told.
    pub async fn ending(&mut self) -> (Option<String>, End) {
        let mut code = None;
        loop {
            match self.hear().await {
                Ok(value) => code = value["problem"]["code"].as_str().map(str::to_owned).or(code),
                Err(end) => return (code, end),
            }
        }
    }
}

impl Socket {
    pub async fn stream_send_binary(&mut self) {
        self.stream.send(Message::binary(vec![1, 2, 3])).await.expect("it is sent");
    }
}
