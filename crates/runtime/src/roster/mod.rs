//! The roster: which runners are there, what they can do, and when they were last heard of.
//!
//! **Owns** connections, capacity and heartbeats, all of it in memory and rebuilt from hellos. **Does not own** who holds
//! which work: leases and generations are state of the sessions.

mod budgets;
mod claims;
mod connectors;
mod offers;
mod order;
mod pick;
mod places;
mod reports;
mod sandboxes;
mod waiters;
mod workspaces;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tenure_account::Budgets;
use tenure_model::budget::Prices;
use tenure_model::connector::ConnectorTold;
use tenure_model::id::{RunnerId, WorkId};
use tenure_model::link::HeldWork;
use tenure_model::workspace::WorkspaceTold;
use tenure_model::{Span, Timestamp};
use tenure_session::{Limits, Session};
use tenure_workflow::Execution;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::core::Core;
use crate::directory::Directory;
use crate::sandbox::Sandboxes;

pub(crate) use self::claims::Claims;
pub use self::connectors::{NoConnectorRunner, NotAnswered};
pub use self::order::{
    FramesRefused, Heard, LinkId, NotTold, Order, RosterRefusal, RunnerHello, RunnerState, SandboxSeat, Verdict,
};
pub use self::places::RunnerPlace;
pub(crate) use self::waiters::Waiters;

/// Limits and deadlines of the roster; leases are limits of sessions.
#[derive(Clone, Debug)]
pub struct RosterOptions {
    /// How long a runner may take to answer an order.
    pub order_timeout: Span,
    /// After how many unanswered orders in a row a connected runner counts as deaf.
    pub unanswered_max: u32,
    pub runners_max: usize,
    /// Orders that wait for one socket.
    pub orders_max: usize,
    /// Works that one runner may say it holds.
    pub held_max: usize,
    /// How long the works of a session wait for the runner that has its workspace, when it is away.
    pub home_wait: Span,
    /// What models cost.
    pub prices: Prices,
}

impl Default for RosterOptions {
    fn default() -> Self {
        Self {
            order_timeout: Span::secs(10),
            unanswered_max: 3,
            runners_max: 1_000,
            orders_max: 1_024,
            held_max: 10_000,
            home_wait: Span::mins(1),
            prices: Prices::default(),
        }
    }
}

/// The runners.
#[derive(Clone)]
pub struct Roster(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    sessions: Directory<Session>,
    executions: Directory<Execution>,
    budgets: Directory<Budgets>,
    options: RosterOptions,
    sandboxes: Arc<Sandboxes>,
    /// How long a runner may be silent before its works count as lost, and what is added before that is concluded.
    lease: Span,
    lease_margin: Span,
    runners: Mutex<BTreeMap<RunnerId, Runner>>,
    /// Rung when a runner has joined.
    joined: Notify,
    next_link: AtomicU64,
    next_ask: AtomicU64,
    started_at: Timestamp,
}

struct Runner {
    hello: RunnerHello,
    line: Option<Line>,
    joined_at: Timestamp,
    seen_at: Timestamp,
    /// When each work was last named in a heartbeat or a hello.
    works_seen: BTreeMap<(WorkId, u32), Timestamp>,
    handled: Option<String>,
    unanswered: u32,
    /// Offers under way.
    reserved: usize,
}

struct Line {
    link: LinkId,
    orders: mpsc::Sender<Order>,
    answers: HashMap<String, oneshot::Sender<OrderAnswer>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OrderAnswer {
    Accepted,
    Declined(String),
    Done,
    Told(WorkspaceTold),
    Connector(ConnectorTold),
}

enum OrderError {
    NotConnected,
    NoAnswer,
}

/// A link that was taken.
pub struct Joined {
    pub link: LinkId,
    pub verdicts: Vec<Verdict>,
    /// What the runner is to be told; ends when the link is to be closed.
    pub orders: mpsc::Receiver<Order>,
}

impl Roster {
    pub(crate) fn new(
        core: Arc<Core>,
        (sessions, executions): (Directory<Session>, Directory<Execution>),
        budgets: Directory<Budgets>,
        limits: &Limits,
        (options, sandboxes): (RosterOptions, Arc<Sandboxes>),
    ) -> Self {
        let started_at = core.clock.now();
        Self(Arc::new(Inner {
            core,
            sessions,
            executions,
            budgets,
            options,
            sandboxes,
            lease: limits.lease_ms,
            lease_margin: limits.lease_margin_ms,
            runners: Mutex::default(),
            joined: Notify::new(),
            next_link: AtomicU64::new(1),
            next_ask: AtomicU64::new(1),
            started_at,
        }))
    }

