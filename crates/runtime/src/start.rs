//! Starting, watching over and stopping the runtime.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use actix::Arbiter;
use tenure_account::{Budgets, Owner, Policy, Realm, realm_id};
use tenure_journal::{EffectId, Store, StoreError};
use tenure_model::id::{ExecutionId, SessionId, UserId, WorkflowId};
use tenure_model::{EntityKey, Kind, Span, Timestamp};
use tenure_session::{Limits, Session};
use tenure_workflow::library::Workflow;
use tenure_workflow::{Execution, Gate, Scheduler, execution, gate, scheduler};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::alarms::Alarms;
use crate::clock::Clock;
use crate::core::Core;
use crate::courier::{Attempting, Courier};
use crate::couriers::Couriers;
use crate::directory::Directory;
use crate::inspect::Inspect;
use crate::lane::Lane;
use crate::lists::Lists;
use crate::options::Options;
use crate::owned::Owned;
use crate::roster::Roster;
use crate::runs::{self, GateNews, Runs, gate_id};
use crate::sandbox::Sandboxes;
use crate::schedules::Schedules;
use crate::stirs::Stirs;
use crate::voice::Voice;
use crate::writer::Writer;

/// How many alarms that go off together are seen to at once.
const WAKES_AT_ONCE: usize = 256;
/// When an entity that could not be woken is tried again.
const WAKE_AGAIN: Span = Span::secs(1);
/// How many waiting effects are read at once at the start.
const OUTBOX_PAGE: usize = 1_000;

