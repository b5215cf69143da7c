//! The roster as the runtime has it: which runners are there, when they were last heard of, what is claimed of them.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::id::{BootId, RunnerId, SessionId, WorkId};
use tenure_model::link::HeldWork;
use tenure_model::{Claim, Timestamp};
use tenure_session::{Command, Decline, Refusal, Reply, Report};

use crate::courier::{EffectId, Ordered};
use crate::host::Asker;
use crate::net::{ConnId, Way};
use crate::plan::Flaw;
use crate::say::{Answer, Say, Verdict};
use crate::scene::{Scene, short};
use crate::server::Server;

/// After how many unanswered orders in a row a connected runner counts as deaf.
const UNANSWERED_MAX: u32 = 3;

/// The runners as one server process knows them, and the works that sessions believe to be at them.
#[derive(Default)]
pub struct Roster {
    lines: BTreeMap<RunnerId, Line>,
    pub claims: BTreeMap<SessionId, Vec<Claim>>,
    joining: BTreeMap<ConnId, Joining>,
}

struct Line {
    boot: BootId,
    capacity: usize,
    conn: Option<ConnId>,
    works_seen: BTreeMap<(WorkId, u32), Timestamp>,
    unanswered: u32,
    reserved: usize,
    /// The effects whose orders are not answered.
    waiting: BTreeSet<EffectId>,
}

/// A runner whose works are being compared with what sessions believe.
struct Joining {
    runner: RunnerId,
    boot: BootId,
    capacity: usize,
    held: Vec<HeldWork>,
    open_questions: usize,
    verdicts: Vec<Verdict>,
    failed: bool,
}

impl Roster {
    /// Chooses the least busy runner with a free place, and reserves the place.
    pub fn pick(&mut self, passed_over: &[RunnerId]) -> Result<RunnerId, Decline> {
        let claimed =
            |runner: &RunnerId| self.claims.values().flatten().filter(|claim| claim.runner == *runner).count();
        let here = |(id, line): &(&RunnerId, &Line)| line.conn.is_some() && !passed_over.contains(id);
        let connected: Vec<_> = self.lines.iter().filter(here).collect();
        if connected.is_empty() {
            return Err(Decline::NoRunner);
        }
        let used = connected.iter().map(|(id, line)| (line.reserved + claimed(id), line.capacity, **id));
        let free = used.filter(|(used, capacity, _)| used < capacity).min_by_key(|(used, _, id)| (*used, *id));
        let (_, _, runner) = free.ok_or(Decline::Busy)?;
        self.lines.get_mut(&runner).expect("it was just found").reserved += 1;
        Ok(runner)
    }

    pub fn unreserve(&mut self, runner: RunnerId) {
        if let Some(line) = self.lines.get_mut(&runner) {
            line.reserved = line.reserved.saturating_sub(1);
        }
    }

    /// Notes that an order is about to be given; none when the runner is away.
    pub fn expect_answer(&mut self, runner: RunnerId, effect: EffectId) -> Option<(ConnId, BootId)> {
        let line = self.lines.get_mut(&runner)?;
        let conn = line.conn?;
        line.waiting.insert(effect);
        Some((conn, line.boot))
    }

    pub fn forget_answer(&mut self, runner: RunnerId, effect: EffectId) {
        if let Some(line) = self.lines.get_mut(&runner) {
            line.waiting.remove(&effect);
            line.unanswered += 1;
        }
    }

    pub fn is_deaf(&mut self, runner: RunnerId) -> bool {
        let Some(line) = self.lines.get_mut(&runner) else {
            return false;
        };
        let deaf = line.unanswered >= UNANSWERED_MAX;
        if deaf {
            line.unanswered = 0;
        }
        deaf
    }

    /// Sends what needs no answer, when the runner is there.
    pub fn tell(&self, runner: RunnerId, say: Say, scene: &mut Scene) {
        if let Some(conn) = self.lines.get(&runner).and_then(|line| line.conn) {
            scene.send(conn, Way::FromServer, say);
        }
    }

    /// Returns when a runner last gave a sign of life for a work.
    pub fn seen(&self, runner: RunnerId, work: WorkId, generation: u32) -> Timestamp {
        let line = self.lines.get(&runner);
        line.and_then(|line| line.works_seen.get(&(work, generation)).copied()).unwrap_or_default()
    }

