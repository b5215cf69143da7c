//! A decision in the making: each event is folded into a working copy at once, so that the next rule sees it.

use std::borrow::Cow;

use tenure_model::entity::{Ctx, Decision, Entity};
use uuid::Uuid;

use super::command::Reply;
use super::event::Event;
use super::state::Workflow;

/// Collects what a command leads to. The workflow is copied only when something changes.
pub(super) struct Draft<'a> {
    workflow: Cow<'a, Workflow>,
    pub ctx: &'a Ctx,
    events: Vec<Event>,
}

impl<'a> Draft<'a> {
    pub fn new(workflow: &'a Workflow, ctx: &'a Ctx) -> Self {
        Self { workflow: Cow::Borrowed(workflow), ctx, events: vec![] }
    }

    /// Returns the workflow as it is with everything that was decided so far.
    pub fn workflow(&self) -> &Workflow {
        &self.workflow
    }

    /// Draws a fresh id.
    pub fn fresh<I: From<Uuid>>(&self) -> I {
        self.ctx.fresh(self.events.len() as u32)
    }

    pub fn emit(&mut self, event: Event) {
        self.workflow.to_mut().apply(&event, self.ctx.now);
        self.events.push(event);
    }

    pub fn decided(self, reply: Reply) -> Decision<Workflow> {
        Decision { events: self.events, ..Decision::nothing(reply) }
    }
}
