//! One server process: what it has in memory is gone when it dies.
//!
//! ```text
//!  people, runners ──▶ ask ──▶ host ──▶ lane ──flush──▶ journal
//!                                        └──release──▶ watchers, courier, whoever asked
//! ```

use std::collections::{BTreeMap, VecDeque};

use tenure_model::id::SessionId;
use tenure_model::{Entity, Timestamp};
use tenure_session::{Command, RequestId};

use crate::courier::{Courier, EffectId};
use crate::host::{Asker, Durable, Host, Parked, Tell, Write, nothing_to_write};
use crate::net::{ConnId, Peer, Way};
use crate::plan::Flaw;
use crate::roster::Roster;
use crate::say::{Answer, Say};
use crate::scene::{Event, Scene, ServerStep};
use crate::truth::Fact;
use crate::watch::Watchers;

/// One start of the server.
pub struct Server {
    pub start: u64,
    pub started_at: Timestamp,
    pub hosts: BTreeMap<SessionId, Host>,
    /// What waits for durability, in order.
    lane: VecDeque<Parked>,
    /// The position of each session's last commit that was told.
    pub told_up_to: BTreeMap<SessionId, u64>,
    alarms: BTreeMap<SessionId, Timestamp>,
    pub courier: Courier,
    pub roster: Roster,
    pub watchers: Watchers,
}

impl Server {
    /// Starts from what is on disk: alarms are set, sessions with works at runners are awake, effects are delivered.
    pub fn start(start: u64, scene: &mut Scene) -> Self {
        let mut server = Self {
            start,
            started_at: scene.now,
            hosts: BTreeMap::new(),
            lane: VecDeque::new(),
            told_up_to: BTreeMap::new(),
            alarms: BTreeMap::new(),
            courier: Courier::default(),
            roster: Roster::default(),
            watchers: Watchers::default(),
        };
        let known: Vec<_> = scene.journal.sessions.iter().map(|(id, s)| (*id, s.wake_at, s.has_claims)).collect();
        for (session, wake_at, has_claims) in known {
            server.set_alarm(session, wake_at, scene);
            if has_claims {
                server.host(session, scene);
            }
        }
        if !scene.plan.has(Flaw::CourierForgets) {
            for (id, effect) in scene.journal.outbox() {
                server.take_effect(id, effect, scene);
            }
        }
        server
    }

    /// Returns the awake host of a session, which is woken when it sleeps.
    pub fn host(&mut self, session: SessionId, scene: &mut Scene) -> &mut Host {
        self.hosts.entry(session).or_insert_with(|| {
            let host = Host::wake_up(&scene.journal, session);
            self.told_up_to.insert(session, scene.journal.sessions.get(&session).map_or(0, |s| s.position));
            self.roster.claims.insert(session, host.state.claims());
            host
        })
    }

    /// Brings a command to a session.
    pub fn ask(&mut self, session: SessionId, command: Command, asker: Asker, scene: &mut Scene) {
        let parked = self.host(session, scene).command(session, command, asker, scene);
        self.park(parked, scene);
    }

    /// Does one step of this process.
    pub fn step(&mut self, step: ServerStep, scene: &mut Scene) {
        match step {
            ServerStep::Flush => self.flush(scene),
            ServerStep::Release => self.release(scene),
            ServerStep::Alarm { session } => self.alarm(session, scene),
            ServerStep::Deliver { effect } => self.deliver(effect, scene),
            ServerStep::OrderUnanswered { effect, conn } => self.order_unanswered(effect, conn, scene),
            ServerStep::Read { conn } => self.read(conn, scene),
            ServerStep::Drained { conn } => self.drained(conn, scene),
        }
    }

    /// Takes a message.
    pub fn hear(&mut self, conn: ConnId, peer: Peer, say: Say, scene: &mut Scene) {
        let Peer::Person { person } = peer else {
            return self.hear_runner(conn, say, scene);
        };
        let (session, by) = (scene.cast[person].session, scene.cast[person].by.clone());
        match say {
            Say::Join { after } => self.join(conn, session, after, scene),
            Say::Want { request, id, action } => {
                let id = RequestId::parse(id).expect("people name their requests well");
                let command = Command::Client { by, request: Some(id), action };
                self.ask(session, command, Asker::Person { conn, request }, scene);
            }
            other => unreachable!("a person does not say {other:?}"),
        }
    }

