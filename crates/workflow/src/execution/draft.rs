//! A decision in the making: each event is folded into a working copy at once, so that the next rule sees it.

use std::borrow::Cow;
use std::sync::Arc;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::ExecutionId;
use tenure_model::step::StepRef;
use uuid::Uuid;

use super::command::Start;
use super::effect::Effect;
use super::event::Event;
use super::reply::Reply;
use super::state::Execution;
use super::{advance, park};
use crate::path::StepPath;

/// Collects what a command leads to. The run is copied only when something changes, and its values never are.
pub(crate) struct Draft<'a> {
    run: Cow<'a, Execution>,
    pub ctx: &'a Ctx,
    events: Vec<Event>,
    effects: Vec<Effect>,
}

impl<'a> Draft<'a> {
    pub fn new(run: &'a Execution, ctx: &'a Ctx) -> Self {
        Self { run: Cow::Borrowed(run), ctx, events: vec![], effects: vec![] }
    }

    /// Returns the run as it is with everything that was decided so far.
    pub fn run(&self) -> &Execution {
        &self.run
    }

    /// Returns what the run was started with.
    pub fn start(&self) -> Arc<Start> {
        self.run.about().start.clone()
    }

    pub fn id(&self) -> ExecutionId {
        ExecutionId(self.ctx.id)
    }

    pub fn emit(&mut self, event: Event) {
        self.run.to_mut().apply(&event, self.ctx.now);
        self.events.push(event);
    }

    pub fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Lets the run go on as far as it can by itself.
    ///
    /// A repeated command has changed nothing here, and must not move the run either.
    pub fn decided(mut self, reply: Reply) -> Decision<Execution> {
        if !self.events.is_empty() {
            self.go_on();
        }
        Decision { events: self.events, effects: self.effects, deltas: vec![], closes: vec![], reply }
    }

    /// Lets the run go on whose time has come, where the last decision left off.
    pub fn woken(mut self) -> Decision<Execution> {
        self.go_on();
        Decision { events: self.events, effects: self.effects, deltas: vec![], closes: vec![], reply: Reply::Done }
    }

    /// Starts and ends what needs nobody, as much as one decision may.
    fn go_on(&mut self) {
        advance::drain(self);
        park::settle(self);
    }
}

/// Names one attempt of a step for whoever works on it.
pub(crate) fn step_ref(id: ExecutionId, path: &StepPath, attempt: u32, round: u32) -> StepRef {
    StepRef { execution: id, path: path.to_string(), attempt, round }
}

/// Derives the id of what one attempt of a step asks for, so that asking twice is asking once.
pub(crate) fn derived<I: From<Uuid>>(what: &str, id: ExecutionId, path: &StepPath, attempt: u32, round: u32) -> I {
    let numbers = [attempt.to_string(), round.to_string()];
    let parts = [what, &id.to_string(), &path.to_string(), &numbers[0], &numbers[1]];
    I::from(tenure_model::id::derived(&parts))
}
