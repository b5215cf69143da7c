//! Calls: let through, refused, or put before a person.

use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ApprovalId, GrantId};
use tenure_model::time::Timestamp;

use super::call::{Approval, Made};
use super::command::{Asks, Calling, Reply};
use super::event::Event;
use super::limits::{APPROVALS_MAX, ARGUMENTS_BYTES_MAX, DENIAL_LASTS};
use super::refusal::Refusal;
use super::rule::Mode;
use super::state::{Policy, Settled};
use super::verdict::{Judged, Source};

pub(super) fn call(policy: &Policy, calling: Calling, ctx: &Ctx) -> Result<Decision<Policy>, Refusal> {
    let judged = policy.judged(&calling.made, calling.organization.as_ref());
    if let Some(noted) = policy.noted.iter().rev().find(|noted| noted.call == calling.id) {
        let judged = Judged { mode: noted.mode, source: noted.source.clone(), ..judged };
        return Ok(Decision::nothing(match judged.mode {
            Mode::Deny => Reply::Denied { judged },
            Mode::Allow | Mode::Ask => Reply::Allowed { judged, approval: None },
        }));
    }
    match judged.mode {
        Mode::Allow => Ok(noted(&calling, judged, |judged| Reply::Allowed { judged, approval: None })),
        Mode::Deny => Ok(noted(&calling, judged, |judged| Reply::Denied { judged })),
        Mode::Ask => ask(policy, calling, judged, ctx),
    }
}

fn ask(policy: &Policy, calling: Calling, judged: Judged, ctx: &Ctx) -> Result<Decision<Policy>, Refusal> {
    if let Some((approval, asked)) = policy.open(&calling.made, ctx.now) {
        return Ok(match asked.approved {
            // It may come again until it is over: under the approval's id it is carried out once.
            Some(_) => {
                let judged = Judged { mode: Mode::Allow, source: Source::Approval, ..judged };
                Decision::nothing(Reply::Allowed { judged, approval: Some(approval) })
            }
            None => {
                let until = ctx.now + calling.waits;
                let later = until > asked.awaited_until;
                let events = later.then_some(Event::Awaited { approval, until }).into_iter().collect();
                Decision { events, ..Decision::nothing(Reply::Waits { approval, deadline: asked.deadline }) }
            }
        });
    }
    if let Some(grant) = policy.grant_for(&calling.made, ctx.now) {
        let judged = Judged { mode: Mode::Allow, source: Source::Grant { id: grant }, ..judged };
        let limited = policy.grants[&grant].uses_left.is_some();
        let calling = Calling { reads: calling.reads && !limited, ..calling };
        return Ok(noted(&calling, judged, |judged| Reply::Allowed { judged, approval: None }));
    }
    if let Some(settled) = policy.denied_lately(&calling.made, ctx.now) {
        return Ok(Decision::nothing(Reply::DeniedBy { settled: settled.clone() }));
    }
    let Some(asks) = calling.asks else { return Ok(Decision::nothing(Reply::Needed { judged })) };
    // What was asked under this id is over: the caller was told, or has taken it back.
    if let Some(settled) = asks.id.and_then(|id| policy.settled(id)) {
        return Ok(Decision::nothing(match settled.approved {
            true => Reply::Spent,
            false => Reply::DeniedBy { settled: settled.clone() },
        }));
    }
    put_before_a_person(policy, calling, asks, ctx)
}

fn put_before_a_person(policy: &Policy, calling: Calling, asks: Asks, ctx: &Ctx) -> Result<Decision<Policy>, Refusal> {
    if policy.approvals.len() >= APPROVALS_MAX {
        return Err(Refusal::ApprovalsFull);
    }
    let size = serde_json::to_string(&calling.made.arguments).map_or(usize::MAX, |text| text.len());
    if size > ARGUMENTS_BYTES_MAX {
        return Err(Refusal::TooLargeToShow { size });
    }
    let approval: ApprovalId = asks.id.unwrap_or_else(|| ctx.fresh(0));
    let deadline = ctx.now + asks.open_for;
    let awaited_until = ctx.now + calling.waits;
    let asked = Approval { made: calling.made, asked_at: ctx.now, deadline, awaited_until, approved: None };
    let events = vec![Event::Asked { approval, asked: Box::new(asked) }];
    Ok(Decision { events, ..Decision::nothing(Reply::Waits { approval, deadline }) })
}

/// Answers, and notes what was judged of a call that changes something.
fn noted(calling: &Calling, judged: Judged, reply: impl FnOnce(Judged) -> Reply) -> Decision<Policy> {
    let Made { tool, hash, caller, .. } = &calling.made;
    let (mode, source) = (judged.mode, judged.source.clone());
    let call = calling.id;
    let judged_of =
        || Event::Judged { call, tool: tool.clone(), hash: hash.clone(), caller: caller.clone(), mode, source };
    let silent = calling.reads && mode == Mode::Allow;
    let events = (!silent).then(judged_of).into_iter().collect();
    Decision { events, ..Decision::nothing(reply(judged)) }
}

impl Policy {
    /// Finds the approval that this very call waits for, or has got.
    fn open(&self, made: &Made, now: Timestamp) -> Option<(ApprovalId, &Approval)> {
        let same = |asked: &Approval| {
            asked.made.hash == made.hash
                && asked.made.caller.session == made.caller.session
                && asked.made.caller.step() == made.caller.step()
                && now < asked.deadline
        };
        self.approvals.iter().find(|(_, asked)| same(asked)).map(|(approval, asked)| (*approval, asked))
    }

    /// Finds the grant that lets a call through now: one without a number of uses first.
    pub fn grant_for(&self, made: &Made, now: Timestamp) -> Option<GrantId> {
        let covering = self.grants.iter().filter(|(_, grant)| grant.covers(made, now));
        covering.min_by_key(|(id, grant)| (grant.uses_left, **id)).map(|(id, _)| *id)
    }

    fn denied_lately(&self, made: &Made, now: Timestamp) -> Option<&Settled> {
        let of_it = |settled: &&Settled| {
            settled.hash == made.hash
                && settled.session == made.caller.session
                && settled.step.as_ref() == made.caller.step()
        };
        let last = self.settled.iter().rev().find(of_it)?;
        (!last.approved && last.by.is_some() && now < last.at + DENIAL_LASTS).then_some(last)
    }
}
