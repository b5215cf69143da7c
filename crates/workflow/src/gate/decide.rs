//! The rules of the gate: who gets a slot, in which order, and who waits.

use std::collections::{BTreeMap, VecDeque};

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{ExecutionId, Kind};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::{Command, Reply};
use super::effect::Effect;
use super::event::Event;
use super::refusal::Refusal;
use super::state::{Gate, Limits, Tally, Waiting};
use crate::execution::effect::SlotAsk;

type Slots = Vec<(ExecutionId, SlotAsk)>;

impl Entity for Gate {
    const KIND: Kind = Kind::Gate;
    type Id = Uuid;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, _: &Ctx) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Ask { execution, slot } => self.ask(execution, slot),
            Command::Free { execution } => Ok(self.free(execution)),
            Command::Reconcile { running, waiting } => Ok(self.reconcile(running, waiting)),
            Command::SetLimits { limits } => self.set_limits(limits),
        }
    }

    fn wake(&self, _: &Ctx) -> Decision<Self> {
        Decision::nothing(Reply::Done)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Granted { execution, slot } => {
                self.leave(*execution);
                self.tally.add(slot);
                self.running.insert(*execution, slot.clone());
            }
            Event::Queued { execution, slot } => {
                self.queue.push_back(Waiting { execution: *execution, slot: slot.clone(), since: at });
            }
            Event::Freed { execution } => self.leave(*execution),
            Event::LimitsSet { limits } => self.limits = limits.clone(),
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    fn summaries(&self, _: Uuid) -> BTreeMap<SummaryKey, Row> {
        BTreeMap::new()
    }

    fn wants(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Granted { execution } => self.running.contains_key(execution),
            Effect::Queued { execution, .. } => self.place(*execution).is_some(),
        }
    }
}

impl Gate {
    /// Returns how many runs stand before this one in the queue.
    pub fn place(&self, execution: ExecutionId) -> Option<u32> {
        self.queue.iter().position(|waiting| waiting.execution == execution).map(|place| place as u32)
    }

    fn ask(&self, execution: ExecutionId, slot: SlotAsk) -> Result<Decision<Self>, Refusal> {
        if self.running.contains_key(&execution) {
            return Ok(Decision::nothing(Reply::Granted));
        }
        if !slot.resumed
            && let Some(ahead) = self.place(execution)
        {
            return Ok(Decision::nothing(Reply::Queued { ahead }));
        }
        let full = self.tally.full(&slot, &self.limits).filter(|_| !slot.resumed);
        let mut decision = Decision::nothing(Reply::Granted);
        match full {
            None => {
                decision.events.push(Event::Granted { execution, slot });
                decision.effects.push(Effect::Granted { execution });
            }
            Some(_) if self.queue.len() as u64 >= self.limits.queue_max => {
                return Err(Refusal::Full { max: self.limits.queue_max });
            }
            Some(why) => {
                let ahead = self.queue.len() as u32;
                decision.events.push(Event::Queued { execution, slot });
                decision.effects.push(Effect::Queued { execution, ahead, why });
                decision.reply = Reply::Queued { ahead };
            }
        }
        Ok(decision)
    }

    fn free(&self, execution: ExecutionId) -> Decision<Self> {
        let Some(slot) = self.running.get(&execution) else {
            let mut decision = Decision::nothing(Reply::Done);
            let gave_up = self.place(execution).map(|_| Event::Freed { execution });
            decision.events.extend(gave_up);
            return decision;
        };
        let mut decision = Decision::nothing(Reply::Done);
        decision.events.push(Event::Freed { execution });
        let mut tally = self.tally.clone();
        tally.remove(slot);
        grant(&mut decision, &self.queue, tally, &self.limits);
        decision
    }

    /// Takes over what the runs say, and lets in whoever can go on then.
    fn reconcile(&self, running: Slots, waiting: Slots) -> Decision<Self> {
        let (running, waiting): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (running.into_iter().collect(), waiting.into_iter().collect());
        let mut events = Vec::new();
        let known = self.running.keys().chain(self.queue.iter().map(|waiting| &waiting.execution));
        for execution in known.filter(|id| !running.contains_key(id) && !waiting.contains_key(id)) {
            events.push(Event::Freed { execution: *execution });
        }
        for (execution, slot) in running.into_iter().filter(|(id, _)| !self.running.contains_key(id)) {
            events.push(Event::Granted { execution, slot });
        }
        let is_known = |id: &ExecutionId| self.running.contains_key(id) || self.place(*id).is_some();
        for (execution, slot) in waiting.into_iter().filter(|(id, _)| !is_known(id)) {
            events.push(Event::Queued { execution, slot });
        }
        if events.is_empty() {
            return Decision::nothing(Reply::Done);
        }
        self.then_grant(events)
    }

    fn set_limits(&self, limits: Limits) -> Result<Decision<Self>, Refusal> {
        for (limit, value) in [("runs_max", limits.runs_max), ("owner_runs_max", limits.owner_runs_max)] {
            if value == 0 {
                return Err(Refusal::NoRoom { limit });
            }
        }
        if limits == self.limits {
            return Ok(Decision::nothing(Reply::Done));
        }
        Ok(self.then_grant(vec![Event::LimitsSet { limits }]))
    }

    /// Lets in whoever can go on after these events, which are rare enough for a copy of the gate.
    fn then_grant(&self, events: Vec<Event>) -> Decision<Self> {
        let mut after = self.clone();
        events.iter().for_each(|event| after.apply(event, Timestamp::default()));
        let mut decision = Decision { events, ..Decision::nothing(Reply::Done) };
        grant(&mut decision, &after.queue, after.tally, &after.limits);
        decision
    }

    /// Forgets a run, wherever it stands.
    fn leave(&mut self, execution: ExecutionId) {
        if let Some(slot) = self.running.remove(&execution) {
            self.tally.remove(&slot);
        }
        if let Some(place) = self.place(execution) {
            self.queue.remove(place as usize);
        }
    }
}

/// Lets as many wait no longer as the limits allow, in order. One that only its owner's or its own limit holds back does
/// not hold up those behind it.
fn grant(decision: &mut Decision<Gate>, queue: &VecDeque<Waiting>, mut tally: Tally, limits: &Limits) {
    for Waiting { execution, slot, .. } in queue {
        if tally.all >= limits.runs_max {
            return;
        }
        if tally.full(slot, limits).is_none() {
            tally.add(slot);
            decision.events.push(Event::Granted { execution: *execution, slot: slot.clone() });
            decision.effects.push(Effect::Granted { execution: *execution });
        }
    }
}
