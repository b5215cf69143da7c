//! Rules and grants, made and taken back by people.

use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::GrantId;
use tenure_model::time::Span;

use super::command::{By, Reply};
use super::event::Event;
use super::grant::{Grant, NewGrant};
use super::limits::{GRANT_LASTS_MAX, GRANT_USES_MAX, GRANTS_MAX, REASON_BYTES_MAX, RULES_MAX};
use super::refusal::Refusal;
use super::rule::{Mode, What, Who, Within};
use super::state::Policy;

impl Policy {
    /// Refuses agents, and everybody but the owner and administrators.
    pub(super) fn may_decide(&self, by: &By, ctx: &Ctx) -> Result<(), Refusal> {
        if by.agent {
            return Err(Refusal::AgentsDoNotDecide);
        }
        match by.user.0 == ctx.id || by.admin {
            true => Ok(()),
            false => Err(Refusal::NotYours),
        }
    }

    pub(super) fn set_rule(
        &self,
        by: &By,
        within: Within,
        what: What,
        mode: Option<Mode>,
        ctx: &Ctx,
    ) -> Result<Decision<Self>, Refusal> {
        self.may_decide(by, ctx)?;
        let known = self.rules.get(&within).and_then(|rules| rules.get(&what));
        if known.map(|rule| rule.mode) == mode {
            return Ok(Decision::nothing(Reply::Done));
        }
        if known.is_none() && self.rules.values().map(|rules| rules.len()).sum::<usize>() >= RULES_MAX {
            return Err(Refusal::RulesFull);
        }
        let events = vec![Event::RuleSet { within, what, mode, by: by.who() }];
        Ok(Decision { events, ..Decision::nothing(Reply::Done) })
    }

    pub(super) fn grant(&self, by: &By, grant: GrantId, new: NewGrant, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        self.may_decide(by, ctx)?;
        if self.grants.contains_key(&grant) {
            return Ok(Decision::nothing(Reply::Granted { grant }));
        }
        let events = vec![self.grant_of(grant, new, by.who(), ctx)?];
        Ok(Decision { events, ..Decision::nothing(Reply::Granted { grant }) })
    }

    pub(super) fn grant_of(&self, grant: GrantId, new: NewGrant, by: Who, ctx: &Ctx) -> Result<Event, Refusal> {
        let NewGrant { tool, bound, within, lasts, uses, reason } = new;
        if lasts == Span::ZERO || lasts > GRANT_LASTS_MAX {
            return Err(Refusal::BadGrantTime);
        }
        if uses.is_some_and(|uses| uses == 0 || uses > GRANT_USES_MAX) {
            return Err(Refusal::BadGrantUses);
        }
        if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
            return Err(Refusal::ReasonTooLong);
        }
        if self.grants.values().filter(|grant| grant.is_usable(ctx.now)).count() >= GRANTS_MAX {
            return Err(Refusal::GrantsFull);
        }
        let (until, at) = (ctx.now + lasts, ctx.now);
        let granted = Grant { tool, bound, within, until, uses_left: uses, by, at, reason };
        Ok(Event::Granted { grant, granted: Box::new(granted) })
    }

    /// Takes a grant back. From now on no call is let through by it, also none of a turn that goes on.
    pub(super) fn revoke(&self, by: &By, grant: GrantId, ctx: &Ctx) -> Result<Decision<Self>, Refusal> {
        self.may_decide(by, ctx)?;
        let there = self.grants.contains_key(&grant);
        let events = there.then(|| Event::Revoked { grant, by: by.who() }).into_iter().collect();
        Ok(Decision { events, ..Decision::nothing(Reply::Done) })
    }
}
