//! The host: the actor that runs one entity while it is awake.
//!
//! **Owns** the entity's state, its seq and its epoch. **Does not own** what becomes of effects, nor who watches.
//!
//! The order in which everything happens stands once, in [`Host::step`]: decide → apply to its own state → commit → and
//! only when the commit is durable: publish, hand effects to the courier, reply. Commands are pipelined: the next one is
//! decided while the last is being made durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use actix::prelude::*;
use tenure_journal::{Commit, Epoch, NewRecord, Position, Snapshot};
use tenure_model::{Ctx, Decision, Entity, EntityKey, Record, Timestamp};

use crate::directory::{Answer, AskError, Look, Shared};
use crate::lane::{Lane, NotDurable};
use crate::load::{self, Awake};
use crate::message::{Envelope, Job, Reply};
use crate::rows::Rows;
use crate::stirs::Stir;
use crate::tell::Told;

/// What snapshots may add to each record on average: a large state is written less often.
const SNAPSHOT_BYTES_PER_RECORD: u64 = 4 * 1024;
/// How many decisions one call of the clock makes at most: each decides only so much, and the rest is due still.
const DUE_AT_ONCE: usize = 16;

/// One awake entity.
pub struct Host<E: Entity> {
    key: EntityKey,
    shared: Arc<Shared<E>>,
    lane: Arc<Lane>,
    /// Tells this host from earlier ones of the same entity in the directory.
    incarnation: u64,
    condition: Condition,
    state: E,
    seq: u64,
    epoch: Epoch,
    rows: Rows,
    entropy: u128,
    since_snapshot: u64,
    /// After how many records another snapshot is worth its bytes.
    snapshot_pays_after: u64,
    used_at: Timestamp,
    flight: Arc<Flight>,
}

/// What the host's parked commits report back.
#[derive(Default)]
struct Flight {
    commits: AtomicUsize,
    position: AtomicU64,
    broken: AtomicBool,
}

enum Condition {
    Ready,
    /// The journal does not verify, or could not be read: every command hears why.
    Down {
        error: String,
        damaged: bool,
    },
}

impl<E: Entity> Host<E> {
    pub(crate) fn new(key: EntityKey, shared: Arc<Shared<E>>, lane: Arc<Lane>, incarnation: u64) -> Self {
        let now = shared.core.clock.now();
        Self {
            key,
            shared,
            lane,
            incarnation,
            condition: Condition::Ready,
            state: E::default(),
            seq: 0,
            epoch: Epoch::default(),
            rows: Rows::default(),
            entropy: 0,
            since_snapshot: 0,
            snapshot_pays_after: 0,
            used_at: now,
            flight: Arc::default(),
        }
    }

    fn wake_up(&mut self, loaded: Result<Awake<E>, load::LoadError>) {
        match loaded {
            Ok(awake) => {
                self.flight.position.store(awake.position.0, Ordering::Release);
                self.state = awake.state;
                self.seq = awake.seq;
                self.epoch = awake.epoch;
                self.since_snapshot = awake.since_snapshot;
                self.entropy = awake.entropy;
                self.rows = Rows::of(&self.state, self.key.id, awake.timer);
                self.shared.core.claims.set(self.key, self.rows.claims());
                self.shared.core.alarms.set(self.key, self.state.wake_at());
                self.shared.mirror(|| self.state.clone());
            }
            Err(error) => {
                let damaged = matches!(error, load::LoadError::Damaged(_));
                let error = error.to_string();
                tracing::error!(entity = %self.key, error, "{} could not be read: {error}", self.key);
                if damaged {
                    self.shared.core.set_aside(self.key, error.clone());
                }
                self.condition = Condition::Down { error, damaged };
            }
        }
        self.stirred(true);
    }

    /// Tells operators who listen that it has woken or goes to sleep.
    fn stirred(&self, awake: bool) {
        self.shared.core.stirs.tell(self.key, || {
            let broken = self.flight.broken.load(Ordering::Acquire);
            let durable = matches!(self.condition, Condition::Ready) && !broken;
            let position = Position(self.flight.position.load(Ordering::Acquire));
            Stir {
                awake,
                seq: durable.then_some(self.seq),
                position: durable.then_some(position),
                at: self.shared.core.clock.now(),
            }
        });
    }

