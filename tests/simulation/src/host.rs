//! A host as the runtime has it: decide → apply → commit → and only then tell. The next command is decided meanwhile.

use std::rc::Rc;

use tenure_model::entity::{Ctx, Entity};
use tenure_model::id::{SessionId, WorkId};
use tenure_model::record::Record;
use tenure_model::{Claim, Decision, Timestamp};
use tenure_session::{Command, Effect, Refusal, Reply, Session};

use crate::courier::EffectId;
use crate::journal::{Commit, Journal, News};
use crate::net::ConnId;
use crate::scene::Scene;
use crate::truth::Fact;

/// One awake session.
pub struct Host {
    pub state: Session,
    pub seq: u64,
    since_snapshot: u64,
}

/// Who waits for what a command leads to.
#[derive(Clone, Copy, Debug)]
pub enum Asker {
    Nobody,
    Person {
        conn: ConnId,
        request: u64,
    },
    /// The courier, for an effect that it carries out.
    Effect(EffectId),
    /// A runner whose frames these are.
    Frames {
        conn: ConnId,
        session: SessionId,
        work: WorkId,
        generation: u32,
    },
    /// A runner that joins, about one of the works that it holds or should hold.
    Joining {
        conn: ConnId,
        held: Option<(WorkId, u32)>,
    },
}

/// Something that waits until what stands before it is durable.
pub struct Parked {
    pub session: SessionId,
    /// What is still to be written.
    pub write: Option<Write>,
    /// What became of it.
    pub durable: Durable,
    pub tell: Tell,
}

/// What the writer writes.
pub enum Write {
    Commit(Commit),
    /// An effect was carried out.
    Strike(EffectId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    Waits,
    At(u64),
    Failed,
    /// There is nothing to write.
    Nothing,
}

/// What is told then.
pub enum Tell {
    Done {
        asker: Asker,
        reply: Reply,
        told: Told,
    },
    Answer {
        asker: Asker,
        result: Result<Reply, Refusal>,
    },
    Look {
        conn: ConnId,
        state: Rc<Session>,
    },
    /// Nobody waits for it.
    Quiet,
}

/// What a commit changes outside of its host.
#[derive(Default)]
pub struct Told {
    pub seq: u64,
    pub at: Timestamp,
    pub events: Vec<Rc<tenure_session::Event>>,
    pub deltas: Vec<Rc<tenure_model::Delta>>,
    pub effects: Vec<Effect>,
    pub claims: Vec<Claim>,
    pub wake_at: Option<Timestamp>,
}

impl Told {
    pub fn news(&self, position: u64) -> News {
        let (events, deltas) = (self.events.clone(), self.deltas.clone());
        News { position, seq: self.seq, at: self.at, events, deltas }
    }
}

impl Host {
    pub fn wake_up(journal: &Journal, session: SessionId) -> Self {
        let loaded = journal.load(session);
        Self { state: loaded.state, seq: loaded.seq, since_snapshot: loaded.since_snapshot }
    }

    fn ctx(&self, id: SessionId, scene: &mut Scene) -> Ctx {
        Ctx { id: id.0, now: scene.now, seq: self.seq + 1, entropy: scene.chance.entropy() }
    }

    /// Judges a command and parks what it leads to.
    pub fn command(&mut self, id: SessionId, command: Command, asker: Asker, scene: &mut Scene) -> Parked {
        let ctx = self.ctx(id, scene);
        let again = scene.chance.one_in(4).then(|| command.clone());
        let parked = match self.state.decide(command, &ctx) {
            Err(refusal) => {
                return nothing_to_write(id, Tell::Answer { asker, result: Err(refusal) });
            }
            Ok(decision) => self.decided(id, decision, asker, scene),
        };
        if let Some(command) = again {
            let ctx = self.ctx(id, scene);
            let repeated = self.state.decide(command.clone(), &ctx);
            scene.fact(Fact::Repeated { command: &command, decision: &repeated });
        }
        parked
    }

    /// Wakes the session for what is due.
    pub fn wake(&mut self, id: SessionId, scene: &mut Scene) -> Parked {
        let ctx = self.ctx(id, scene);
        let decision = self.state.wake(&ctx);
        self.decided(id, decision, Asker::Nobody, scene)
    }

    fn decided(&mut self, id: SessionId, decision: Decision<Session>, asker: Asker, scene: &mut Scene) -> Parked {
        if decision.is_silent() {
            return nothing_to_write(id, Tell::Answer { asker, result: Ok(decision.reply) });
        }
        let now = scene.now;
        decision.events.iter().for_each(|event| self.state.apply(event, now));
        decision.deltas.iter().for_each(|delta| self.state.absorb(delta));
        scene.note(format!("session {}", crate::scene::short(id)), || {
            let texts = decision.deltas.iter().map(|delta| format!("text {}", delta.body));
            let events = decision.events.iter().map(|event| format!("{event:?}"));
            events.chain(texts).collect::<Vec<_>>().join("\n            ")
        });
        let wake_at = self.state.wake_at();
        let claims = self.state.claims();
        let mut commit = Commit {
            session: id,
            record: None,
            deltas: decision.deltas.clone(),
            closes: decision.closes,
            snapshot: None,
            wake_at,
            has_claims: !claims.is_empty(),
        };
        let mut told = Told { at: now, claims, wake_at, effects: decision.effects.clone(), ..Told::default() };
        told.events = decision.events.iter().cloned().map(Rc::new).collect();
        told.deltas = decision.deltas.into_iter().map(Rc::new).collect();
        if !decision.events.is_empty() || !decision.effects.is_empty() {
            self.seq += 1;
            self.since_snapshot += 1;
            told.seq = self.seq;
            commit.record = Some(Record { seq: self.seq, at: now, events: decision.events, effects: decision.effects });
            if self.since_snapshot >= scene.plan.snapshot_every {
                commit.snapshot = Some(self.snapshot());
            }
        }
        let tell = Tell::Done { asker, reply: decision.reply, told };
        Parked { session: id, write: Some(Write::Commit(commit)), durable: Durable::Waits, tell }
    }

    fn snapshot(&mut self) -> (u64, String) {
        self.since_snapshot = 0;
        (self.seq, serde_json::to_string(&self.state).expect("a state is plain data"))
    }
}

/// Parks an answer that needs nothing written, behind everything that it may have seen.
pub fn nothing_to_write(session: SessionId, tell: Tell) -> Parked {
    Parked { session, write: None, durable: Durable::Nothing, tell }
}