    /// Returns how long a runner may be silent before its works count as lost.
    pub fn lease(&self) -> Span {
        self.0.lease
    }

    fn runners(&self) -> MutexGuard<'_, BTreeMap<RunnerId, Runner>> {
        self.0.runners.lock().expect("keeping the roster does not panic")
    }

    /// Takes a connection of a runner that the caller has found to be who it says. What both sides believe of its works is compared first; a newer connection of the
    /// same runner takes the place of an older one.
    pub async fn join(&self, hello: RunnerHello) -> Result<Joined, RosterRefusal> {
        let options = &self.0.options;
        if hello.held.len() > options.held_max {
            return Err(RosterRefusal::TooMany { what: "held", actual: hello.held.len(), max: options.held_max });
        }
        self.make_room(hello.runner)?;
        self.hang_up(hello.runner, "a newer connection of this runner has taken its place");
        let verdicts = self.compare(&hello).await?;

        let now = self.0.core.clock.now();
        let link = LinkId { runner: hello.runner, number: self.0.next_link.fetch_add(1, Ordering::Relaxed) };
        let (orders, inbox) = mpsc::channel(options.orders_max);
        let works_seen = hello.held.iter().map(|held| ((held.work, held.generation), now)).collect();
        let line = Line { link, orders, answers: HashMap::new() };
        tracing::info!(runner.id = %hello.runner, "runner \"{}\" joined", hello.name);
        let runner = Runner {
            hello,
            line: Some(line),
            joined_at: now,
            seen_at: now,
            works_seen,
            handled: None,
            unanswered: 0,
            reserved: 0,
        };
        self.runners().insert(link.runner, runner);
        self.0.core.runners_changed.send_replace(());
        self.0.joined.notify_waiters();
        self.0.core.waiters.ring();
        Ok(Joined { link, verdicts, orders: inbox })
    }

    fn make_room(&self, newcomer: RunnerId) -> Result<(), RosterRefusal> {
        let max = self.0.options.runners_max;
        let mut runners = self.runners();
        if runners.contains_key(&newcomer) || runners.len() < max {
            return Ok(());
        }
        let gone = runners.iter().filter(|(_, runner)| runner.line.is_none()).min_by_key(|(_, runner)| runner.seen_at);
        let Some(gone) = gone.map(|(id, _)| *id) else {
            return Err(RosterRefusal::Full { max });
        };
        runners.remove(&gone);
        Ok(())
    }

    fn hang_up(&self, runner: RunnerId, reason: &str) {
        if let Some(runner) = self.runners().get_mut(&runner)
            && let Some(line) = runner.line.take()
        {
            // A full queue is closed by dropping it.
            let _ = line.orders.try_send(Order::Close { reason: reason.to_owned() });
            self.0.core.runners_changed.send_replace(());
        }
    }

    /// Notes what a runner said that is not frames.
    pub fn heard(&self, link: LinkId, heard: Heard) -> Result<(), RosterRefusal> {
        let now = self.0.core.clock.now();
        let mut runners = self.runners();
        let runner = runners.get_mut(&link.runner).ok_or(RosterRefusal::Replaced)?;
        let line = runner.line.as_mut().filter(|line| line.link == link).ok_or(RosterRefusal::Replaced)?;
        let (reference, answer) = match heard {
            Heard::Accepted { reference } => (reference, OrderAnswer::Accepted),
            Heard::Declined { reference, reason } => (reference, OrderAnswer::Declined(reason)),
            Heard::Done { reference } => (reference, OrderAnswer::Done),
            Heard::Told { reference, answer } => (reference, OrderAnswer::Told(answer)),
            Heard::ConnectorTold { reference, answer } => (reference, OrderAnswer::Connector(answer)),
            Heard::Heartbeat { handled, works } => {
                runner.seen_at = now;
                runner.handled = handled;
                runner.works_seen = works.iter().map(|held| ((held.work, held.generation), now)).collect();
                drop(runners);
                self.report_missing(link, works);
                return Ok(());
            }
        };
        runner.seen_at = now;
        runner.unanswered = 0;
        // An answer that nobody waits for any more is a repeat.
        if let Some(waiting) = line.answers.remove(&reference) {
            let _ = waiting.send(answer);
        }
        runner.handled = Some(reference);
        Ok(())
    }

