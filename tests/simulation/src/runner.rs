//! A runner process: it takes works, and tells the server what they say until that is acknowledged.

mod works;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tenure_model::chat::FinishReason;
use tenure_model::id::{BootId, RunnerId, WorkId};
use tenure_model::link::{HeldWork, WorkOffer, WorkPhase};
use tenure_model::{Span, Timestamp};

use crate::net::{ConnId, Way};
use crate::plan::Flaw;
use crate::say::{Say, Verdict};
use crate::scene::{Event, RunnerStep, Scene, short};
use crate::truth::Fact;
use crate::work::{Spool, Work};

/// The part of a lease that is kept in hand, so that works are dead before it ends.
const LEASE_MARGIN_PERCENT: u64 = 20;
/// After so many heartbeats without any word the server is taken for deaf.
const SILENT_HEARTBEATS_MAX: u64 = 3;

/// One machine that runs a runner: its disk, and the process while there is one.
pub struct Runner {
    pub place: usize,
    pub id: RunnerId,
    pub start: u64,
    /// What is written for each work that was started.
    spools: BTreeMap<WorkId, Spool>,
    pub process: Option<Process>,
}

/// What a runner process has in memory.
pub struct Process {
    boot: BootId,
    capacity: usize,
    pub conn: Option<ConnId>,
    welcome: bool,
    pub works: BTreeMap<WorkId, Work>,
    /// Works that are over and acknowledged, so that a late repetition of their start starts nothing.
    finished: BTreeSet<(WorkId, u32)>,
    lease_until: Option<Timestamp>,
    /// When the heartbeats went out that have no answer yet.
    asked: VecDeque<Timestamp>,
    heard_at: Timestamp,
}

impl Runner {
    pub fn new(place: usize, scene: &mut Scene) -> Self {
        Self { place, id: scene.chance.id(), start: 0, spools: BTreeMap::new(), process: None }
    }

    /// The process starts: works of its last life are over, and are told from what was written.
    pub fn starts(&mut self, scene: &mut Scene) {
        self.start += 1;
        let mut works = BTreeMap::new();
        for (id, spool) in &mut self.spools {
            spool.end_interrupted();
            works.insert(*id, Work::recovered(spool));
        }
        self.process = Some(Process {
            boot: scene.chance.id(),
            capacity: scene.chance.between(1, 4) as usize,
            conn: None,
            welcome: false,
            works,
            finished: BTreeSet::new(),
            lease_until: None,
            asked: VecDeque::new(),
            heard_at: scene.now,
        });
        self.later(0, 300, RunnerStep::Connect, scene);
    }

    /// The process is killed. Only what was written survives.
    pub fn dies(&mut self, scene: &mut Scene) {
        let Some(process) = self.process.take() else { return };
        for (id, work) in &process.works {
            // The last line of a spool may be torn, when it was being written.
            let torn = work.has_unsent() && scene.chance.one_in(3);
            if let (true, Some(spool)) = (torn, self.spools.get_mut(id)) {
                spool.frames.pop();
            }
            if torn || work.phase != WorkPhase::Ended {
                scene.fact(Fact::RunnerLost { work: *id });
            }
        }
        if let Some(conn) = process.conn {
            scene.shut(conn, Way::FromServer);
        }
        self.start += 1;
    }

    fn later(&self, low_ms: u64, high_ms: u64, what: RunnerStep, scene: &mut Scene) {
        scene.within(low_ms, high_ms, Event::Runner { runner: self.place, start: self.start, what });
    }

    pub fn step(&mut self, step: RunnerStep, scene: &mut Scene) {
        match step {
            RunnerStep::Connect => unreachable!("the world connects"),
            RunnerStep::Heartbeat { conn } => self.heartbeat(conn, scene),
            RunnerStep::Speak { work } => self.speak(work, scene),
            RunnerStep::Gone { work } => self.end(work, scene),
            RunnerStep::LeaseEnds => self.lease_ends(scene),
        }
    }

    /// Is connected, and introduces itself.
    pub fn connected(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(process) = &mut self.process else { return };
        process.conn = Some(conn);
        (process.welcome, process.heard_at) = (false, scene.now);
        process.asked.clear();
        process.asked.push_back(scene.now);
        let held = process.held();
        let hello = Say::Hello { runner: self.id, boot: process.boot, capacity: process.capacity, held };
        scene.send(conn, Way::ToServer, hello);
        self.later(10_000, 10_000, RunnerStep::Heartbeat { conn }, scene);
    }

    /// Notices that its connection is over.
    pub fn left(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(process) = &mut self.process else { return };
        if process.conn != Some(conn) {
            return;
        }
        (process.conn, process.welcome) = (None, false);
        self.later(200, 4_000, RunnerStep::Connect, scene);
    }

    fn heartbeat(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(process) = &mut self.process else { return };
        if process.conn != Some(conn) {
            return;
        }
        let beat = scene.plan.heartbeat;
        if !process.welcome || scene.now.since(process.heard_at) > Span(beat.0 * SILENT_HEARTBEATS_MAX) {
            scene.shut(conn, Way::FromServer);
            return self.left(conn, scene);
        }
        process.works.values_mut().for_each(Work::nudge);
        process.asked.push_back(scene.now);
        let works = process.held();
        scene.send(conn, Way::ToServer, Say::Heartbeat { works });
        self.later(beat.0, beat.0, RunnerStep::Heartbeat { conn }, scene);
        self.pump(scene);
    }

