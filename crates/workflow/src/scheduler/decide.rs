//! The scheduler as an entity: which module answers what.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{Kind, UserId};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::{Command, Reply};
use super::draft::Draft;
use super::effect::Effect;
use super::event::Event;
use super::refusal::Refusal;
use super::state::{Phase, Scheduler};
use super::{answers, asking, delivering, ledger, planning, shown, summary, trial};

impl Entity for Scheduler {
    const KIND: Kind = Kind::Scheduler;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        let mut draft = Draft::new(self, ctx);
        let reply = match command {
            Command::Client { by, request, action } => return asking::answer(draft, by, request, action),
            Command::Deliver(delivery) => delivering::deliver(&mut draft, *delivery)?,
            Command::Show(which) => shown::show(&draft, &which)?,
            Command::Try { trigger, stored } => trial::judge(&draft, trigger, &stored)?,
            Command::Answer { firing, answer } => answers::answer(&mut draft, firing, answer),
            Command::EffectFailed { effect, why } => answers::effect_failed(&mut draft, &effect, why),
            Command::Replan => planning::replan(&mut draft),
        };
        Ok(draft.decided(reply))
    }

    fn wake(&self, ctx: &Ctx) -> Decision<Self> {
        let mut draft = Draft::new(self, ctx);
        planning::wake(&mut draft);
        draft.decided(Reply::Done)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(at, _)| *at);
        let deadline = self.deadlines.first().map(|(at, _)| *at);
        // While something is left over, it is due at once.
        [due, deadline, self.behind].into_iter().flatten().min()
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        summary::rows(self, UserId(id))
    }

    fn touched(&self, id: Uuid, events: &[Event]) -> Option<BTreeMap<SummaryKey, Option<Row>>> {
        summary::touched(self, UserId(id), events)
    }

    fn wants(&self, effect: &Effect) -> bool {
        let phase = self.asked.get(&effect.firing()).map(|asked| &asked.phase);
        match effect {
            Effect::StartRun { .. } | Effect::Prompt { .. } => matches!(phase, Some(Phase::Asked { .. })),
            Effect::CancelRun { .. } | Effect::AskRun { .. } => phase.is_some(),
            Effect::NotifyFailure { .. } => true,
        }
    }

    fn needed_from(&self) -> u64 {
        let asked = self.asked.values().filter_map(|asked| match &asked.phase {
            Phase::Asked { firing, .. } => Some(firing.as_ref()),
            Phase::Running | Phase::Cancelling => None,
        });
        let queued = self.triggers.values().flat_map(|trigger| &trigger.queue);
        // What was delivered is read when a run is started with it.
        queued.chain(asked).filter_map(|firing| firing.payload).min().unwrap_or(u64::MAX)
    }

    fn keeps(event: &Event) -> bool {
        ledger::is_of_history(event)
    }

    fn pages(event: &Event) -> Vec<Uuid> {
        ledger::pages(event)
    }
}