    fn runner_on(&self, conn: ConnId) -> Option<RunnerId> {
        self.lines.iter().find(|(_, line)| line.conn == Some(conn)).map(|(id, _)| *id)
    }

    /// Lists the works that sessions claim of a runner and that it does not name itself.
    fn missing(&self, runner: RunnerId, held: &[HeldWork]) -> Vec<(SessionId, Claim)> {
        let named = |claim: &Claim| held.iter().any(|h| h.work == claim.work && h.generation == claim.generation);
        let all = self.claims.iter().flat_map(|(session, claims)| claims.iter().map(|claim| (*session, *claim)));
        all.filter(|(_, claim)| claim.runner == runner && !named(claim)).collect()
    }
}

impl Server {
    /// Takes what a runner says.
    pub fn hear_runner(&mut self, conn: ConnId, say: Say, scene: &mut Scene) {
        if let Say::Hello { runner, boot, capacity, held } = say {
            return self.compare(conn, runner, boot, capacity, held, scene);
        }
        // What comes over a connection that was replaced counts for nothing.
        let Some(runner) = self.roster.runner_on(conn) else {
            return;
        };
        let line = self.roster.lines.get_mut(&runner).expect("it was just found");
        match say {
            Say::Accept { effect } => self.answered(runner, effect, Ordered::Accepted, scene),
            Say::Decline { effect } => self.answered(runner, effect, Ordered::Declined, scene),
            Say::Done { effect } => self.answered(runner, effect, Ordered::Done, scene),
            Say::Heartbeat { works } => {
                line.works_seen = works.iter().map(|held| ((held.work, held.generation), scene.now)).collect();
                let boot = line.boot;
                for (session, claim) in self.roster.missing(runner, &works) {
                    self.forgotten(session, claim, boot, Asker::Nobody, scene);
                }
                scene.send(conn, Way::FromServer, Say::HeartbeatAnswered);
            }
            Say::Frames { session, work, generation, first, frames } => {
                if scene.plan.has(Flaw::AcknowledgesTooEarly) {
                    let next = first + frames.len() as u64;
                    self.acknowledge(conn, work, generation, next, scene);
                }
                let asker = Asker::Frames { conn, session, work, generation };
                let report = Report::Frames { work, generation, runner, first, frames };
                self.ask(session, Command::Runner(report), asker, scene);
            }
            other => unreachable!("a runner does not say {other:?}"),
        }
    }

    fn answered(&mut self, runner: RunnerId, effect: EffectId, outcome: Ordered, scene: &mut Scene) {
        let line = self.roster.lines.get_mut(&runner).expect("the caller has found it");
        line.unanswered = 0;
        // An answer that nobody waits for any more is a repeat.
        if line.waiting.remove(&effect) {
            self.ordered(effect, outcome, scene);
        }
    }

    fn forgotten(&mut self, session: SessionId, claim: Claim, boot: BootId, asker: Asker, scene: &mut Scene) {
        let Claim { runner, work, generation, .. } = claim;
        let report = Report::Forgotten { work, generation, runner, boot };
        self.ask(session, Command::Runner(report), asker, scene);
    }

    /// Compares what a runner holds with what sessions believe, before it is welcome.
    fn compare(
        &mut self,
        conn: ConnId,
        runner: RunnerId,
        boot: BootId,
        capacity: usize,
        held: Vec<HeldWork>,
        scene: &mut Scene,
    ) {
        if self.roster.joining.contains_key(&conn) || self.roster.runner_on(conn).is_some() {
            return;
        }
        self.hang_up(runner, scene);
        let missing = self.roster.missing(runner, &held);
        let open_questions = missing.len() + held.len();
        let (verdicts, failed) = (vec![], false);
        let joining = Joining { runner, boot, capacity, held: held.clone(), open_questions, verdicts, failed };
        self.roster.joining.insert(conn, joining);
        for (session, claim) in missing {
            self.forgotten(session, claim, boot, Asker::Joining { conn, held: None }, scene);
        }
        for HeldWork { session, work, generation, .. } in held {
            let report = Report::Frames { work, generation, runner, first: 0, frames: vec![] };
            let asker = Asker::Joining { conn, held: Some((work, generation)) };
            self.ask(session, Command::Runner(report), asker, scene);
        }
        self.welcome_when_compared(conn, scene);
    }