    /// Notices that a connection is over.
    pub fn left(&mut self, conn: ConnId, scene: &mut Scene) {
        self.watchers.leave(conn);
        self.runner_left(conn, scene);
    }

    /// Lets what was parked be written, if that is needed, and told.
    pub fn park(&mut self, parked: Parked, scene: &mut Scene) {
        if let (true, Tell::Done { told, .. }) = (scene.plan.has(Flaw::TellsTooEarly), &parked.tell) {
            let news = told.news(scene.journal.position + 1);
            self.publish(parked.session, &news, scene);
        }
        self.lane.push_back(parked);
        self.schedule(ServerStep::Flush, 1, 15, scene);
    }

    pub fn park_look(&mut self, conn: ConnId, session: SessionId, scene: &mut Scene) {
        let state = std::rc::Rc::new(self.host(session, scene).state.clone());
        self.park(nothing_to_write(session, Tell::Look { conn, state }), scene);
    }

    /// Has an effect struck out of the outbox, some time.
    pub fn strike(&mut self, effect: EffectId, scene: &mut Scene) {
        let (write, durable) = (Some(Write::Strike(effect)), Durable::Waits);
        self.park(Parked { session: effect.session, write, durable, tell: Tell::Quiet }, scene);
    }

    fn schedule(&mut self, what: ServerStep, low_ms: u64, high_ms: u64, scene: &mut Scene) {
        scene.within(low_ms, high_ms, Event::Server { start: self.start, what });
    }

    /// The writer makes the first of what waits durable, as much as it likes; or the disk fails.
    fn flush(&mut self, scene: &mut Scene) {
        let waits = self.lane.iter().filter(|parked| parked.durable == Durable::Waits).count() as u64;
        if !scene.healed && scene.chance.one_in(500) && waits > 0 {
            scene.note("disk", || "a write fails".into());
            return self.fail(scene);
        }
        let mut room = if waits > 0 { scene.chance.between(1, waits) } else { 0 };
        let more = room < waits;
        for parked in self.lane.iter_mut().filter(|parked| parked.durable == Durable::Waits) {
            if room == 0 {
                break;
            }
            room -= 1;
            parked.durable = Durable::At(write(parked.write.take(), scene));
        }
        if more {
            self.schedule(ServerStep::Flush, 1, 15, scene);
        }
        self.schedule(ServerStep::Release, 0, 3, scene);
    }

    /// Nothing that waits becomes durable, and whoever decided it forgets it.
    fn fail(&mut self, scene: &mut Scene) {
        let mut broken: Vec<SessionId> = vec![];
        for parked in &mut self.lane {
            match (&parked.durable, &parked.write) {
                (Durable::Waits, Some(Write::Commit(_))) => broken.push(parked.session),
                (Durable::Nothing, _) if broken.contains(&parked.session) => {}
                _ => continue,
            }
            parked.durable = Durable::Failed;
        }
        self.hosts.retain(|session, _| !broken.contains(session));
        for session in broken {
            let wake_at = scene.journal.sessions.get(&session).and_then(|stored| stored.wake_at);
            self.set_alarm(session, wake_at, scene);
        }
        self.schedule(ServerStep::Release, 0, 3, scene);
    }

    /// Tells one thing after the other, as far as everything before it is durable.
    fn release(&mut self, scene: &mut Scene) {
        let Some(first) = self.lane.front() else { return };
        if first.durable == Durable::Waits {
            return;
        }
        let Parked { session, durable, tell, .. } = self.lane.pop_front().expect("it was just looked at");
        self.tell(session, durable, tell, scene);
        self.schedule(ServerStep::Release, 0, 1, scene);
    }

