//! Decisions: of people, and of deadlines.

use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ApprovalId, GrantId};

use super::call::Approval;
use super::command::{By, Decision as Decided, Reply};
use super::effect::Effect;
use super::event::Event;
use super::limits::{APPROVED_LASTS, REASON_BYTES_MAX, WAITER_GRACE};
use super::refusal::Refusal;
use super::rule::Who;
use super::state::{Policy, Settled};

/// Things that one wake decides.
const WAKE_MAX: usize = 100;

pub(super) fn decide(
    policy: &Policy,
    by: &By,
    approval: ApprovalId,
    decided: Decided,
    ctx: &Ctx,
) -> Result<Decision<Policy>, Refusal> {
    policy.may_decide(by, ctx)?;
    // A late click is told who has decided what.
    if let Some(settled) = policy.settled(approval) {
        return Ok(Decision::nothing(Reply::Decided { settled: settled.clone() }));
    }
    let asked = policy.approvals.get(&approval).ok_or(Refusal::UnknownApproval(approval))?;
    let Decided { hash, approved, reason, grant } = decided;
    if hash != asked.made.hash {
        return Err(Refusal::OtherContent);
    }
    if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
        return Err(Refusal::ReasonTooLong);
    }
    let who = by.who();
    let mut draft = Decision::nothing(Reply::Done);
    // Whoever still waits hears of it there; what is approved can be carried out a little later than that.
    let tell_at = asked.awaited_until.max(ctx.now) + WAITER_GRACE;
    let until = ctx.now + APPROVED_LASTS;
    draft.events.push(Event::Decided {
        approval,
        approved,
        by: Some(who.clone()),
        reason: reason.clone(),
        tell_at: (approved && told_where(asked).is_some()).then_some(tell_at),
        until,
    });
    draft.effects.extend(tell_step(approval, asked, approved, Some(&who), reason.as_ref()));
    if !approved && asked.awaited_until <= ctx.now {
        let because = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        draft.effects.extend(tell(
            approval,
            asked,
            &format!("{} has denied it{because}. It was not carried out.", by.name),
        ));
    }
    if let Some(new) = grant {
        if !approved {
            return Err(Refusal::GrantOfDenied);
        }
        if new.tool != asked.made.tool {
            return Err(Refusal::OtherTool { grant: new.tool, call: asked.made.tool.clone() });
        }
        // Made of the approval, so that deciding twice grants once.
        draft.events.push(policy.grant_of(GrantId(approval.0), new, who.clone(), ctx)?);
    }
    let (made, at) = (&asked.made, ctx.now);
    let (tool, hash, session) = (made.tool.clone(), made.hash.clone(), made.caller.session);
    let step = made.caller.step().cloned();
    let settled = Settled { approval, tool, hash, session, step, approved, by: Some(who), reason, at };
    Ok(Decision { reply: Reply::Decided { settled }, ..draft })
}

/// Closes what is over, and tells sessions of approvals that nobody waited for.
pub(super) fn wake(policy: &Policy, ctx: &Ctx) -> Decision<Policy> {
    let mut draft = Decision::nothing(Reply::Done);
    for (approval, asked) in policy.approvals.iter().filter(|(_, asked)| asked.due() <= ctx.now).take(WAKE_MAX) {
        let approval = *approval;
        match &asked.approved {
            None => {
                let (by, reason, tell_at, until) = (None, None, None, ctx.now);
                draft.events.push(Event::Decided { approval, approved: false, by, reason, tell_at, until });
                draft.effects.extend(tell_step(approval, asked, false, None, None));
                draft.effects.extend(tell(approval, asked, "Nobody has decided in time. It was not carried out."));
            }
            Some(_) if asked.deadline <= ctx.now => draft.events.push(Event::Closed { approval, done: false }),
            Some(approved) => {
                draft.events.push(Event::Told { approval });
                let words = format!(
                    "{} has approved it. Make the same call with the same arguments again: it is carried out now, once.",
                    approved.by.name
                );
                draft.effects.extend(tell(approval, asked, &words));
            }
        }
    }
    draft
}

/// Tells the step that called, which waits for this and nothing else.
fn tell_step(
    approval: ApprovalId,
    asked: &Approval,
    approved: bool,
    by: Option<&Who>,
    reason: Option<&String>,
) -> Option<Effect> {
    let step = asked.made.caller.step()?.clone();
    Some(Effect::TellStep { approval, step, approved, by: by.cloned(), reason: reason.cloned() })
}

/// Says something in the conversation that a call came from.
fn tell(approval: ApprovalId, asked: &Approval, words: &str) -> Option<Effect> {
    let (session, thread) = told_where(asked)?;
    let text = format!("Your call of {} waited for a person. {words}", asked.made.tool);
    Some(Effect::Tell { approval, session, thread, text })
}

fn told_where(asked: &Approval) -> Option<(tenure_model::id::SessionId, tenure_model::id::ThreadId)> {
    let caller = &asked.made.caller;
    caller.session.zip(caller.thread)
}