    /// Takes what the server says.
    pub fn hear(&mut self, conn: ConnId, say: Say, scene: &mut Scene) {
        let Some(process) = self.process.as_mut().filter(|process| process.conn == Some(conn)) else {
            return;
        };
        process.heard_at = scene.now;
        match say {
            Say::Welcome { verdicts } => self.welcome(verdicts, scene),
            Say::Offer { effect, offer } => {
                let takes = process.accept(&offer);
                let answer = if takes { Say::Accept { effect } } else { Say::Decline { effect } };
                scene.send(conn, Way::ToServer, answer);
            }
            Say::Start { effect, spec } => {
                scene.send(conn, Way::ToServer, Say::Done { effect });
                self.begin(*spec, scene);
            }
            Say::Cancel { effect, work, generation, reason } => {
                scene.send(conn, Way::ToServer, Say::Done { effect });
                self.stop(work, generation, reason.finish(), scene);
            }
            Say::Answer { effect, work, generation, question, .. } => {
                scene.send(conn, Way::ToServer, Say::Done { effect });
                let work_of = process.works.get_mut(&work).filter(|work| work.generation == generation);
                if work_of.is_some_and(|work| work.hear(question)) {
                    self.later(1, 400, RunnerStep::Speak { work }, scene);
                }
            }
            Say::Ack { work, generation, next } => {
                if let Some(work) = process.works.get_mut(&work).filter(|work| work.generation == generation) {
                    work.acknowledge(next);
                }
            }
            Say::Drop { work, generation, why } => {
                scene.note(format!("runner {}", self.place), || format!("is to drop {}: {why}", short(work)));
                self.drop_work(work, generation, scene);
            }
            Say::HeartbeatAnswered => {
                if let Some(asked) = process.asked.pop_front() {
                    self.renew(asked, scene);
                }
            }
            other => unreachable!("a server does not say {other:?} to a runner"),
        }
        self.forget_told(scene);
        self.pump(scene);
    }

    fn welcome(&mut self, verdicts: Vec<Verdict>, scene: &mut Scene) {
        let Some(process) = self.process.as_mut().filter(|process| !process.welcome) else {
            return;
        };
        process.welcome = true;
        let asked = process.asked.pop_front().unwrap_or(scene.now);
        process.works.values_mut().for_each(Work::resume);
        self.renew(asked, scene);
        for verdict in verdicts {
            match verdict {
                Verdict::Drop { work, generation } => self.drop_work(work, generation, scene),
                Verdict::Keep { work, generation, next } => {
                    let works = self.process.as_mut().map(|process| &mut process.works);
                    let kept = works.and_then(|works| works.get_mut(&work));
                    if let Some(work) = kept.filter(|work| work.generation == generation) {
                        work.resume_from(next);
                    }
                }
            }
        }
    }

    /// The lease runs from the asking, not from the answer.
    fn renew(&mut self, asked: Timestamp, scene: &mut Scene) {
        let usable = Span(scene.plan.limits.lease_ms.0 / 100 * (100 - LEASE_MARGIN_PERCENT));
        let Some(process) = &mut self.process else { return };
        process.lease_until = process.lease_until.max(Some(asked + usable));
        let until = process.lease_until.unwrap_or(scene.now);
        scene.at(until, Event::Runner { runner: self.place, start: self.start, what: RunnerStep::LeaseEnds });
    }

    fn lease_ends(&mut self, scene: &mut Scene) {
        let Some(process) = &self.process else { return };
        if scene.plan.has(Flaw::RunnerNeverEnds) || process.lease_until.is_some_and(|until| until > scene.now) {
            return;
        }
        let open = process.works.iter().filter(|(_, work)| work.phase != WorkPhase::Ended);
        let open: Vec<_> = open.map(|(id, _)| *id).collect();
        for id in open {
            scene.fact(Fact::RunnerLost { work: id });
            if let Some(work) = self.process.as_mut().and_then(|process| process.works.get_mut(&id)) {
                work.stop = Some(FinishReason::Interrupted);
            }
            self.end(id, scene);
        }
    }

    /// Sends what was not sent on this connection.
    fn pump(&mut self, scene: &mut Scene) {
        let Some(process) = self.process.as_mut().filter(|process| process.welcome) else {
            return;
        };
        let Some(conn) = process.conn else { return };
        for (id, work) in &mut process.works {
            while let Some((first, frames)) = work.take(scene.chance.between(1, 6) as usize) {
                if scene.plan.has(Flaw::RunnerTrustsTheLink) {
                    work.acknowledge(first + frames.len() as u64);
                }
                let (session, generation) = (work.session, work.generation);
                scene.send(conn, Way::ToServer, Say::Frames { session, work: *id, generation, first, frames });
            }
        }
    }
}

impl Process {
    /// Reserves room for an offered work. The same offer twice is accepted twice.
    fn accept(&mut self, offer: &WorkOffer) -> bool {
        if self.works.contains_key(&offer.work) {
            return true;
        }
        let busy = self.works.values().filter(|work| work.phase != WorkPhase::Ended).count();
        if busy >= self.capacity {
            return false;
        }
        self.works.insert(offer.work, Work::accepted(offer.session, offer.generation));
        true
    }

    fn held(&self) -> Vec<HeldWork> {
        self.works.iter().map(|(id, work)| work.held(*id)).collect()
    }
}