    /// Decides, applies, commits, and tells once it is durable. Nothing else in Tenure writes or tells.
    fn step(
        &mut self,
        judge: impl FnOnce(&E, &Ctx) -> Result<Decision<E>, E::Refusal>,
        reply: Reply<E>,
        me: Addr<Self>,
    ) {
        let now = self.shared.core.clock.now();
        self.used_at = now;
        self.entropy = self.entropy.wrapping_add(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let ctx = Ctx { id: self.key.id, now, seq: self.seq + 1, entropy: self.entropy };

        // Decide.
        let decision = match judge(&self.state, &ctx) {
            Ok(decision) => decision,
            Err(refusal) => return self.answer(reply, Err(AskError::Refused(refusal))),
        };
        if decision.is_silent() {
            return self.answer(reply, Ok(decision.reply));
        }

        // Apply.
        for event in &decision.events {
            self.state.apply(event, now);
        }
        for delta in &decision.deltas {
            self.state.absorb(delta);
        }

        // Commit.
        let (commit, told) = self.commit_of(decision, now, me);
        let stands_on_snapshot = commit.snapshot.is_some();
        let flight = self.flight.clone();
        flight.commits.fetch_add(1, Ordering::AcqRel);
        let writer = self.shared.core.writer.clone();
        let lane = self.lane.clone();
        self.lane.commit(
            move |ticket| writer.commit(commit, lane, ticket),
            // Tell.
            Box::new(move |durable| {
                flight.commits.fetch_sub(1, Ordering::AcqRel);
                match durable {
                    Ok(position) => {
                        flight.position.store(position.0, Ordering::Release);
                        told.tell(position, reply);
                    }
                    Err(why) => {
                        // The first failure throws the awake state away; the next message replays.
                        if !flight.broken.swap(true, Ordering::AcqRel) {
                            told.me.do_send(Envelope::of(Job::Discard));
                        }
                        reply.send(Err(AskError::Unavailable(why.to_string())));
                    }
                }
            }),
        );
        if stands_on_snapshot {
            self.shared.core.compact(self.key, &self.state);
        }
    }

    /// Decides what is due, and goes on with it while that is made durable.
    fn act_on_time(&mut self, me: &Addr<Self>) {
        if !self.is_due() {
            // An early call, or one for a deadline that has moved: the alarm is set to the truth.
            return self.shared.core.alarms.set(self.key, self.state.wake_at());
        }
        self.rows.alarm_rang();
        for _ in 0..DUE_AT_ONCE {
            let seq = self.seq;
            self.step(|state, ctx| Ok(state.wake(ctx)), Reply::to_time(), me.clone());
            if self.seq == seq || !self.is_due() {
                return;
            }
        }
    }

    fn is_due(&self) -> bool {
        self.state.wake_at().is_some_and(|due| due <= self.shared.core.clock.now())
    }

    /// Answers what changed nothing, after the last commit that it could have seen.
    fn answer(&self, reply: Reply<E>, result: Result<E::Reply, AskError<E>>) {
        let flight = self.flight.clone();
        self.lane.read(Box::new(move |_| {
            if flight.broken.load(Ordering::Acquire) {
                return reply
                    .send(Err(AskError::Unavailable("the state it was answered from could not be stored".into())));
            }
            let position = Position(flight.position.load(Ordering::Acquire));
            reply.send(result.map(|reply| Answer { reply, position }));
        }));
    }

    /// Derives the rows of a decision's commit from the state as it is after it, and what is told of it later.
    fn commit_of(&mut self, decision: Decision<E>, at: Timestamp, me: Addr<Self>) -> (Commit, Told<E>) {
        let recorded = !decision.events.is_empty() || !decision.effects.is_empty();
        let mut commit = Commit::new(self.key, self.epoch);
        let mut events = decision.events;
        let mut effects = decision.effects;
        if recorded {
            self.seq += 1;
            let record = Record::<E> { seq: self.seq, at, events, effects };
            commit.record = Some(NewRecord::of(&record));
            events = record.events;
            effects = record.effects;
            commit.summaries = self.rows.changed_summaries(&self.state, self.key.id, &events);
            self.since_snapshot += 1;
            if self.since_snapshot >= self.shared.core.snapshot_every.max(self.snapshot_pays_after) {
                commit.snapshot = Some(self.snapshot());
            }
        }
        commit.timer = self.rows.changed_timer(&self.state);
        commit.deltas = decision.deltas.clone();
        commit.closes = decision.closes;
        let claims = self.rows.changed_claims(&self.state);
        let told = Told {
            key: self.key,
            shared: self.shared.clone(),
            me,
            reply: decision.reply,
            seq: recorded.then_some(self.seq),
            last_seq: self.seq,
            at,
            events,
            deltas: decision.deltas,
            effects,
            summaries: commit.summaries.clone(),
            alarm: self.rows.changed_alarm(&self.state),
            claims,
            mirror: (recorded && self.shared.has_mirror()).then(|| self.state.clone()),
            shown_with: self.state.shown_with(),
        };
        (commit, told)
    }

    fn snapshot(&mut self) -> Snapshot {
        self.since_snapshot = 0;
        let body = serde_json::to_vec(&self.state).expect("a state can be written as JSON");
        self.snapshot_pays_after = body.len() as u64 / SNAPSHOT_BYTES_PER_RECORD;
        Snapshot { seq: self.seq, body }
    }

    /// Goes to sleep when nothing is in flight: a snapshot first, when it would save reading.
    fn passivate(&mut self, idle_since: Timestamp, ctx: &mut Context<Self>) {
        let busy = self.flight.commits.load(Ordering::Acquire) > 0 || !self.rows.claims().is_empty();
        if busy || self.used_at > idle_since {
            return;
        }
        if self.since_snapshot == 0 || matches!(self.condition, Condition::Down { .. }) {
            return self.leave(ctx);
        }
        let mut commit = Commit::new(self.key, self.epoch);
        commit.snapshot = Some(self.snapshot());
        let flight = self.flight.clone();
        flight.commits.fetch_add(1, Ordering::AcqRel);
        let (writer, lane, me) = (self.shared.core.writer.clone(), self.lane.clone(), ctx.address());
        self.lane.commit(
            move |ticket| writer.commit(commit, lane, ticket),
            Box::new(move |durable: Result<Position, NotDurable>| {
                flight.commits.fetch_sub(1, Ordering::AcqRel);
                let job = if durable.is_ok() { Job::Passivate { idle_since } } else { Job::Discard };
                me.do_send(Envelope::of(job));
            }),
        );
        self.shared.core.compact(self.key, &self.state);
    }

    /// Ends this host. Messages that still come find a closed mailbox, and the directory sends them again.
    fn leave(&mut self, ctx: &mut Context<Self>) {
        if self.shared.forget(self.key.id, self.incarnation) {
            self.stirred(false);
        }
        self.shared.core.store.release(self.key, self.epoch);
        ctx.stop();
    }

    fn handle_ready(&mut self, job: Job<E>, ctx: &mut Context<Self>) {
        match job {
            Job::Command { command, reply } => self.step(|state, ctx| state.decide(command, ctx), reply, ctx.address()),
            Job::Wake { reply } => {
                self.act_on_time(&ctx.address());
                let flight = self.flight.clone();
                self.lane.read(Box::new(move |_| match flight.broken.load(Ordering::Acquire) {
                    true => reply.failed(),
                    false => reply.done(),
                }));
            }
            Job::Look { reply } => {
                let (flight, state, seq) = (self.flight.clone(), Arc::new(self.state.clone()), self.seq);
                let epoch = self.epoch;
                self.lane.read(Box::new(move |_| {
                    let position = Position(flight.position.load(Ordering::Acquire));
                    let in_flight = flight.commits.load(Ordering::Acquire);
                    reply.send(match flight.broken.load(Ordering::Acquire) {
                        false => Ok(Look { state, seq, position, epoch, in_flight }),
                        true => Err(AskError::Unavailable("the state could not be stored".into())),
                    });
                }));
            }
            Job::Wants { effect, reply } => {
                let _ = reply.send(self.state.wants(&effect));
            }
            Job::Passivate { idle_since } => self.passivate(idle_since, ctx),
            Job::Discard => self.leave(ctx),
        }
    }
}

impl<E: Entity> Actor for Host<E> {
    type Context = Context<Self>;

