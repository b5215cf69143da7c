//! A server that a test plays by hand, and a runner that talks to it.
#![allow(dead_code, reason = "each test file uses its own part")]

mod ledger;
pub mod repo;
pub mod sandbox;
pub mod scene;

use std::path::Path;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tenure_model::chat::FinishReason;
use tenure_model::id::{SessionId, ThreadId, WorkId};
use tenure_model::link::{ShellWork, TurnFrame, WorkOffer, WorkSpec};
use tenure_model::time::Span;
use tenure_protocol::runner::{Hello, RunnerMessage, ServerMessage, WorkVerdict};
use tenure_runner::{AgentConfig, Config, RunnerError, Workspaces};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use ledger::Ledger;

/// The longest that anything may take before a test gives up.
pub const BOUND: Duration = Duration::from_secs(60);
pub const TOKEN: &str = "the-right-token";

/// Listens for runners.
pub struct FakeServer {
    listener: TcpListener,
}

impl FakeServer {
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// Waits for a runner, checks how it asks to be let in, and hears its hello.
    pub async fn next_link(&self) -> (Link, Hello) {
        let mut link = bounded(self.next_socket()).await;
        let hello = match link.hear_raw().await {
            Some(RunnerMessage::Hello(hello)) => hello,
            other => panic!("expected a hello, not {other:?}"),
        };
        (link, hello)
    }

    /// Like [`FakeServer::next_link`], and welcomes the runner; its works go on from where `ledger` is.
    pub async fn welcome(&self, ledger: &Ledger) -> Link {
        let (mut link, hello) = self.next_link().await;
        let works = hello
            .held
            .iter()
            .map(|held| WorkVerdict::Keep { work: held.work, generation: held.generation, next: ledger.next() })
            .collect();
        link.say(&welcome_with(Span::secs(60), Span::secs(5), works)).await;
        link
    }

    /// Refuses the next runner with a status.
    pub async fn refuse(&self, status: StatusCode) {
        let (stream, _) = bounded(self.listener.accept()).await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library wants it so")]
        let refuse = |_: &Request, _: Response| -> Result<Response, ErrorResponse> {
            let mut answer = ErrorResponse::new(None);
            *answer.status_mut() = status;
            Err(answer)
        };
        let refused = tokio_tungstenite::accept_hdr_async(stream, refuse).await;
        assert!(refused.is_err());
    }

    async fn next_socket(&self) -> Link {
        let (stream, _) = self.listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library wants it so")]
        let check = |request: &Request, mut answer: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri().path(), "/link/runner");
            assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}").as_str());
            assert_eq!(request.headers()["sec-websocket-protocol"], "tenure.runner.v1");
            answer.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("tenure.runner.v1"));
            Ok(answer)
        };
        Link { socket: tokio_tungstenite::accept_hdr_async(stream, check).await.unwrap(), answers_heartbeats: true }
    }
}

/// The server's end of one connection.
pub struct Link {
    socket: WebSocketStream<TcpStream>,
    pub answers_heartbeats: bool,
}