    /// Notes that a link has ended. Its works go on at the runner until their leases end.
    pub fn left(&self, link: LinkId) {
        let mut runners = self.runners();
        let Some(runner) = runners.get_mut(&link.runner) else {
            return;
        };
        if runner.line.as_ref().is_some_and(|line| line.link == link) {
            tracing::info!(runner.id = %link.runner, "runner \"{}\" left", runner.hello.name);
            runner.line = None;
            let seat = runner.hello.sandbox;
            drop(runners);
            self.0.core.runners_changed.send_replace(());
            seat.into_iter().for_each(|seat| self.sandbox_left(seat));
        }
    }

    /// Lets a runner end what it has and gives it nothing new, or takes that back. The realm remembers it.
    pub fn drain(&self, runner: RunnerId, drain: bool) {
        if let Some(runner) = self.runners().get_mut(&runner) {
            runner.hello.draining = drain;
        }
        self.0.core.runners_changed.send_replace(());
        self.0.core.waiters.ring();
    }

    /// Lists the runners that are or were here.
    pub fn list(&self) -> Vec<RunnerState> {
        let runners = self.runners();
        let state = |(id, runner): (&RunnerId, &Runner)| RunnerState {
            id: *id,
            boot: runner.hello.boot,
            name: runner.hello.name.clone(),
            pool: runner.hello.pool.clone(),
            session: runner.hello.sandbox.map(|seat| seat.session),
            version: runner.hello.version.clone(),
            labels: runner.hello.labels.clone(),
            capacity: runner.hello.capacity,
            agents: runner.hello.agents.clone(),
            works: self.0.core.claims.of_runner(*id).into_iter().map(|(_, claim)| claim.work).collect(),
            connected: runner.line.is_some(),
            draining: runner.hello.draining,
            seen_at: runner.seen_at,
            handled: runner.handled.clone(),
        };
        runners.iter().map(state).collect()
    }

    /// Gives an order and waits for the answer. A runner that leaves order after order unanswered is deaf: its link is
    /// closed, and its leases are no longer renewed until it comes back.
    async fn order(&self, runner: RunnerId, order: Order) -> Result<OrderAnswer, OrderError> {
        let reference = order.reference().expect("orders that are awaited have a reference").to_owned();
        let (waiting, answer) = oneshot::channel();
        let deadline = self.0.core.clock.now() + self.0.options.order_timeout;
        {
            let mut runners = self.runners();
            let line =
                runners.get_mut(&runner).and_then(|runner| runner.line.as_mut()).ok_or(OrderError::NotConnected)?;
            line.answers.insert(reference.clone(), waiting);
            line.orders.try_send(order).map_err(|_| OrderError::NotConnected)?;
        }
        tokio::select! {
            answer = answer => answer.map_err(|_| OrderError::NotConnected),
            () = self.0.core.clock.sleep_until(deadline) => {
                self.unanswered(runner, &reference);
                Err(OrderError::NoAnswer)
            }
        }
    }

    fn unanswered(&self, id: RunnerId, reference: &str) {
        let mut runners = self.runners();
        let Some(runner) = runners.get_mut(&id) else { return };
        if let Some(line) = runner.line.as_mut() {
            line.answers.remove(reference);
        }
        runner.unanswered += 1;
        if runner.unanswered < self.0.options.unanswered_max {
            return;
        }
        runner.unanswered = 0;
        tracing::warn!(runner.id = %id, "runner \"{}\" is connected but deaf; its link is closed", runner.hello.name);
        drop(runners);
        self.hang_up(id, "orders stayed unanswered");
    }

    /// Sends what needs no answer, when the runner is there.
    fn tell(&self, runner: RunnerId, order: Order) {
        if let Some(line) = self.runners().get(&runner).and_then(|runner| runner.line.as_ref()) {
            // A runner that misses it hears it again with its next frames or its next hello.
            let _ = line.orders.try_send(order);
        }
    }

    /// Returns when the runner last gave a sign of life for a work. After a restart every lease runs anew from the start.
    fn seen(&self, runner: RunnerId, work: WorkId, generation: u32) -> Timestamp {
        let runners = self.runners();
        let seen = runners.get(&runner).and_then(|runner| runner.works_seen.get(&(work, generation)).copied());
        seen.unwrap_or_default().max(self.0.started_at)
    }
}

fn names(works: &[HeldWork], work: WorkId, generation: u32) -> bool {
    works.iter().any(|held| held.work == work && held.generation == generation)
}
