//! The policy as an entity.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{ApprovalId, Kind, UserId};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::call::Approval;
use super::command::{Command, Reply};
use super::effect::Effect;
use super::event::Event;
use super::mask::masked;
use super::refusal::Refusal;
use super::state::Policy;
use super::{deciding, judging};

impl Entity for Policy {
    const KIND: Kind = Kind::Policy;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Call(calling) => judging::call(self, *calling, ctx),
            Command::Done { approval } => Ok(self.done(approval)),
            Command::Send { call } => Ok(self.send(call)),
            Command::Withdraw { approval } => Ok(self.withdraw(approval)),
            Command::Decide { by, approval, decision } => deciding::decide(self, &by, approval, decision, ctx),
            Command::SetRule { by, within, what, mode } => self.set_rule(&by, within, what, mode, ctx),
            Command::Grant { by, grant, new } => self.grant(&by, grant, new, ctx),
            Command::Revoke { by, grant } => self.revoke(&by, grant, ctx),
        }
    }

    fn wake(&self, ctx: &Ctx) -> Decision<Self> {
        deciding::wake(self, ctx)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.approvals.values().map(Approval::due).min()
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        let waiting = self.approvals.iter().filter(|(_, asked)| asked.approved.is_none());
        waiting.map(|(approval, asked)| (key(UserId(id), *approval, asked), row(*approval, asked))).collect()
    }

    fn needed_from(&self) -> u64 {
        u64::MAX
    }

    fn pages(event: &Event) -> Vec<Uuid> {
        let session = match event {
            Event::Judged { caller, .. } => caller.session,
            Event::Asked { asked, .. } => asked.made.caller.session,
            _ => None,
        };
        let silent = matches!(event, Event::Awaited { .. } | Event::Told { .. } | Event::Sent { .. });
        if silent { vec![] } else { [AUDIT].into_iter().chain(session.map(Uuid::from)).collect() }
    }
}

/// The list in which everything stands that an audit asks for.
pub const AUDIT: Uuid = Uuid::from_u128(0x8a51_02e7_6b0c_5f4d_9d3e_4c11_70aa_be19);

impl Policy {
    fn done(&self, approval: ApprovalId) -> Decision<Self> {
        if self.approvals.get(&approval).is_none_or(|asked| asked.approved.is_none()) {
            return Decision::nothing(Reply::Spent);
        }
        Decision { events: vec![Event::Closed { approval, done: true }], ..Decision::nothing(Reply::Done) }
    }

    fn withdraw(&self, approval: ApprovalId) -> Decision<Self> {
        match self.approvals.contains_key(&approval) {
            true => Decision { events: vec![Event::Withdrawn { approval }], ..Decision::nothing(Reply::Done) },
            false => Decision::nothing(Reply::Done),
        }
    }

    fn send(&self, call: Uuid) -> Decision<Self> {
        match self.sent.contains(&call) {
            true => Decision::nothing(Reply::Spent),
            false => Decision { events: vec![Event::Sent { call }], ..Decision::nothing(Reply::Done) },
        }
    }
}

fn key(owner: UserId, approval: ApprovalId, asked: &Approval) -> SummaryKey {
    SummaryKey { owner, list: "approval".into(), rank: asked.asked_at, id: approval.0 }
}

fn row(approval: ApprovalId, asked: &Approval) -> Row {
    let made = &asked.made;
    let step = made.caller.step.as_ref();
    Row::of(&json!({
        "id": approval,
        "tool": made.tool,
        "service": made.service,
        "risk": made.risk,
        "arguments": masked(&made.arguments),
        "session": made.caller.session,
        "workflow": made.caller.workflow,
        "execution": step.map(|calls| calls.step.execution),
        "path": step.map(|calls| &calls.step.path),
        "step": step.map(|calls| &calls.name),
        "run": step.map(|calls| &calls.workflow),
        "asked_at": asked.asked_at,
        "deadline": asked.deadline,
        "hash": made.hash,
    }))
}