    fn tell(&mut self, session: SessionId, durable: Durable, tell: Tell, scene: &mut Scene) {
        match (tell, durable) {
            (Tell::Quiet, _) => {}
            (Tell::Done { asker, .. } | Tell::Answer { asker, .. }, Durable::Failed) => {
                self.answer(asker, None, scene);
            }
            (Tell::Look { conn, .. }, Durable::Failed) => self.park_look(conn, session, scene),
            (Tell::Answer { asker, result }, _) => self.answer(asker, Some(result), scene),
            (Tell::Look { conn, state }, _) => self.looked(conn, session, state, scene),
            (Tell::Done { asker, reply, told }, Durable::At(position)) => {
                let told_up_to = self.told_up_to.entry(session).or_default();
                *told_up_to = position.max(*told_up_to);
                self.roster.claims.insert(session, told.claims.clone());
                self.ring(scene);
                self.set_alarm(session, told.wake_at, scene);
                if !scene.plan.has(Flaw::TellsTooEarly) {
                    self.publish(session, &told.news(position), scene);
                }
                for (n, effect) in (0..).zip(told.effects) {
                    self.take_effect(EffectId { session, seq: told.seq, n }, effect, scene);
                }
                self.answer(asker, Some(Ok(reply)), scene);
            }
            (Tell::Done { .. }, other) => unreachable!("a commit is durable or failed, not {other:?}"),
        }
    }

    /// Tells whoever asked; nothing when the answer could not be stored.
    fn answer(
        &mut self,
        asker: Asker,
        result: Option<Result<tenure_session::Reply, tenure_session::Refusal>>,
        scene: &mut Scene,
    ) {
        let answer = match &result {
            None => Answer::Unavailable,
            Some(Ok(reply)) => Answer::Taken(reply.clone()),
            Some(Err(refusal)) => Answer::Refused(refusal.to_string()),
        };
        match asker {
            Asker::Nobody => {}
            Asker::Person { conn, request } => scene.send(conn, Way::FromServer, Say::Answered { request, answer }),
            Asker::Effect(effect) => self.reported(effect, answer, scene),
            Asker::Joining { conn, held } => self.compared(conn, held, answer, scene),
            Asker::Frames { conn, session, work, generation } => {
                if let Some(result) = result {
                    self.frames_taken((conn, session), (work, generation), result, scene);
                }
            }
        }
    }

    fn set_alarm(&mut self, session: SessionId, at: Option<Timestamp>, scene: &mut Scene) {
        let Some(at) = at else {
            self.alarms.remove(&session);
            return;
        };
        if self.alarms.insert(session, at) != Some(at) {
            scene.at(at, Event::Server { start: self.start, what: ServerStep::Alarm { session } });
        }
    }

    fn alarm(&mut self, session: SessionId, scene: &mut Scene) {
        if self.alarms.get(&session).is_none_or(|at| *at > scene.now) {
            return;
        }
        self.alarms.remove(&session);
        let now = scene.now;
        let host = self.host(session, scene);
        let wake_at = host.state.wake_at();
        if wake_at.is_some_and(|at| at <= now) {
            let parked = host.wake(session, scene);
            self.park(parked, scene);
        } else {
            self.set_alarm(session, wake_at, scene);
        }
    }

    /// Sends a session to sleep that nobody uses.
    pub fn passivate(&mut self, session: SessionId) {
        let resting = |host: &Host| host.state.claims().is_empty();
        let used = self.lane.iter().any(|parked| parked.session == session);
        if !used && self.hosts.get(&session).is_some_and(resting) {
            self.hosts.remove(&session);
        }
    }

    /// Tells whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.lane.is_empty() && self.courier.is_idle()
    }
}

/// Writes, unless the disk lies.
fn write(write: Option<Write>, scene: &mut Scene) -> u64 {
    match write {
        Some(Write::Commit(mut commit)) => {
            scene.fact(Fact::Committed { position: scene.journal.position + 1, commit: &commit });
            if scene.plan.has(Flaw::JournalLosesDeltas) && scene.chance.one_in(4) {
                commit.deltas.clear();
            }
            if scene.plan.has(Flaw::JournalLosesRecords) && scene.chance.one_in(10) {
                commit.record = None;
            }
            scene.journal.commit(&commit)
        }
        Some(Write::Strike(effect)) => {
            scene.journal.strike(effect);
            scene.journal.position
        }
        None => unreachable!("what waits for the writer has something to write"),
    }
}