impl Link {
    pub async fn say(&mut self, message: &ServerMessage) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).await.unwrap();
    }

    /// Hears the next message that is no heartbeat; heartbeats are answered.
    pub async fn hear(&mut self) -> RunnerMessage {
        loop {
            match self.hear_raw().await.expect("the runner stays linked") {
                RunnerMessage::Heartbeat { .. } if self.answers_heartbeats => {
                    self.say(&ServerMessage::Heartbeat {}).await;
                }
                RunnerMessage::Heartbeat { .. } => {}
                message => return message,
            }
        }
    }

    async fn hear_raw(&mut self) -> Option<RunnerMessage> {
        loop {
            match bounded(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Hears until the answer to `reference` comes; frames on the way are entered into the ledger.
    pub async fn hear_done(&mut self, reference: &str, ledger: &mut Ledger) {
        loop {
            match self.hear().await {
                RunnerMessage::Done { reference: done } if done == reference => return,
                RunnerMessage::Frames { first, frames, .. } => ledger.enter(first, frames),
                other => panic!("expected done {reference}, not {other:?}"),
            }
        }
    }

    /// Offers a work, and starts it when it is accepted.
    pub async fn start(&mut self, spec: &WorkSpec, ledger: &mut Ledger) {
        let offer = WorkOffer {
            session: spec.session,
            work: spec.work,
            generation: spec.generation,
            agent: None,
            kind: spec.kind(),
            home: None,
            placement: Default::default(),
        };
        self.say(&ServerMessage::Offer { reference: "offer".into(), offer }).await;
        match self.hear().await {
            RunnerMessage::Accept { reference } => assert_eq!(reference, "offer"),
            other => panic!("expected an acceptance, not {other:?}"),
        }
        self.say(&ServerMessage::Start { reference: "start".into(), spec: Box::new(spec.clone()) }).await;
        self.hear_done("start", ledger).await;
    }

    /// Enters frames until the condition holds, and acknowledges what came.
    pub async fn hear_until(&mut self, ledger: &mut Ledger, spec: &WorkSpec, met: impl Fn(&Ledger) -> bool) {
        while !met(ledger) {
            match self.hear().await {
                RunnerMessage::Frames { session, work, generation, first, frames } => {
                    assert_eq!((session, work, generation), (spec.session, spec.work, spec.generation));
                    ledger.enter(first, frames);
                    self.ack(spec, ledger.next()).await;
                }
                other => panic!("expected frames, not {other:?}"),
            }
        }
    }

    /// Enters frames until the last one of the turn, and returns it.
    pub async fn hear_end(&mut self, ledger: &mut Ledger, spec: &WorkSpec) -> (FinishReason, Option<String>) {
        self.hear_until(ledger, spec, |ledger| ledger.end().is_some()).await;
        ledger.end().unwrap()
    }

    pub async fn ack(&mut self, spec: &WorkSpec, next: u64) {
        self.say(&ServerMessage::Ack { work: spec.work, generation: spec.generation, next }).await;
    }
}

pub fn welcome_with(lease_ms: Span, heartbeat_ms: Span, works: Vec<WorkVerdict>) -> ServerMessage {
    ServerMessage::Welcome { lease_ms, heartbeat_ms, message_bytes_max: 1024 * 1024, works }
}

/// A runner in this process.
pub struct Running {
    pub folder: TempDir,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<Result<(), RunnerError>>,
}

/// Returns settings with the agents `script` (which plays `script`, without pauses) and `shell`.
pub fn config(server: &FakeServer, folder: &Path, script: &str) -> Config {
    let file = folder.join("script.yaml");
    std::fs::write(&file, script).unwrap();
    let mut config = Config::new(server.url(), TOKEN, folder.join("data"));
    let workspace = folder.join("workspace");
    config.workspaces = Workspaces::Shared(workspace);
    config.agents = vec![
        AgentConfig::Scripted { name: "script".into(), scripts: file, pace_percent: Some(100) },
        AgentConfig::Shell { name: "shell".into() },
    ];
    config
}

/// Starts a runner with these settings.
pub fn run_with(folder: TempDir, config: Config) -> Running {
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(tenure_runner::run(config, shutdown.clone()));
    Running { folder, shutdown, task }
}

/// Starts a runner whose agent plays `script`.
pub fn run_script(server: &FakeServer, script: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let config = config(server, folder.path(), script);
    run_with(folder, config)
}

impl Running {
    /// Stops the runner and waits for it.
    pub async fn stop(self) {
        self.shutdown.cancel();
        bounded(self.task).await.unwrap().unwrap();
    }

    pub fn workspace_file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("workspace").join(name)).unwrap()
    }
}

/// Returns a fresh work for an agent.
pub fn spec(agent: &str, text: &str) -> WorkSpec {
    WorkSpec {
        session: SessionId(fresh()),
        thread: ThreadId(fresh()),
        work: WorkId(fresh()),
        generation: 1,
        agent: Some(agent.to_owned()),
        model: None,
        agent_session: None,
        text: text.to_owned(),
        attachments: Vec::new(),
        timeout_ms: Span::mins(10),
        ..WorkSpec::default()
    }
}

/// Returns a fresh work that runs a command.
pub fn shell_spec(command: &str) -> WorkSpec {
    let shell = ShellWork { command: command.to_owned(), ..ShellWork::default() };
    WorkSpec { shell: Some(shell), agent: None, ..spec("shell", command) }
}

pub async fn bounded<T>(future: impl Future<Output = T>) -> T {
    timeout(BOUND, future).await.expect("it happens within the bound")
}

/// Waits until the condition holds; it is looked at again whenever other tasks had their turn.
pub async fn until(met: impl Fn() -> bool) {
    bounded(async {
        while !met() {
            // tidy: allow(sleep) because the process table tells nobody when it changes; the wait is bounded.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Says whether a process runs; a zombie does not.
pub fn runs(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with(['Z', 'X']))
}

/// Reads the numbers that a command has printed so far.
pub fn printed_numbers(ledger: &Ledger) -> Vec<i32> {
    let output = ledger.output();
    let whole = output.rfind('\n').map_or("", |end| &output[..end]);
    whole.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Says whether the frame is a question.
pub fn is_question(frame: &TurnFrame) -> bool {
    matches!(frame, TurnFrame::Question { .. })
}

fn fresh() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    Uuid::from_bytes(bytes)
}
