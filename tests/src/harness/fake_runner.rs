//! A runner without processes: it speaks the runner protocol itself, so that a test can have much load and knows exactly
//! what was begun.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tenure_model::chat::{FinishReason, TextKind};
use tenure_model::id::{BootId, RunnerId, WorkId};
use tenure_model::link::{AgentInfo, HeldWork, TurnFrame, WorkKind, WorkOffer, WorkPhase, WorkSpec};
use tenure_model::workspace::WorkspaceTold;
use tenure_protocol::runner::{Hello, RunnerMessage, ServerMessage, WorkVerdict};
use tenure_protocol::{RUNNER_PROTOCOL, RUNNER_SUBPROTOCOL};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use super::in_time;
use super::socket::Over;

/// The name of its agent.
pub const AGENT: &str = "fake";
/// How many frames of each work go out in one beat, and how far the beats are apart.
const FRAMES_PER_BEAT: usize = 3;
const BEAT: Duration = Duration::from_millis(4);
const BEATS_PER_HEARTBEAT: u64 = 100;

/// How often each work was begun, by its prompt.
pub type Begun = Arc<Mutex<BTreeMap<String, u64>>>;

type Answer = dyn Fn(&str) -> Vec<String> + Send;

/// A runner in this process, which never gives up its server.
pub struct FakeRunner {
    address: String,
    token: String,
    runner: RunnerId,
    boot: BootId,
    /// Says what the agent answers to a prompt, piece by piece.
    answer: Box<Answer>,
    works: BTreeMap<WorkId, Work>,
    finished: BTreeSet<(WorkId, u32)>,
    begun: Begun,
}

/// One work: all its frames, how far they went out on this connection and ever, and how far they are durable.
struct Work {
    held: HeldWork,
    frames: Vec<TurnFrame>,
    sent: usize,
    sent_ever: usize,
    acked: usize,
}

impl FakeRunner {
    /// Starts a runner; it lives as long as the test.
    pub fn start(address: &str, token: &str, answer: impl Fn(&str) -> Vec<String> + Send + 'static) -> Begun {
        let begun = Begun::default();
        let runner = Self {
            address: address.to_owned(),
            token: token.to_owned(),
            runner: RunnerId(fresh()),
            boot: BootId(fresh()),
            answer: Box::new(answer),
            works: BTreeMap::new(),
            finished: BTreeSet::new(),
            begun: begun.clone(),
        };
        tokio::spawn(runner.stay());
        begun
    }

