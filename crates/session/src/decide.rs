//! The session as an entity: which module answers what.

use std::collections::BTreeMap;

use tenure_model::entity::{Claim, Ctx, Decision, Delta, Entity};
use tenure_model::id::{Kind, SessionId, TurnId};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use crate::stream::TextDelta;
use crate::{Command, Effect, Event, Refusal, Reply, Session, client, report, run, summary, wake};

impl Entity for Session {
    const KIND: Kind = Kind::Session;
    type Id = SessionId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Client { by, request, action } => client::decide(self, by, request, action, ctx),
            Command::Runner(report) => report::decide(self, report, ctx),
            Command::Step(step) => run::decide(self, step, ctx),
            Command::Notice(notice) => run::take_notice(self, notice, ctx),
        }
    }

    fn wake(&self, ctx: &Ctx) -> Decision<Self> {
        wake::wake(self, ctx)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn absorb(&mut self, delta: &Delta) {
        let Some(turn) = self.turns.get_mut(&TurnId(delta.stream)) else {
            return;
        };
        let Some(text) = TextDelta::read(delta) else { return };
        turn.absorb(text, delta.number);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        wake::wake_at(self)
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        summary::rows(self, SessionId(id))
    }

    fn wants(&self, effect: &Effect) -> bool {
        self.wants_effect(effect)
    }

    fn claims(&self) -> Vec<Claim> {
        let claim = |(id, turn): (&TurnId, &crate::turn::Turn)| {
            let hold = turn.phase.hold()?;
            Some(Claim { runner: hold.runner, boot: hold.boot, work: (*id).into(), generation: turn.generation })
        };
        self.turns.iter().filter_map(claim).collect()
    }

    /// The transcript of a thread is its user messages, its finished turns, and which of them no longer count.
    fn pages(event: &Event) -> Vec<Uuid> {
        match event {
            Event::TurnOpened { thread, .. }
            | Event::TurnFinished { thread, .. }
            | Event::TurnSuperseded { thread, .. } => vec![(*thread).into()],
            _ => vec![],
        }
    }
}
