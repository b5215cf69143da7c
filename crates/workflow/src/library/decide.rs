//! The workflow as an entity: who may do what, and which module answers.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{Kind, WorkflowId};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::command::{Action, Command, Reply};
use super::draft::Draft;
use super::effect::Effect;
use super::event::Event;
use super::refusal::Refusal;
use super::requests::fingerprint;
use super::state::{About, Workflow};
use super::{change, proposing, saving, summary};
use crate::people::By;

impl Entity for Workflow {
    const KIND: Kind = Kind::Workflow;
    type Id = WorkflowId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        let Command { by, request, action } = command;
        let print = request.as_ref().map(|_| fingerprint(&action)).unwrap_or_default();
        if let Some(answered) = request.as_ref().and_then(|request| self.requests.find(by.user, request, ctx.now)) {
            let same = answered.fingerprint == print;
            return if same { Ok(Decision::nothing(answered.reply.clone())) } else { Err(Refusal::RequestReused) };
        }
        let mut draft = Draft::new(self, ctx);
        let reply = answer(&mut draft, &by, action)?;
        if let Some(request) = request {
            draft.emit(Event::RequestAnswered { user: by.user, request, fingerprint: print, reply: reply.clone() });
        }
        Ok(draft.decided(reply))
    }

    /// Lets proposals expire.
    fn wake(&self, ctx: &Ctx) -> Decision<Self> {
        let mut draft = Draft::new(self, ctx);
        proposing::expire(&mut draft);
        draft.decided(Reply::Done)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.open_proposals().map(|proposal| proposal.expires_at).min()
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        summary::rows(self, WorkflowId(id))
    }
}

fn answer(draft: &mut Draft, by: &By, action: Action) -> Result<Reply, Refusal> {
    if let Action::Sync { owner, definition, source, expected } = action {
        return saving::sync(draft, by, owner, definition, source, expected);
    }
    let about = draft.workflow().about.as_ref().filter(|about| about.is_of(by)).ok_or(Refusal::Unknown)?;
    if about.deleted_at.is_some() {
        return if action == Action::Delete { Ok(Reply::Done) } else { Err(Refusal::Deleted) };
    }
    match action {
        Action::Sync { .. } => Err(Refusal::Unknown),
        Action::Replace { definition, expected } => saving::replace(draft, by, definition, expected),
        Action::Update { fields, expected } => change::update(draft, by, fields, expected),
        Action::SetEnabled { enabled } => Ok(set_enabled(draft, by, enabled)),
        Action::Delete => {
            proposing::fail_open(draft, "the workflow was deleted");
            draft.emit(Event::Deleted { by: by.author() });
            Ok(Reply::Done)
        }
        Action::Rollback { hash, definition } => saving::rollback(draft, by, hash, definition),
        Action::Propose { base, definition, note } => proposing::propose(draft, by, base, definition, note),
        Action::Review { proposal, approve, note } => proposing::review(draft, by, proposal, approve, note),
        Action::Apply { proposal, definition } => proposing::apply(draft, by, proposal, definition),
    }
}

fn set_enabled(draft: &mut Draft, by: &By, enabled: bool) -> Reply {
    let is = draft.workflow().live().is_some_and(|about| about.enabled);
    match (is, enabled) {
        (false, true) => draft.emit(Event::Enabled { by: by.author() }),
        (true, false) => draft.emit(Event::Disabled { by: by.author() }),
        _ => {}
    }
    Reply::Done
}

impl About {
    /// Tells whether somebody may know of the workflow, and change it.
    pub fn is_of(&self, by: &By) -> bool {
        by.admin || by.user == self.owner
    }
}