    /// Loads the state before the first message is looked at.
    fn started(&mut self, ctx: &mut Self::Context) {
        let loading = load::load::<E>(self.key, self.shared.core.clone());
        ctx.wait(loading.into_actor(self).map(|loaded, host, _| host.wake_up(loaded)));
    }
}

impl<E: Entity> Handler<Envelope<E>> for Host<E> {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<E>, ctx: &mut Self::Context) {
        if let Condition::Down { error, damaged } = &self.condition {
            let (error, damaged) = (error.clone(), *damaged);
            match envelope.job {
                Job::Passivate { .. } | Job::Discard => self.leave(ctx),
                job => {
                    job.fail(&error, damaged);
                    // A store that could not be read may be read later; a damaged journal stays set aside.
                    if !damaged {
                        self.leave(ctx);
                    }
                }
            }
            return;
        }
        if self.flight.broken.load(Ordering::Acquire) {
            envelope.job.fail("the last command could not be stored", false);
            return self.leave(ctx);
        }
        if catch_unwind(AssertUnwindSafe(|| self.handle_ready(envelope.job, ctx))).is_err() {
            // The state may be half changed: it is thrown away, and what it decided last is not written.
            tracing::error!(entity = %self.key, "{} failed on a bug; it restarts from its journal", self.key);
            self.flight.broken.store(true, Ordering::Release);
            self.leave(ctx);
        }
    }
}
