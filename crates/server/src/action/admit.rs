//! Whether policy lets a call of an agent go on, and waiting for the person who is to decide.
//!
//! A person who calls with their own hands has decided already: for them only what is denied counts.

use std::future::Future;

use tenure_account::policy::command::{Asks, Calling, Command, Reply};
use tenure_account::policy::{Caller as From, Event, Made, Mode, Policy, Risk};
use tenure_model::Timestamp;
use tenure_model::id::{ApprovalId, derived};
use tenure_model::request::RequestId;
use tenure_protocol::tool;
use tenure_runtime::{News, Runtime, Subscription};

use super::At;
use crate::auth::{Caller, secret};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem, unavailable};

/// News of a policy that wait for one call.
const NEWS_MAX: usize = 64;

/// Leave for a call.
pub struct Leave {
    /// What a person has approved it as: it is carried out once under this id.
    approval: Option<ApprovalId>,
}

impl Leave {
    /// Returns the key under which the call is carried out once.
    pub fn key(&self, own: &Option<RequestId>) -> Option<RequestId> {
        let approved = self.approval.and_then(|id| RequestId::parse(format!("approval-{id}")).ok());
        approved.or_else(|| own.clone())
    }

    /// Notes that the call was carried out. A second one with the same approval was carried out under the same key, so once.
    pub async fn used(self, runtime: &Runtime, caller: &Caller) -> Result<(), Rejection> {
        self.closed(runtime, caller).await.map(drop)
    }

    /// Uses the approval up before the call is carried out: of two at once, one goes on.
    pub async fn spend(self, runtime: &Runtime, caller: &Caller) -> Result<(), Rejection> {
        match self.closed(runtime, caller).await? {
            Reply::Spent => {
                let detail = "another call has just used this approval; make the call again to ask anew";
                Err(problem(409, "approval_spent", detail))
            }
            _ => Ok(()),
        }
    }

    async fn closed(&self, runtime: &Runtime, caller: &Caller) -> Result<Reply, Rejection> {
        let Some(approval) = self.approval else { return Ok(Reply::Done) };
        Ok(runtime.policies.ask(caller.user, Command::Done { approval }).await.map_err(of_ask)?.reply)
    }
}

/// Returns leave for a call, after waiting for a person where policy wants one. One that only reads is let through unnoted.
/// Before a person is asked, `look` may refuse what is not there to be decided about.
pub async fn admit<F: Future<Output = Result<(), Rejection>>>(
    at: &At<'_>,
    reads: bool,
    made: Made,
    look: impl Fn() -> F,
) -> Result<Leave, Rejection> {
    let (desk, caller) = (at.desk, at.caller);
    if !caller.agent {
        return by_hand(desk, caller, &made).await;
    }
    // Watched before it is asked, so that no decision is missed in between.
    let mut news = desk.runtime.policies.feed().subscribe(caller.user, NEWS_MAX);
    let patience = tokio::time::sleep(desk.options.tool_approval_wait_ms.duration());
    tokio::pin!(patience);
    let mut stopping = desk.stopping.clone();
    loop {
        let asked = match ask(at, reads, &made, false).await? {
            Asked::Needed => {
                look().await?;
                ask(at, reads, &made, true).await?
            }
            asked => asked,
        };
        let (approval, deadline) = match asked {
            Asked::Leave(leave) => return Ok(leave),
            Asked::Waits { approval, deadline } => (approval, deadline),
            Asked::Needed => return Err(unavailable("the policy asked nobody")),
        };
        tokio::select! {
            decided = decided(&mut news, approval) => if !decided { return Err(waits_still(approval, deadline)) },
            () = &mut patience => return Err(waits_still(approval, deadline)),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(unavailable("the server is stopping")),
        }
        // Much may have happened while a person thought it over.
        caller.still_may(desk).await?;
    }
}

/// Notes that a tool is called under a key; false when it was called under it before, so that it must not be called again.
pub async fn sends(runtime: &Runtime, caller: &Caller, tool: &str, key: &RequestId) -> Result<bool, Rejection> {
    let send = Command::Send { call: derived(&["sent call", tool, &key.to_string()]) };
    let told = runtime.policies.ask(caller.user, send).await.map_err(of_ask)?.reply;
    Ok(told != Reply::Spent)
}

