//! One welcomed connection: hello and welcome, then hearing commands and telling frames side by side.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tenure_model::connector::ConnectorOrder;
use tenure_model::id::SessionId;
use tenure_model::link::WorkKind;
use tenure_model::workspace::{WorkspaceAsk, WorkspaceTold};
use tenure_protocol::RUNNER_PROTOCOL;
use tenure_protocol::runner::{Hello, RunnerMessage, ServerMessage};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tracing::{info, warn};

use super::connect::Lost;
use super::dial::Socket;
use crate::connectors;
use crate::error::RunnerError;
use crate::runner::Runner;
use crate::works::Stop;

/// How long the server may take to answer the hello.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// How many answers to commands may wait for the socket; then the next command is read later.
const ANSWERS_MAX: usize = 256;
/// How many questions about workspaces are looked into at once.
const ASKED_MAX: usize = 4;
/// The most bytes of frames in one message, so that a heartbeat is never far behind.
const BATCH_BYTES_MAX: u64 = 64 * 1024;
/// After so many heartbeats without any word the server is taken for deaf, but not sooner than a busy machine may need.
const SILENT_HEARTBEATS_MAX: u32 = 3;
const SILENCE_MIN: Duration = Duration::from_secs(3);

/// How often is looked for frames that are not acknowledged; what stays so from one look to the next is sent again.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// What a conversation is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    StayLinked,
    /// Ends by itself when the server knows the end of every work.
    TellAll,
}

/// A connection that the server has welcomed.
pub struct Conversation {
    runner: Arc<Runner>,
    socket: Socket,
    heartbeat: Duration,
    message_bytes_max: u64,
}

impl Conversation {
    /// Says hello and takes in what the server answers.
    pub async fn begin(mut socket: Socket, runner: Arc<Runner>) -> Result<Self, Lost> {
        let asked = Instant::now();
        send(&mut socket, &RunnerMessage::Hello(hello(&runner))).await?;
        let welcome = async {
            loop {
                match hear(&mut socket).await? {
                    Some(message) => return Ok(message),
                    None => continue,
                }
            }
        };
        let welcome = timeout(WELCOME_WITHIN, welcome)
            .await
            .map_err(|_| Lost::ForNow("the server did not answer the hello in time".to_owned()))??;
        match welcome {
            ServerMessage::Welcome { lease_ms, heartbeat_ms, message_bytes_max, works } => {
                runner.lease.grant(asked, lease_ms);
                runner.works.resume(&works);
                runner.calls.resume();
                let heartbeat = heartbeat_ms.duration().max(Duration::from_millis(10));
                Ok(Self { runner, socket, heartbeat, message_bytes_max })
            }
            ServerMessage::Problem { problem } if matches!(problem.status, 401 | 403) => {
                Err(Lost::ForGood(RunnerError::Refused { status: problem.status, reason: problem.detail }))
            }
            ServerMessage::Problem { problem } if matches!(problem.status, 400 | 422 | 426) => {
                Err(Lost::ForGood(RunnerError::Protocol(problem.detail)))
            }
            ServerMessage::Problem { problem } => Err(Lost::ForNow(problem.detail)),
            other => Err(Lost::ForNow(format!("the server answered the hello with {other:?}"))),
        }
    }

    /// Talks until the connection is lost, or the wish is fulfilled.
    pub async fn hold(self, wish: Wish) -> Lost {
        let (sink, stream) = self.socket.split();
        let (answers, waiting) = mpsc::channel(ANSWERS_MAX);
        let (handled_tx, handled) = tokio::sync::watch::channel(None);
        let asked = Arc::new(Semaphore::new(ASKED_MAX));
        // The wrapping of a message around what it brings is far less than a tenth of it.
        let bytes_max = usize::try_from(self.message_bytes_max / 10 * 9).unwrap_or(usize::MAX);
        let ear = Ear { runner: Arc::clone(&self.runner), stream, answers, handled: handled_tx, asked, bytes_max };
        let mouth = Mouth { runner: self.runner, sink, waiting, handled, message_bytes_max: self.message_bytes_max };
        tokio::select! {
            lost = ear.listen(SILENCE_MIN.max(self.heartbeat * SILENT_HEARTBEATS_MAX)) => lost,
            lost = mouth.speak(self.heartbeat, wish) => lost,
        }
    }
}

