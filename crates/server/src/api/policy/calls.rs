//! Deciding about calls of agents that wait for a person.

use tenure_account::Policy;
use tenure_account::policy::command::{Command, Decision, Reply};
use tenure_account::policy::{Bound, Made, NewGrant, Settled};
use tenure_model::id::ApprovalId;
use tenure_protocol::execution::{Decide, Decided, Verdict};
use tenure_protocol::policy::{GrantArguments, GrantMore};

use super::{author, by, of, tell, within};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem, unavailable};

/// Decides about a call; nothing when no call of the caller's agents waits, or has waited lately, under this id.
pub async fn decide(
    desk: &Desk,
    caller: &Caller,
    approval: ApprovalId,
    decide: &Decide,
) -> Result<Option<Decided>, Rejection> {
    let policy = of(desk, caller).await?;
    let Some(decision) = meant(&policy, approval, decide)? else { return Ok(None) };
    let approved = decision.approved;
    match tell(desk, caller, Command::Decide { by: by(caller), approval, decision }).await? {
        Reply::Decided { settled } if settled.approved == approved => Ok(Some(told(settled))),
        Reply::Decided { settled } => Err(otherwise(&settled)),
        other => Err(unavailable(&format!("the policy answered {other:?}"))),
    }
}

/// Returns the decision as a policy knows it.
fn meant(policy: &Policy, approval: ApprovalId, decide: &Decide) -> Result<Option<Decision>, Rejection> {
    let asked = policy.approvals.get(&approval).map(|asked| &asked.made);
    if asked.is_none() && policy.settled(approval).is_none() {
        return Ok(None);
    }
    let Decide { hash, decision, reason, grant } = decide.clone();
    let grant = match (asked, grant) {
        (Some(made), Some(more)) => Some(granted(made, more)?),
        // Whoever comes late is told what was decided, and grants nothing.
        _ => None,
    };
    Ok(Some(Decision { hash, approved: decision == Verdict::Approved, reason, grant }))
}

/// Returns the grant of more calls like the one that is decided.
fn granted(made: &Made, more: GrantMore) -> Result<NewGrant, Rejection> {
    let GrantMore { arguments, within: place, lasts_ms, uses } = more;
    let bound = match arguments {
        GrantArguments::Same => Bound::Same(made.hash.clone()),
        GrantArguments::Fields(names) => {
            let field = |name: String| match made.arguments.get(&name) {
                Some(value) => Ok((name, value.clone())),
                None => {
                    let detail = format!("the call has no argument \"{name}\"; name those that it has, or none");
                    Err(problem(422, "grant_invalid", detail).field("grant.arguments"))
                }
            };
            Bound::Fields(names.into_iter().map(field).collect::<Result<_, _>>()?)
        }
    };
    let within = within(&place)?;
    Ok(NewGrant { tool: made.tool.clone(), bound, within, lasts: lasts_ms, uses, reason: None })
}

fn told(settled: Settled) -> Decided {
    let Settled { approval, approved, by, reason, .. } = settled;
    let decision = if approved { Verdict::Approved } else { Verdict::Denied };
    Decided { approval, decision, by: by.as_ref().map(author), reason }
}

/// Tells a late click who has decided otherwise.
fn otherwise(settled: &Settled) -> Rejection {
    if let (None, Some(reason)) = (&settled.by, &settled.reason) {
        return problem(409, "approval_decided", format!("{reason}, at {}", settled.at.in_utc()));
    }
    let who = settled.by.as_ref().map_or("the deadline", |by| by.name.as_str());
    let what = if settled.approved { "approved" } else { "denied" };
    problem(409, "approval_decided", format!("{who} {what} this call at {}", settled.at.in_utc()))
}