    /// Takes a session's word on a work of a runner that joins.
    pub fn compared(&mut self, conn: ConnId, held: Option<(WorkId, u32)>, answer: Answer, scene: &mut Scene) {
        let Some(joining) = self.roster.joining.get_mut(&conn) else {
            return;
        };
        joining.open_questions -= 1;
        if let Some((work, generation)) = held {
            match answer {
                Answer::Taken(Reply::Frames { next }) => {
                    joining.verdicts.push(Verdict::Keep { work, generation, next });
                }
                Answer::Refused(_) => joining.verdicts.push(Verdict::Drop { work, generation }),
                _ => joining.failed = true,
            }
        }
        self.welcome_when_compared(conn, scene);
    }

    fn welcome_when_compared(&mut self, conn: ConnId, scene: &mut Scene) {
        if self.roster.joining.get(&conn).is_none_or(|joining| joining.open_questions > 0) {
            return;
        }
        let joined = self.roster.joining.remove(&conn).expect("it was just found");
        if joined.failed {
            return scene.shut(conn, Way::ToServer);
        }
        self.hang_up(joined.runner, scene);
        let line = Line {
            boot: joined.boot,
            capacity: joined.capacity,
            conn: Some(conn),
            works_seen: joined.held.iter().map(|held| ((held.work, held.generation), scene.now)).collect(),
            unanswered: 0,
            reserved: 0,
            waiting: BTreeSet::new(),
        };
        self.roster.lines.insert(joined.runner, line);
        scene.send(conn, Way::FromServer, Say::Welcome { verdicts: joined.verdicts });
        self.ring(scene);
    }

    /// Ends the connection of a runner from this side.
    pub fn hang_up(&mut self, runner: RunnerId, scene: &mut Scene) {
        let Some(conn) = self.roster.lines.get(&runner).and_then(|line| line.conn) else {
            return;
        };
        scene.shut(conn, Way::ToServer);
        self.runner_left(conn, scene);
    }

    /// A connection of a runner is over; its works go on until their leases end.
    pub fn runner_left(&mut self, conn: ConnId, scene: &mut Scene) {
        self.roster.joining.remove(&conn);
        let Some(runner) = self.roster.runner_on(conn) else {
            return;
        };
        let line = self.roster.lines.get_mut(&runner).expect("it was just found");
        line.conn = None;
        for effect in std::mem::take(&mut line.waiting) {
            self.ordered(effect, Ordered::NotConnected, scene);
        }
    }

    /// Takes the session's answer to frames.
    pub fn frames_taken(
        &mut self,
        (conn, session): (ConnId, SessionId),
        (work, generation): (WorkId, u32),
        result: Result<Reply, Refusal>,
        scene: &mut Scene,
    ) {
        let refusal = match result {
            Ok(Reply::Frames { next }) => return self.acknowledge(conn, work, generation, next, scene),
            Err(Refusal::FramesGap { expected }) => return self.acknowledge(conn, work, generation, expected, scene),
            Ok(other) => unreachable!("frames are answered with frames, not with {other:?}"),
            Err(refusal) => refusal,
        };
        scene.note("roster", || format!("frames of {} are refused because {refusal}", short(work)));
        let not_its_own = matches!(
            refusal,
            Refusal::Unknown
                | Refusal::UnknownWork
                | Refusal::TurnClosed
                | Refusal::StaleGeneration { .. }
                | Refusal::Taken
        );
        if let (false, Some(runner)) = (not_its_own, self.roster.runner_on(conn)) {
            let report = Report::Lost { work, generation, runner };
            self.ask(session, Command::Runner(report), Asker::Nobody, scene);
        }
        scene.send(conn, Way::FromServer, Say::Drop { work, generation, why: refusal.to_string() });
    }

    fn acknowledge(&mut self, conn: ConnId, work: WorkId, generation: u32, next: u64, scene: &mut Scene) {
        scene.fact(crate::truth::Fact::Acknowledged { work, next });
        scene.send(conn, Way::FromServer, Say::Ack { work, generation, next });
    }
}