/// What policy says of a call now.
enum Asked {
    Leave(Leave),
    Waits {
        approval: ApprovalId,
        deadline: Timestamp,
    },
    /// A person would have to be asked.
    Needed,
}

async fn ask(at: &At<'_>, reads: bool, made: &Made, asks: bool) -> Result<Asked, Rejection> {
    let desk = at.desk;
    let calling = Calling {
        id: secret::fresh_id(desk.now()),
        made: made.clone(),
        organization: desk.runtime.realm_view().rule_for(made),
        reads,
        waits: desk.options.tool_approval_wait_ms,
        asks: asks.then_some(Asks { open_for: desk.options.tool_approval_open_ms, id: None }),
    };
    let asked = desk.runtime.policies.ask(at.caller.user, Command::Call(Box::new(calling))).await;
    match asked.map_err(of_ask)?.reply {
        Reply::Allowed { approval, .. } => Ok(Asked::Leave(Leave { approval })),
        Reply::Waits { approval, deadline } => Ok(Asked::Waits { approval, deadline }),
        Reply::Needed { .. } => Ok(Asked::Needed),
        Reply::Denied { judged } => Err(denied(&judged.words(made))),
        Reply::DeniedBy { settled } => {
            let who = settled.by.map_or("nobody".to_owned(), |by| by.name);
            let why = settled.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            Err(problem(403, "call_denied", format!("{who} has denied this call{why}")))
        }
        other => Err(unavailable(&format!("the policy answered {other:?}"))),
    }
}

/// Waits until an approval is decided; false when the news have ended before.
async fn decided(news: &mut Subscription<Policy>, approval: ApprovalId) -> bool {
    let of_it = |event: &Event| matches!(event, Event::Decided { approval: id, .. } if *id == approval);
    loop {
        match news.next().await {
            Some(News::Committed(committed)) if committed.events.iter().any(of_it) => return true,
            Some(_) => {}
            None => return false,
        }
    }
}

async fn by_hand(desk: &Desk, caller: &Caller, made: &Made) -> Result<Leave, Rejection> {
    let organization = desk.runtime.realm_view().rule_for(made);
    let policy = desk.runtime.policies.look(caller.user).await.map_err(of_ask)?.state;
    let judged = policy.judged(made, organization.as_ref());
    match judged.mode {
        Mode::Deny => Err(denied(&judged.words(made))),
        _ => Ok(Leave { approval: None }),
    }
}

fn denied(words: &str) -> Rejection {
    problem(403, "denied_by_policy", format!("{words}; `tenure policy explain` shows every rule that had a say"))
}

fn waits_still(approval: ApprovalId, deadline: Timestamp) -> Rejection {
    let detail = format!(
        "the call waits for a person until {} (approval {approval}); make the same call with the same arguments again to go on \
         waiting, and it is carried out, once, as soon as it is approved",
        deadline.in_utc()
    );
    problem(409, "approval_awaited", detail).field("approval")
}

/// Says where a caller's calls come from.
pub fn from(caller: &Caller) -> From {
    let Some(agent) = caller.at_work() else { return From::default() };
    From {
        session: Some(agent.session),
        thread: agent.thread,
        work: Some(agent.work),
        workflow: agent.workflow,
        step: None,
    }
}

/// Returns a tool's risk as policy knows it.
pub fn risk(risk: tool::Risk) -> Risk {
    match risk {
        tool::Risk::Low => Risk::Low,
        tool::Risk::Medium => Risk::Medium,
        tool::Risk::High => Risk::High,
        tool::Risk::Critical => Risk::Critical,
    }
}

/// Returns a risk of policy as callers are shown it.
pub fn shown(risk: Risk) -> tool::Risk {
    match risk {
        Risk::Low => tool::Risk::Low,
        Risk::Medium => tool::Risk::Medium,
        Risk::High => tool::Risk::High,
        Risk::Critical => tool::Risk::Critical,
    }
}
