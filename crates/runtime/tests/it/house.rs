//! A runtime in a test: a store that can fail, a runner that says what it is told to, and bounded waits.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tenure_journal::Store;
use tenure_journal::engine::MemoryEngine;
use tenure_model::chat::{FinishReason, PromptMode, TextKind};
use tenure_model::id::{BootId, RunnerId, SessionId, UserId};
use tenure_model::link::{AgentInfo, HeldWork, TurnFrame, WorkKind, WorkPhase, WorkSpec};
use tenure_runtime::{Clock, Heard, Joined, LinkId, Look, Options, Order, Roster, RunnerHello, Runtime};
use tenure_session::{Action, By, Command, Limits, Reply, RequestId, RunnerChoice, Session};
use tokio::sync::mpsc;
use uuid::Uuid;

pub const SESSION: SessionId = SessionId(Uuid::from_u128(0x5e55));
pub const RUNNER: RunnerId = RunnerId(Uuid::from_u128(0x4a));

/// Fails a test that waits for something that does not come.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(20), future).await;
    waited.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

pub fn ann() -> By {
    By { user: UserId(Uuid::from_u128(0xa22)), name: "ann".into(), admin: false }
}

pub struct House {
    pub engine: MemoryEngine,
    pub clock: Clock,
    pub runtime: Arc<Runtime>,
}

impl House {
    pub async fn new() -> Self {
        Self::with(Clock::Real, |_| {}).await
    }

    pub async fn with(clock: Clock, change: impl FnOnce(&mut Options)) -> Self {
        Self::over(MemoryEngine::new(), clock, change).await
    }

    pub async fn over(engine: MemoryEngine, clock: Clock, change: impl FnOnce(&mut Options)) -> Self {
        let store = Store::with_engine(Arc::new(engine.clone())).expect("the engine's rows verify");
        let mut options = Options::new(store);
        options.clock = clock.clone();
        change(&mut options);
        let runtime = within("the start", Runtime::start(options)).await.expect("the runtime starts");
        Self { engine, clock, runtime }
    }

    /// Ends everything without a word, as a crash would, and starts anew over what was written.
    pub async fn crash(self) -> Self {
        self.runtime.stop(tenure_model::Span::ZERO).await;
        Self::over(self.engine.clone(), self.clock.clone(), |_| {}).await
    }

    pub async fn say(&self, action: Action) -> Result<Reply, String> {
        self.say_as(None, action).await
    }

    pub async fn say_as(&self, request: Option<&str>, action: Action) -> Result<Reply, String> {
        let request = request.map(|id| RequestId::parse(id).expect("a request id"));
        let command = Command::Client { by: ann(), request, action };
        let asked = within("an answer", self.runtime.sessions.ask(SESSION, command)).await;
        asked.map(|answer| answer.reply).map_err(|error| error.to_string())
    }

    pub async fn open(&self) {
        self.open_choosing(RunnerChoice::default()).await;
    }

    /// Opens the session with a choice of its runners.
    pub async fn open_choosing(&self, choice: RunnerChoice) {
        let action = Action::Create {
            owner: ann().user,
            owner_name: "ann".into(),
            title: None,
            agent: None,
            model: None,
            purpose: Default::default(),
            mode: PromptMode::Followup,
            limits: Limits::default(),
            repo: None,
            runner: Box::new(choice),
        };
        self.say(action).await.expect("the session is created");
    }

    pub async fn prompt(&self, text: &str) -> Reply {
        self.say(prompt(text)).await.expect("the prompt is taken")
    }

    pub async fn look(&self) -> Look<Session> {
        within("a look", self.runtime.sessions.look(SESSION)).await.expect("the session can be read")
    }

    /// Waits until the session's state is as wanted, looking again after each of its commits.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Session) -> bool) {
        let mut news = self.runtime.sessions.feed().subscribe(SESSION, 1_000);
        within(what, async {
            while !wanted(&self.look().await.state) {
                news.next().await.expect("the feed goes on");
            }
        })
        .await;
    }
}