/// Hears the server.
struct Ear {
    runner: Arc<Runner>,
    stream: SplitStream<Socket>,
    answers: mpsc::Sender<RunnerMessage>,
    handled: tokio::sync::watch::Sender<Option<String>>,
    /// Questions about workspaces that may be answered at once.
    asked: Arc<Semaphore>,
    /// The most bytes that one message can bring the server.
    bytes_max: usize,
}

impl Ear {
    async fn listen(mut self, patience: Duration) -> Lost {
        loop {
            let message = match timeout(patience, hear(&mut self.stream)).await {
                Ok(Ok(Some(message))) => message,
                Ok(Ok(None)) => continue,
                Ok(Err(lost)) => return lost,
                Err(_) => return Lost::ForNow("the server says nothing any more".to_owned()),
            };
            if let Some(answer) = self.handle(message)
                && self.answers.send(answer).await.is_err()
            {
                return Lost::ForNow("the connection ended".to_owned());
            }
        }
    }

    /// Does what the server says, and returns the answer that it waits for. Every command may come twice.
    fn handle(&self, message: ServerMessage) -> Option<RunnerMessage> {
        let works = &self.runner.works;
        match message {
            ServerMessage::Offer { reference, offer } => {
                self.note(&reference);
                Some(match self.runner.accept(&offer) {
                    Ok(()) => RunnerMessage::Accept { reference },
                    Err(reason) => RunnerMessage::Decline { reference, reason },
                })
            }
            ServerMessage::Start { reference, mut spec } => {
                if let Some(access) = &mut spec.mcp {
                    access.url = self.runner.address.reach(&access.url);
                }
                self.runner.start(*spec);
                self.done(reference)
            }
            ServerMessage::Cancel { reference, work, generation, reason } => {
                works.cancel(work, generation, Stop::Canceled(reason));
                self.done(reference)
            }
            ServerMessage::Answer { reference, work, generation, question, answer } => {
                if let Some(work) = works.get(work, generation) {
                    work.answer(question, answer);
                }
                self.done(reference)
            }
            ServerMessage::Ask { reference, session, question } => {
                self.note(&reference);
                self.tell_of_workspace(reference, session, question);
                None
            }
            ServerMessage::Connector { reference, order } => {
                self.note(&reference);
                self.ask_connector(reference, *order);
                None
            }
            answer @ (ServerMessage::Tools { .. }
            | ServerMessage::Called { .. }
            | ServerMessage::Prompts { .. }
            | ServerMessage::Prompt { .. }
            | ServerMessage::Refused { .. }) => {
                self.runner.calls.answered(answer);
                None
            }
            ServerMessage::Ack { work, generation, next } => {
                works.ack(work, generation, next);
                None
            }
            ServerMessage::Drop { work, generation, problem } => {
                info!(work.id = %work, "the server drops the work {work}: {}", problem.detail);
                works.cancel(work, generation, Stop::Dropped);
                works.forget_told();
                None
            }
            ServerMessage::Heartbeat {} => {
                self.runner.lease.answered();
                None
            }
            ServerMessage::Problem { problem } => {
                warn!(problem.code = %problem.code, "the server objects: {}", problem.detail);
                None
            }
            ServerMessage::Welcome { .. } => {
                warn!("the server says welcome twice; the second one is ignored");
                None
            }
        }
    }

    /// Looks while the link goes on; a runner that is asked much answers what it can, and says so of the rest.
    fn tell_of_workspace(&self, reference: String, session: SessionId, question: WorkspaceAsk) {
        let (folders, answers) = (Arc::clone(&self.runner.folders), self.answers.clone());
        let place = Arc::clone(&self.asked).try_acquire_owned();
        tokio::spawn(async move {
            let answer = match place {
                Ok(_place) => folders.answer(session, question).await,
                Err(_) => WorkspaceTold::Unable { why: "this runner is asked too much at once".to_owned() },
            };
            // Nobody waits for it any more when the link has ended.
            let _ = answers.send(RunnerMessage::Told { reference, answer }).await;
        });
    }