    async fn stay(mut self) {
        loop {
            let Err(Over(_)) = self.talk().await;
            // tidy: allow(sleep) because a runner that lost its server dials again after a pause, as real ones do
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, Over> {
        let mut line = Line::open(&self.address, &self.token).await?;
        line.say(&RunnerMessage::Hello(self.hello())).await?;
        let welcome = in_time("a welcome", line.hear()).await?;
        let ServerMessage::Welcome { works, .. } = welcome else { return Err(Over(format!("{welcome:?}"))) };
        self.welcomed(works);
        let mut beat = interval(BEAT);
        let mut beats = 0;
        loop {
            tokio::select! {
                message = line.hear() => {
                    if let Some(answer) = self.take(message?) {
                        line.say(&answer).await?;
                    }
                }
                _ = beat.tick() => {
                    beats += 1;
                    if beats % BEATS_PER_HEARTBEAT == 0 {
                        line.say(&RunnerMessage::Heartbeat { handled: None, works: self.held() }).await?;
                    }
                    for message in self.next_frames() {
                        line.say(&message).await?;
                    }
                }
            }
        }
    }

    fn hello(&self) -> Hello {
        Hello {
            protocol: RUNNER_PROTOCOL,
            runner: self.runner,
            boot: self.boot,
            name: AGENT.into(),
            version: "0".into(),
            labels: vec![],
            capacity: 100,
            agents: vec![AgentInfo {
                name: AGENT.into(),
                kind: "scripted".into(),
                description: "Says what a test expects; no model.".into(),
            }],
            connectors: false,
            kinds: WorkKind::all(),
            held: self.held(),
        }
    }

    fn held(&self) -> Vec<HeldWork> {
        let held = |work: &Work| HeldWork { next_frame: work.frames.len() as u64, ..work.held };
        self.works.values().map(held).collect()
    }

    fn welcomed(&mut self, verdicts: Vec<WorkVerdict>) {
        for verdict in verdicts {
            match verdict {
                WorkVerdict::Keep { work, generation, next } => self.acked(work, generation, next),
                WorkVerdict::Drop { work, generation, .. } => self.forget(work, generation),
            }
        }
        self.works.values_mut().for_each(|work| work.sent = work.acked);
    }

    /// Does what the server says, and returns the answer that it waits for.
    fn take(&mut self, message: ServerMessage) -> Option<RunnerMessage> {
        match message {
            ServerMessage::Offer { reference, offer } => {
                self.works.entry(offer.work).or_insert_with(|| Work::accepted(&offer));
                Some(RunnerMessage::Accept { reference })
            }
            ServerMessage::Start { reference, spec } => {
                self.begin(*spec);
                Some(RunnerMessage::Done { reference })
            }
            ServerMessage::Cancel { reference, work, generation, reason } => {
                if let Some(work) = self.work(work, generation) {
                    work.cancel(reason);
                }
                Some(RunnerMessage::Done { reference })
            }
            ServerMessage::Answer { reference, .. } => Some(RunnerMessage::Done { reference }),
            ServerMessage::Ask { reference, .. } => {
                let answer = WorkspaceTold::Unable { why: "this runner has no workspaces".into() };
                Some(RunnerMessage::Told { reference, answer })
            }
            ServerMessage::Ack { work, generation, next } => {
                self.acked(work, generation, next);
                None
            }
            ServerMessage::Drop { work, generation, .. } => {
                self.forget(work, generation);
                None
            }
            // It calls no tools, and reads no prompts.
            ServerMessage::Tools { .. } | ServerMessage::Called { .. } | ServerMessage::Refused { .. } => None,
            ServerMessage::Prompts { .. } | ServerMessage::Prompt { .. } => None,
            // It said in its hello that it starts none, so it is not asked.
            ServerMessage::Connector { .. } => None,
            ServerMessage::Welcome { .. } | ServerMessage::Heartbeat {} | ServerMessage::Problem { .. } => None,
        }
    }

    fn begin(&mut self, spec: WorkSpec) {
        let known = self.works.get(&spec.work).is_some_and(|work| work.held.phase != WorkPhase::Accepted);
        if known || self.finished.contains(&(spec.work, spec.generation)) {
            return;
        }
        *self.begun.lock().expect("nobody panics with it").entry(spec.text.clone()).or_default() += 1;
        let offer = WorkOffer {
            session: spec.session,
            work: spec.work,
            generation: spec.generation,
            agent: None,
            kind: Default::default(),
            home: None,
            placement: Default::default(),
        };
        let mut work = Work::accepted(&offer);
        work.held.phase = WorkPhase::Running;
        work.frames.push(TurnFrame::MessageCreate { agent: AGENT.into(), model: None, agent_session: None });
        let mut offset = 0;
        for text in (self.answer)(&spec.text) {
            let length = text.len() as u64;
            work.frames.push(TurnFrame::TextDelta { part: 0, kind: TextKind::Text, offset, text });
            offset += length;
        }
        work.frames.push(TurnFrame::Finalize { reason: FinishReason::EndTurn, error: None, result: None });
        self.works.insert(spec.work, work);
    }

    fn work(&mut self, work: WorkId, generation: u32) -> Option<&mut Work> {
        self.works.get_mut(&work).filter(|work| work.held.generation == generation)
    }

    fn acked(&mut self, id: WorkId, generation: u32, next: u64) {
        let Some(work) = self.work(id, generation) else { return };
        let next = usize::try_from(next).expect("it fits in memory");
        // The same number twice asks for the rest again.
        if next == work.acked {
            work.sent = work.acked;
        }
        work.acked = work.acked.max(next);
        work.sent = work.sent.max(work.acked);
        if work.held.phase != WorkPhase::Accepted && work.acked >= work.frames.len() {
            self.forget(id, generation);
        }
    }

    fn forget(&mut self, id: WorkId, generation: u32) {
        let begun = self.work(id, generation).is_some_and(|work| work.held.phase != WorkPhase::Accepted);
        if begun {
            self.finished.insert((id, generation));
        }
        self.works.remove(&id);
    }

    fn next_frames(&mut self) -> Vec<RunnerMessage> {
        let next = |(id, work): (&WorkId, &mut Work)| {
            let first = work.sent;
            work.sent = (first + FRAMES_PER_BEAT).min(work.frames.len());
            work.sent_ever = work.sent.max(work.sent_ever);
            let frames = work.frames[first..work.sent].to_vec();
            let HeldWork { session, generation, .. } = work.held;
            let message = RunnerMessage::Frames { session, work: *id, generation, first: first as u64, frames };
            (work.sent > first).then_some(message)
        };
        self.works.iter_mut().filter_map(next).collect()
    }
}

impl Work {
    fn accepted(offer: &WorkOffer) -> Self {
        let WorkOffer { session, work, generation, .. } = *offer;
        let held = HeldWork { session, work, generation, phase: WorkPhase::Accepted, next_frame: 0 };
        Self { held, frames: vec![], sent: 0, sent_ever: 0, acked: 0 }
    }

    /// Says nothing beyond what went out, and ends.
    fn cancel(&mut self, reason: FinishReason) {
        if self.sent_ever < self.frames.len() || self.held.phase == WorkPhase::Accepted {
            self.frames.truncate(self.sent_ever);
            self.frames.push(TurnFrame::Finalize { reason, error: None, result: None });
            self.held.phase = WorkPhase::Running;
        }
    }
}

/// The websocket to the server.
struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    async fn open(address: &str, token: &str) -> Result<Self, Over> {
        let mut request = format!("ws://{address}/link/runner").into_client_request().expect("the address is good");
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {token}").parse().expect("a token is plain text"));
        headers.insert("sec-websocket-protocol", RUNNER_SUBPROTOCOL.parse().expect("it is plain text"));
        let (socket, _) = Box::pin(connect_async(request)).await.map_err(|error| Over(error.to_string()))?;
        Ok(Self(socket))
    }

    async fn say(&mut self, message: &RunnerMessage) -> Result<(), Over> {
        let text = serde_json::to_string(message).expect("a message is plain data");
        self.0.send(Message::text(text)).await.map_err(|error| Over(error.to_string()))
    }

    async fn hear(&mut self) -> Result<ServerMessage, Over> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")));
                }
                Some(Ok(Message::Close(_))) | None => return Err(Over("the connection ended".into())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Over(error.to_string())),
            }
        }
    }
}

fn fresh() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    Uuid::from_bytes(bytes)
}
