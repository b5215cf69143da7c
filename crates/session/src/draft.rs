//! A decision in the making: each event is folded into a working copy at once, so that the next rule sees it.

use std::borrow::Cow;

use tenure_model::entity::{Ctx, Decision, Delta, Entity};
use tenure_model::id::SessionId;
use uuid::Uuid;

use crate::{Effect, Event, Reply, Session, sandbox};

/// Collects what a command leads to. The session is copied only when something changes.
pub(crate) struct Draft<'a> {
    session: Cow<'a, Session>,
    pub ctx: &'a Ctx,
    events: Vec<Event>,
    effects: Vec<Effect>,
    closes: Vec<Uuid>,
    drawn: u32,
}

impl<'a> Draft<'a> {
    pub fn new(session: &'a Session, ctx: &'a Ctx) -> Self {
        Self { session: Cow::Borrowed(session), ctx, events: vec![], effects: vec![], closes: vec![], drawn: 0 }
    }

    /// Returns the session as it is with everything that was decided so far.
    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn id(&self) -> SessionId {
        SessionId(self.ctx.id)
    }

    /// Draws a fresh id.
    pub fn fresh<I: From<Uuid>>(&mut self) -> I {
        self.drawn += 1;
        self.ctx.fresh(self.drawn - 1)
    }

    pub fn emit(&mut self, event: Event) {
        self.session.to_mut().apply(&event, self.ctx.now);
        self.events.push(event);
    }

    /// Adds text to the working copy only: an event of this very decision will hold it.
    pub fn absorb(&mut self, delta: &Delta) {
        self.session.to_mut().absorb(delta);
    }

    pub fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub fn close_stream(&mut self, stream: Uuid) {
        self.closes.push(stream);
    }

    /// Ends the decision; what it means for the session's sandbox is decided with it.
    pub fn decided(mut self, reply: Reply) -> Decision<Session> {
        sandbox::settle(&mut self);
        Decision { events: self.events, effects: self.effects, deltas: vec![], closes: self.closes, reply }
    }
}