    /// Asks while the link goes on. The server sends a question once, so an answer that comes too late is told to nobody.
    fn ask_connector(&self, reference: String, order: ConnectorOrder) {
        let (runner, answers, bytes_max) = (Arc::clone(&self.runner), self.answers.clone(), self.bytes_max);
        tokio::spawn(async move {
            let answer = connectors::answer(&runner, order, bytes_max).await;
            let _ = answers.send(RunnerMessage::ConnectorTold { reference, answer }).await;
        });
    }

    fn done(&self, reference: String) -> Option<RunnerMessage> {
        self.note(&reference);
        Some(RunnerMessage::Done { reference })
    }

    fn note(&self, reference: &str) {
        self.handled.send_replace(Some(reference.to_owned()));
    }
}

/// Speaks to the server.
struct Mouth {
    runner: Arc<Runner>,
    sink: SplitSink<Socket, Message>,
    waiting: mpsc::Receiver<RunnerMessage>,
    handled: tokio::sync::watch::Receiver<Option<String>>,
    /// The most bytes in one message that the server takes.
    message_bytes_max: u64,
}

impl Mouth {
    async fn speak(mut self, heartbeat: Duration, wish: Wish) -> Lost {
        // The wrapping of a message around its frames is far less than a tenth of it.
        let batch_bytes_max = BATCH_BYTES_MAX.min(self.message_bytes_max / 10 * 9);
        let mut beat = interval(heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let runner = Arc::clone(&self.runner);
        loop {
            if wish == Wish::TellAll && runner.works.all_told() {
                return Lost::ForNow("everything is told".to_owned());
            }
            let message = tokio::select! {
                biased;
                Some(answer) = self.waiting.recv() => answer,
                _ = beat.tick() => self.heartbeat(),
                _ = look.tick() => {
                    runner.works.nudge();
                    continue;
                }
                () = runner.calls.news() => match runner.calls.take(self.message_bytes_max) {
                    Some(call) => call,
                    None => continue,
                },
                () = runner.works.news() => match runner.works.take(batch_bytes_max) {
                    Some(frames) => frames,
                    None => continue,
                },
            };
            let frames = matches!(message, RunnerMessage::Frames { .. });
            if let Err(lost) = send(&mut self.sink, &message).await {
                return lost;
            }
            if frames {
                // There may be more than one message held.
                runner.works.call_news();
            }
        }
    }

    fn heartbeat(&self) -> RunnerMessage {
        self.runner.lease.ask();
        RunnerMessage::Heartbeat { handled: self.handled.borrow().clone(), works: self.runner.works.held() }
    }
}

fn hello(runner: &Runner) -> Hello {
    Hello {
        protocol: RUNNER_PROTOCOL,
        runner: runner.identity.runner,
        boot: runner.identity.boot,
        name: runner.config.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        labels: runner.config.labels.clone(),
        capacity: runner.config.capacity,
        agents: runner.agents.iter().map(|agent| agent.info()).collect(),
        kinds: WorkKind::all(),
        connectors: runner.connectors.are_kept(),
        held: runner.works.held(),
    }
}

/// Hears the next message; nothing for a frame that carries none.
async fn hear<S>(stream: &mut S) -> Result<Option<ServerMessage>, Lost>
where
    S: futures_util::Stream<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    let text = match stream.next().await {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Close(close))) => {
            let reason = close.map(|close| format!(": {} {}", close.code, close.reason)).unwrap_or_default();
            return Err(Lost::ForNow(format!("the server closed the connection{reason}")));
        }
        Some(Ok(_)) => return Ok(None),
        Some(Err(error)) => return Err(Lost::ForNow(error.to_string())),
        None => return Err(Lost::ForNow("the connection ended".to_owned())),
    };
    match serde_json::from_str(&text) {
        Ok(message) => Ok(Some(message)),
        Err(error) => {
            // A newer server may say things that this runner does not know; what it must know it repeats.
            warn!(%error, "the server said something that this runner does not understand");
            Ok(None)
        }
    }
}

async fn send<S>(sink: &mut S, message: &RunnerMessage) -> Result<(), Lost>
where
    S: futures_util::Sink<Message, Error = tokio_tungstenite::tungstenite::Error> + Unpin,
{
    let text = serde_json::to_string(message).expect("messages are plain data");
    sink.send(Message::text(text)).await.map_err(|error| Lost::ForNow(error.to_string()))
}