/// Why the runtime did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("failed to start the writer")]
    Writer(#[source] std::io::Error),
    #[error("failed to read the store")]
    Store(#[from] StoreError),
    #[error("failed to wake {0}: {1}")]
    Wake(EntityKey, String),
}

/// The running system.
pub struct Runtime {
    pub sessions: Directory<Session>,
    pub owners: Directory<Owner>,
    pub realm: Directory<Realm>,
    pub workflows: Directory<Workflow>,
    pub executions: Directory<Execution>,
    pub gate: Directory<Gate>,
    /// One for each owner who has triggers.
    pub schedulers: Directory<Scheduler>,
    /// One for each owner whose agents call tools.
    pub policies: Directory<Policy>,
    /// One for each owner whose works are handed to runners.
    pub budgets: Directory<Budgets>,
    /// What belongs to owners, for whatever acts in their name.
    pub owned: Arc<Owned>,
    pub roster: Roster,
    pub lists: Lists,
    pub stirs: Stirs,
    pub clock: Clock,
    pub store: Store,
    /// What sessions are created with.
    pub session_limits: Limits,
    /// What runs are started with.
    pub execution_limits: execution::Limits,
    /// The kinds of sandboxes that sessions can have.
    pub sandboxes: Arc<Sandboxes>,
    gate_limits: gate::Limits,
    pub(crate) core: Arc<Core>,
    pub(crate) effects: Couriers,
    realm_view: Arc<RwLock<Arc<Realm>>>,
    realm_changed: watch::Receiver<u64>,
    arbiters: Mutex<Vec<Arbiter>>,
    stopping: Arc<AtomicBool>,
}

impl Runtime {
    /// Starts everything and returns once it is ready: alarms are set, waiting effects are with the courier, and every
    /// entity that has a work at a runner is awake. Needs a running actix system.
    pub async fn start(options: Options) -> Result<Arc<Self>, StartError> {
        let clock = options.clock.clone();
        let core = Arc::new(Core {
            store: options.store.clone(),
            writer: Writer::start(options.store.clone()).map_err(StartError::Writer)?,
            clock: clock.clone(),
            alarms: Alarms::default(),
            lists: Lists::default(),
            stirs: Stirs::default(),
            claims: Default::default(),
            waiters: Default::default(),
            runners_changed: watch::Sender::new(()),
            outstanding: Arc::new(Semaphore::new(options.outstanding_max)),
            snapshot_every: options.snapshot_every,
            retention: options.retention,
            set_aside: Mutex::default(),
        });
        let desk = Arbiter::new();
        let mut arbiters = vec![];
        let mut places = vec![];
        for _ in 0..options.arbiters.max(1) {
            let (arbiter, lane) = (Arbiter::new(), Arc::new(Lane::default()));
            arbiter.spawn(lane.clone().run());
            places.push((arbiter.handle(), lane));
            arbiters.push(arbiter);
        }
        let sessions = Directory::<Session>::new(core.clone(), places.clone());
        let owners = Directory::<Owner>::new(core.clone(), places.clone());
        let workflows = Directory::<Workflow>::new(core.clone(), places.clone());
        let executions = Directory::<Execution>::new(core.clone(), places.clone());
        let gate = Directory::<Gate>::new(core.clone(), places.clone());
        let schedulers = Directory::<Scheduler>::new(core.clone(), places.clone());
        let policies = Directory::<Policy>::new(core.clone(), places.clone());
        let budgets = Directory::<Budgets>::new(core.clone(), places.clone());
        let realm = Directory::<Realm>::new(core.clone(), places);

        let owned = Arc::new(Owned {
            owners: owners.clone(),
            workflows: workflows.clone(),
            sessions: sessions.clone(),
            session_limits: options.session.clone(),
        });
        let realm_view: Arc<RwLock<Arc<Realm>>> = Arc::default();
        let (changed, realm_changed) = watch::channel(0);
        let view = realm_view.clone();
        realm.on_state(move |state| {
            *view.write().expect("keeping the view does not panic") = Arc::new(state);
            changed.send_modify(|count| *count += 1);
        });

        let (limits, sandboxes) = (&options.session, options.sandboxes);
        let seats = (options.roster, sandboxes.clone());
        let roster = Roster::new(core.clone(), (sessions.clone(), executions.clone()), budgets.clone(), limits, seats);
        let runs = Arc::new(Runs {
            sessions: sessions.clone(),
            executions: executions.clone(),
            gate: gate.clone(),
            schedulers: schedulers.clone(),
            policies: policies.clone(),
            owned: owned.clone(),
            tools: options.tools,
            sandboxes: sandboxes.clone(),
        });
        let schedules = Arc::new(Schedules {
            schedulers: schedulers.clone(),
            executions: executions.clone(),
            owned: owned.clone(),
            realm: realm_view.clone(),
            store: options.store.clone(),
            limits: options.execution.clone(),
        });
        let voice =
            Arc::new(Voice { sessions: sessions.clone(), executions: executions.clone(), realm: realm_view.clone() });
        let (tasks, queue) = mpsc::unbounded_channel();
        desk.spawn(run_tasks(queue));
        let attempts_max = options.effect_attempts_max;
        let effects = Couriers {
            sessions: Courier::new(core.clone(), Arc::new(roster.clone()), tasks.clone(), attempts_max),
            executions: Courier::new(core.clone(), runs, tasks.clone(), attempts_max),
            gate: Courier::new(core.clone(), Arc::new(GateNews(executions.clone())), tasks.clone(), attempts_max),
            schedulers: Courier::new(core.clone(), schedules, tasks.clone(), attempts_max),
            policies: Courier::new(core.clone(), voice, tasks, attempts_max),
        };
        effects.serve(&sessions, &executions, &gate, &schedulers, &policies);

        let runtime = Arc::new(Self {
            sessions,
            owners,
            realm,
            workflows,
            executions,
            gate,
            schedulers,
            policies,
            budgets,
            owned,
            roster,
            lists: core.lists.clone(),
            stirs: core.stirs.clone(),
            clock,
            store: options.store,
            session_limits: options.session,
            execution_limits: options.execution,
            sandboxes,
            gate_limits: options.gate,
            core,
            effects,
            realm_view,
            realm_changed,
            arbiters: Mutex::new(arbiters),
            stopping: Arc::default(),
        });
        let planned = runtime.reconcile().await?;
        desk.spawn(runtime.roster.clone().usher());
        desk.spawn(runtime.roster.clone().clear_up());
        desk.spawn(runtime.clone().plan_anew(planned));
        desk.spawn(runtime.clone().keep_time());
        desk.spawn(runtime.clone().tire(options.passivate_after));
        runtime.arbiters.lock().expect("starting does not panic").push(desk);
        Ok(runtime)
    }

    /// Brings back what was under way: the rows of timers and of the outbox are read, never guessed. Returns whose triggers
    /// have planned something.
    async fn reconcile(&self) -> Result<Vec<UserId>, StartError> {
        let mut planned = vec![];
        // The realm is awake from the start: every request is judged by its view.
        if let Err(error) = self.realm.look(realm_id()).await {
            tracing::error!("the realm is not to be had, nobody can sign in: {error}");
        }
        for (timer, key) in self.store.timers()? {
            if timer.at.0 != u64::MAX {
                self.core.alarms.set(key, Some(timer.at));
            }
            if key.kind == Kind::Scheduler {
                planned.push(UserId(key.id));
            }
            if timer.claims
                && key.kind == Kind::Session
                && let Err(error) = self.sessions.look(SessionId(key.id)).await
            {
                tracing::error!(entity = %key, "{key} has works at runners and could not be woken: {error}");
            }
        }
        if let Err(error) = runs::reconcile(&self.gate, &self.executions, &self.gate_limits).await {
            return Err(StartError::Wake(EntityKey::new(Kind::Gate, gate_id()), error.to_string()));
        }
        let mut after: Option<EffectId> = None;
        loop {
            let page = self.store.outbox(after, OUTBOX_PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(planned) };
            after = Some(*last);
            page.into_iter().for_each(|(id, body)| self.effects.found(id, &body));
        }
    }

    /// Has triggers planned anew, because this server may know other rules of zones than the one before.
    async fn plan_anew(self: Arc<Self>, owners: Vec<UserId>) {
        for owner in owners {
            if let Err(error) = self.schedulers.ask(owner, scheduler::Command::Replan).await {
                tracing::error!(owner.id = %owner, "the triggers of {owner} cannot be planned anew: {error}");
            }
        }
    }

    /// Wakes entities when their time has come.
    async fn keep_time(self: Arc<Self>) {
        while !self.stopping.load(Ordering::Acquire) {
            match self.core.alarms.next() {
                Some(due) => tokio::select! {
                    () = self.clock.sleep_until(due) => {}
                    () = self.core.alarms.earlier() => continue,
                },
                None => {
                    self.core.alarms.earlier().await;
                    continue;
                }
            }
            let due = self.core.alarms.due(self.clock.now(), WAKES_AT_ONCE);
            futures_util::future::join_all(due.into_iter().map(|key| self.wake(key))).await;
        }
    }

    async fn wake(&self, key: EntityKey) {
        let woken = match key.kind {
            Kind::Session => self.sessions.wake(SessionId(key.id)).await,
            Kind::Owner => self.owners.wake(UserId(key.id)).await,
            Kind::Realm => self.realm.wake(key.id).await,
            Kind::Workflow => self.workflows.wake(WorkflowId(key.id)).await,
            Kind::Execution => self.executions.wake(ExecutionId(key.id)).await,
            Kind::Gate => self.gate.wake(key.id).await,
            Kind::Scheduler => self.schedulers.wake(UserId(key.id)).await,
            Kind::Policy => self.policies.wake(UserId(key.id)).await,
            Kind::Budget => self.budgets.wake(UserId(key.id)).await,
        };
        if !woken {
            self.core.alarms.set(key, Some(self.clock.now() + WAKE_AGAIN));
        }
    }

    /// Sends entities to sleep that nobody uses.
    async fn tire(self: Arc<Self>, after: Span) {
        while !self.stopping.load(Ordering::Acquire) {
            self.clock.sleep(Span((after.0 / 4).max(50))).await;
            let idle_since = self.clock.now() - after;
            self.sessions.passivate_idle(idle_since);
            self.owners.passivate_idle(idle_since);
            self.workflows.passivate_idle(idle_since);
            self.executions.passivate_idle(idle_since);
            self.schedulers.passivate_idle(idle_since);
            self.policies.passivate_idle(idle_since);
            self.budgets.passivate_idle(idle_since);
        }
    }

    /// Returns the realm as of its last durable commit.
    pub fn realm_view(&self) -> Arc<Realm> {
        self.realm_view.read().expect("keeping the view does not panic").clone()
    }

    /// Returns a counter that changes with every durable commit of the realm.
    pub fn realm_changes(&self) -> watch::Receiver<u64> {
        self.realm_changed.clone()
    }

    /// Returns what looks into the entities of a kind.
    pub fn inspect(&self, kind: Kind) -> &dyn Inspect {
        match kind {
            Kind::Realm => &self.realm,
            Kind::Owner => &self.owners,
            Kind::Session => &self.sessions,
            Kind::Workflow => &self.workflows,
            Kind::Execution => &self.executions,
            Kind::Gate => &self.gate,
            Kind::Scheduler => &self.schedulers,
            Kind::Policy => &self.policies,
            Kind::Budget => &self.budgets,
        }
    }

    /// Returns how many effects of an entity wait for the courier.
    pub fn waiting_effects(&self, key: EntityKey) -> usize {
        self.effects.waiting(key)
    }

    /// Sends everything to sleep within `limit`, settles what was handed to the writer, and ends the threads.
    pub async fn stop(&self, limit: Span) {
        self.stopping.store(true, Ordering::Release);
        let deadline = tokio::time::Instant::now() + limit.duration();
        self.sessions.passivate_idle(Timestamp(u64::MAX));
        self.owners.passivate_idle(Timestamp(u64::MAX));
        self.workflows.passivate_idle(Timestamp(u64::MAX));
        self.executions.passivate_idle(Timestamp(u64::MAX));
        self.schedulers.passivate_idle(Timestamp(u64::MAX));
        self.policies.passivate_idle(Timestamp(u64::MAX));
        self.budgets.passivate_idle(Timestamp(u64::MAX));
        // Works at runners keep their sessions awake; what they have on disk is all that a restart needs.
        while self.core.writer.figures().queued.load(Ordering::Relaxed) > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.core.outstanding.close();
        self.core.writer.stop();
        for arbiter in self.arbiters.lock().expect("stopping does not panic").drain(..) {
            arbiter.stop();
        }
    }
}

/// Runs the courier's rounds on one arbiter, all at once.
async fn run_tasks(mut queue: mpsc::UnboundedReceiver<Attempting>) {
    while let Some(task) = queue.recv().await {
        tokio::task::spawn_local(task);
    }
}
