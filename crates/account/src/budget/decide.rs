//! Judging commands, and the rows in which people see what is used up.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::budget::{Allowance, Scope, Used};
use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{ApprovalId, Kind, UserId, derived};
use tenure_model::time::Timestamp;
use tenure_model::{Row, SummaryKey};
use uuid::Uuid;

use super::SET_MAX;
use super::command::{Command, Reply};
use super::event::{Effect, Event};
use super::period::Every;
use super::refusal::Refusal;
use super::state::{Budgets, Held, Kept};
use crate::policy::AUDIT;
use crate::policy::command::By;

impl Entity for Budgets {
    const KIND: Kind = Kind::Budget;
    type Id = UserId;
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decide(&self, command: Command, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Draw { work, turns, on } => Ok(self.draw(work, turns, &on, ctx)),
            Command::Spend { work, used } => Ok(self.spend(work, used)),
            Command::Return { work } => Ok(self.give_back(work)),
            Command::Set { by, scope, allowance, every, afresh } => {
                self.set(&by, scope, (allowance, every), afresh, ctx)
            }
            Command::Remove { by, scope } => self.remove(&by, scope, ctx),
            Command::Raise { by, approval, hash } => self.raise(&by, approval, &hash, ctx),
        }
    }

    fn wake(&self, _: &Ctx) -> Decision<Self> {
        Decision::nothing(Reply::Done)
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.fold(event, at);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    fn summaries(&self, id: Uuid) -> BTreeMap<SummaryKey, Row> {
        let owner = UserId(id);
        self.asking(id)
            .map(|(approval, scope, kept, held)| {
                let key = SummaryKey { owner, list: "approval".into(), rank: held.since, id: approval.0 };
                (key, row(approval, scope, kept, held))
            })
            .collect()
    }

    fn needed_from(&self) -> u64 {
        u64::MAX
    }

    fn pages(event: &Event) -> Vec<Uuid> {
        let is_told = !matches!(event, Event::Drawn { .. } | Event::Spent { .. } | Event::Returned { .. });
        if is_told { vec![AUDIT] } else { vec![] }
    }

    fn keeps(event: &Event) -> bool {
        matches!(event, Event::Set { .. } | Event::Removed { .. } | Event::Raised { .. })
    }
}

impl Budgets {
    fn set(
        &self,
        by: &By,
        scope: Scope,
        (allowance, every): (Allowance, Option<Every>),
        afresh: bool,
        ctx: &Ctx,
    ) -> Result<Decision<Self>, Refusal> {
        may(by, ctx)?;
        allowance.check().map_err(|(field, why)| Refusal::Bad { field, why })?;
        let known = self.kept.get(&scope);
        let same = |kept: &Kept| (kept.allowance, kept.every, kept.raised) == (allowance, every, Default::default());
        let counts_so = |kept: &Kept| !afresh || kept.used == Used::default();
        if known.is_some_and(|kept| same(kept) && counts_so(kept) && kept.by.is_some()) {
            return Ok(Decision::nothing(Reply::Done));
        }
        let set = self.kept.values().filter(|kept| kept.by.is_some()).count();
        if known.is_none_or(|kept| kept.by.is_none()) && set >= SET_MAX {
            return Err(Refusal::Full);
        }
        let events = vec![Event::Set { scope, allowance, every, afresh, by: by.who() }];
        Ok(Decision { events, ..Decision::nothing(Reply::Done) })
    }

    fn remove(&self, by: &By, scope: Scope, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        may(by, ctx)?;
        let known = self.kept.contains_key(&scope);
        let events = known.then(|| Event::Removed { scope, by: by.who() }).into_iter().collect();
        Ok(Decision { events, ..Decision::nothing(Reply::Done) })
    }

    fn raise(&self, by: &By, approval: ApprovalId, hash: &str, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        may(by, ctx)?;
        let meant = self.kept.iter().find(|(scope, _)| approval_of(ctx.id, **scope) == approval);
        let (scope, kept) = meant.ok_or(Refusal::NothingWaits(approval))?;
        if kept.raised_for.as_deref() == Some(hash) {
            return Ok(Decision::nothing(Reply::Raised));
        }
        let (scope, held) = (*scope, kept.held.as_ref().ok_or(Refusal::NothingWaits(approval))?);
        if hash != kept.shown(scope, held.measure) {
            return Err(Refusal::OtherContent);
        }
        let (measure, amount) = (held.measure, kept.allowance.of(held.measure).unwrap_or_default());
        let events = vec![Event::Raised { scope, measure, amount, by: by.who() }];
        Ok(Decision { events, ..Decision::nothing(Reply::Raised) })
    }

    /// Lists what people are asked: the budgets for which something waits.
    pub fn asking(&self, owner: Uuid) -> impl Iterator<Item = (ApprovalId, Scope, &Kept, &Held)> {
        // Most are not used up: their ids are not worked out at every change.
        let held = self.kept.iter().filter_map(|(scope, kept)| Some((*scope, kept, kept.held.as_ref()?)));
        held.map(move |(scope, kept, held)| (approval_of(owner, scope), scope, kept, held))
    }
}

/// Refuses agents, and everybody but the owner and administrators.
fn may(by: &By, ctx: &Ctx) -> Result<(), Refusal> {
    if by.agent {
        return Err(Refusal::AgentsDoNotDecide);
    }
    match by.user.0 == ctx.id || by.admin {
        true => Ok(()),
        false => Err(Refusal::NotYours),
    }
}

/// Returns under which id a person decides about a budget.
pub fn approval_of(owner: Uuid, scope: Scope) -> ApprovalId {
    ApprovalId(derived(&["budget", &owner.to_string(), &scope.to_string()]))
}

fn row(approval: ApprovalId, scope: Scope, kept: &Kept, held: &Held) -> Row {
    Row::of(&json!({
        "id": approval,
        "budget": scope,
        "measure": held.measure,
        "used": kept.used,
        "allowance": kept.allowance,
        "raised": kept.raised,
        "waiting": held.works.len(),
        "asked_at": held.since,
        "hash": kept.shown(scope, held.measure),
    }))
}
