//! A decision in the making. The scheduler is never copied: what this decision has changed of a trigger's runs stands beside it.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{FiringId, TriggerId};
use tenure_model::time::Timestamp;

use super::command::Reply;
use super::effect::Effect;
use super::event::Event;
use super::state::{Scheduler, Trigger};

/// Collects what a command or a wake leads to.
pub(super) struct Draft<'a> {
    pub scheduler: &'a Scheduler,
    pub ctx: &'a Ctx,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
    standing: BTreeMap<TriggerId, Standing>,
}

/// What is under way of one trigger, with everything that was decided so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    pub running: Vec<FiringId>,
    pub waiting: Vec<FiringId>,
    /// Asked for in this decision.
    pub fresh: Vec<FiringId>,
}

impl<'a> Draft<'a> {
    pub fn new(scheduler: &'a Scheduler, ctx: &'a Ctx) -> Self {
        Self { scheduler, ctx, events: vec![], effects: vec![], standing: BTreeMap::new() }
    }

    pub fn now(&self) -> Timestamp {
        self.ctx.now
    }

    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    pub fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Returns what is under way of a trigger, to be changed along with what is emitted.
    pub fn standing(&mut self, id: TriggerId, trigger: &Trigger) -> &mut Standing {
        self.standing.entry(id).or_insert_with(|| Standing {
            running: trigger.running.clone(),
            waiting: trigger.queue.iter().map(|firing| firing.id).collect(),
            fresh: vec![],
        })
    }

    pub fn decided(self, reply: Reply) -> Decision<Scheduler> {
        Decision { events: self.events, effects: self.effects, ..Decision::nothing(reply) }
    }
}
