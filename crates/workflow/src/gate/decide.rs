//! The rules of the gate: who gets a slot, in which order, and who waits.

use std::collections::BTreeMap;

use serde_json::Value;
use tenure_model::entity::{Ctx, Decision, Entity, SummaryKey};
use tenure_model::id::{ExecutionId, Kind};
use tenure_model::time::Timestamp;
use uuid::Uuid;

use super::command::{Command, Reply};
use super::effect::Effect;
use super::event::Event;
use super::refusal::Refusal;
use super::state::{Gate, Limits, Tally, Waiting};
use crate::execution::effect::SlotAsk;

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
            Command::Reconcile { running } => Ok(self.reconcile(running)),
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

    fn summaries(&self, _: Uuid) -> BTreeMap<SummaryKey, Value> {
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
        let held = self.running.get(&execution);
        if held.is_none() && self.place(execution).is_none() {
            return Decision::nothing(Reply::Done);
        }
        let mut decision = Decision::nothing(Reply::Done);
        decision.events.push(Event::Freed { execution });
        if let Some(slot) = held {
            let mut tally = self.tally.clone();
            tally.remove(slot);
            self.grant(&mut decision, tally, &self.limits, &[execution]);
        }
        decision
    }

    /// Takes over what the runs say: those that the gate believes in and that say nothing hold nothing.
    fn reconcile(&self, running: Vec<(ExecutionId, SlotAsk)>) -> Decision<Self> {
        let said: BTreeMap<ExecutionId, SlotAsk> = running.into_iter().collect();
        let mut decision = Decision::nothing(Reply::Done);
        let mut tally = self.tally.clone();
        for (execution, slot) in self.running.iter().filter(|(execution, _)| !said.contains_key(execution)) {
            tally.remove(slot);
            decision.events.push(Event::Freed { execution: *execution });
        }
        let new: Vec<_> = said.iter().filter(|(execution, _)| !self.running.contains_key(execution)).collect();
        for (execution, slot) in &new {
            tally.add(slot);
            decision.events.push(Event::Granted { execution: **execution, slot: (*slot).clone() });
        }
        let known: Vec<ExecutionId> = new.into_iter().map(|(execution, _)| *execution).collect();
        self.grant(&mut decision, tally, &self.limits, &known);
        decision
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
        let mut decision = Decision::nothing(Reply::Done);
        decision.events.push(Event::LimitsSet { limits: limits.clone() });
        self.grant(&mut decision, self.tally.clone(), &limits, &[]);
        Ok(decision)
    }

    /// Lets as many wait no longer as the limits allow, in order. One that only its owner's or its own limit holds back does
    /// not hold up those behind it.
    fn grant(&self, decision: &mut Decision<Self>, mut tally: Tally, limits: &Limits, settled: &[ExecutionId]) {
        for Waiting { execution, slot, .. } in &self.queue {
            if tally.all >= limits.runs_max {
                return;
            }
            if settled.contains(execution) || tally.full(slot, limits).is_some() {
                continue;
            }
            tally.add(slot);
            decision.events.push(Event::Granted { execution: *execution, slot: slot.clone() });
            decision.effects.push(Effect::Granted { execution: *execution });
        }
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
