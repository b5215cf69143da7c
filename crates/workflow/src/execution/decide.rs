//! The run as an entity: which module answers what.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{ExecutionId, Kind};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::Command;
use super::effect::Effect;
use super::event::Event;
use super::refusal::Refusal;
use super::reply::Reply;
use super::state::{Execution, Slot};
use super::{client, leave, link, news, start, summary, wake};

impl Entity for Execution {
    const KIND: Kind = Kind::Execution;
    type Id = ExecutionId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Start(start) => start::start(self, *start, ctx),
            // Whoever has only a link does not even learn whether there is such a run.
            Command::Link { approval, token_hash, decision, reason } => {
                link::decide(self, approval, &token_hash, decision, reason, ctx)
            }
            _ if self.about.is_none() => Err(Refusal::Unknown),
            Command::Client { by, request, action } => client::decide(self, by, request, action, ctx),
            Command::Gate(gate) => Ok(news::gate(self, gate, ctx)),
            Command::Turn { step, turn, news } => news::turn(self, &step, turn, news, ctx),
            Command::Calls { step } => news::calls(self, &step, ctx),
            Command::Asks { step, arguments, open_for } => leave::asks(self, &step, arguments, open_for, ctx),
            Command::Leave { step, approval, result } => leave::settle(self, &step, approval, result, ctx),
            Command::Returned { step, result } => news::returned(self, &step, result, ctx),
            Command::ChildEnded { step, child, end, outputs, error } => {
                news::child_ended(self, &step, child, news::ChildEnd { end, outputs, error }, ctx)
            }
            Command::ParentEnds { parent } => Ok(news::parent_ends(self, &parent, ctx)),
            Command::TriggerEnds { firing } => Ok(news::trigger_ends(self, firing, ctx)),
            Command::EffectFailed { effect, why } => news::effect_failed(self, effect, &why, ctx),
        }
    }

    fn wake(&self, ctx: &Ctx) -> Decision<Self> {
        wake::wake(self, ctx)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        wake::wake_at(self)
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        summary::rows(self, ExecutionId(id))
    }

    fn shown_with(&self) -> Option<Uuid> {
        self.about.as_ref()?.session.map(Uuid::from)
    }

    /// What a run asked for before it was ended is of no use any more, unless it ends something.
    fn wants(&self, effect: &Effect) -> bool {
        match effect {
            Effect::AskSlot { slot } => slot.resumed || matches!(self.slot, Slot::Asked { .. }),
            Effect::Do { step, .. } | Effect::Call { step, .. } | Effect::Notify { step, .. } => self.awaits(step),
            Effect::StartChild { step, .. } => self.awaits(step),
            Effect::FreeSlot
            | Effect::OpenSession { .. }
            | Effect::CloseSession { .. }
            | Effect::Undo { .. }
            | Effect::Supersede { .. }
            | Effect::CancelChild { .. }
            | Effect::TakeBack { .. }
            | Effect::TellParent { .. }
            | Effect::TellTrigger { .. }
            | Effect::NotifyFailure { .. } => true,
        }
    }
}