pub fn prompt(text: &str) -> Action {
    Action::Prompt { thread: None, text: text.into(), attachments: vec![], mode: None, agent: None, model: None }
}

/// A runner that does what the test says.
pub struct Puppet {
    pub roster: Roster,
    pub link: LinkId,
    pub verdicts: Vec<tenure_runtime::Verdict>,
    orders: mpsc::Receiver<Order>,
}

impl Puppet {
    pub async fn join(house: &House, boot: u128, held: Vec<HeldWork>) -> Self {
        Self::join_doing(house, boot, held, WorkKind::all()).await
    }

    pub async fn join_doing(house: &House, boot: u128, held: Vec<HeldWork>, kinds: Vec<WorkKind>) -> Self {
        Self::join_as(house, RUNNER, boot, held, kinds).await
    }

    pub async fn join_as(
        house: &House,
        runner: RunnerId,
        boot: u128,
        held: Vec<HeldWork>,
        kinds: Vec<WorkKind>,
    ) -> Self {
        Self::join_with(house, hello(runner, boot, held, kinds)).await
    }

    pub async fn join_with(house: &House, hello: RunnerHello) -> Self {
        let roster = house.runtime.roster.clone();
        let Joined { link, verdicts, orders } =
            within("the welcome", roster.join(hello)).await.expect("the runner is taken");
        Self { roster, link, verdicts, orders }
    }

    pub async fn order(&mut self) -> Order {
        within("an order", self.orders.recv()).await.expect("the link is open")
    }

    /// Waits until the server hangs up.
    pub async fn hung_up(&mut self) {
        within("the end of the link", async { while self.orders.recv().await.is_some() {} }).await;
    }

    pub fn hear(&self, heard: Heard) {
        self.roster.heard(self.link, heard).expect("the link stands");
    }

    /// Accepts what is offered until something is to be started.
    pub async fn take_work(&mut self) -> WorkSpec {
        loop {
            match self.order().await {
                Order::Offer { reference, .. } => self.hear(Heard::Accepted { reference }),
                Order::Start { reference, spec } => {
                    self.hear(Heard::Done { reference });
                    return *spec;
                }
                // It may say yes before the server believes it to be there; then it is asked again.
                Order::Drop { .. } => {}
                other => panic!("expected an offer or a start, got {other:?}"),
            }
        }
    }

    pub async fn frames(
        &self,
        spec: &WorkSpec,
        first: u64,
        frames: Vec<TurnFrame>,
    ) -> Result<u64, tenure_runtime::FramesRefused> {
        let sent = self.roster.frames(self.link, spec.session, spec.work, spec.generation, first, frames);
        within("the acknowledgement", sent).await
    }
}

pub fn text(offset: u64, text: &str) -> TurnFrame {
    TurnFrame::TextDelta { part: 0, kind: TextKind::Text, offset, text: text.into() }
}

pub fn created() -> TurnFrame {
    TurnFrame::MessageCreate { agent: "scripted".into(), model: None, agent_session: None }
}

pub fn finished() -> TurnFrame {
    TurnFrame::Finalize { reason: FinishReason::EndTurn, error: None, result: None }
}

pub fn held(spec: &WorkSpec, phase: WorkPhase, next_frame: u64) -> HeldWork {
    HeldWork { session: spec.session, work: spec.work, generation: spec.generation, phase, next_frame }
}

pub fn last_finish(session: &Session) -> Option<FinishReason> {
    session.threads.values().find_map(|thread| thread.last.as_ref()).map(|last| last.reason)
}

/// How a runner introduces itself that has one agent and two places.
pub fn hello(runner: RunnerId, boot: u128, held: Vec<HeldWork>, kinds: Vec<WorkKind>) -> RunnerHello {
    RunnerHello {
        runner,
        boot: BootId(Uuid::from_u128(boot)),
        name: "puppet".into(),
        pool: None,
        version: "test".into(),
        labels: vec![],
        capacity: 2,
        agents: vec![AgentInfo { name: "scripted".into(), kind: "scripted".into(), description: "a puppet".into() }],
        kinds,
        connectors: false,
        held,
        draining: false,
        sandbox: None,
    }
}
