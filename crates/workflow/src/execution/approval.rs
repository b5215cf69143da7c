//! An approval: what is asked, who may decide, what its deadline does; and the decision.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenure_model::id::{ApprovalId, LinkId};
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;

use super::command::Decision;
use super::draft::Draft;
use super::end::{self, Gave, Outcome, Stops};
use super::event::Event;
use super::link::Link;
use super::refusal::Refusal;
use super::reply::Reply;
use super::running::Doing;
use super::state::{Decided, Execution};
use crate::limits::APPROVAL_TIMEOUT;
use crate::path::StepPath;
use crate::people::{Author, By};
use crate::step::{OnDeadline, OnDeny, Step};

/// What people are asked, with all values filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub approval: ApprovalId,
    pub prompt: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// Who may decide, by name; none means the run's owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate_to: Vec<String>,
    pub on_timeout: OnDeadline,
    pub on_deny: OnDeny,
    pub deadline: Timestamp,
    /// What runs when it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
    /// Names what is shown: a decision is about exactly this.
    pub hash: String,
    /// Whether the first deadline has passed and `escalate_to` is asked as well.
    #[serde(default)]
    pub escalated: bool,
    /// The links that were made to decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// A value to look at before deciding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub name: String,
    pub value: Value,
}

/// The step that runs next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    pub path: StepPath,
    pub name: String,
    pub kind: String,
}

impl Asked {
    /// Lists who may decide now, by name: the approvers or, without any, the run's owner; and whom it was escalated to.
    pub fn deciders(&self, owner: &str) -> Vec<String> {
        let owner = self.approvers.is_empty().then(|| owner.to_owned());
        self.named().cloned().chain(owner).collect()
    }

    /// Lists whom it is asked of by name now, apart from the run's owner, who sees it anyway.
    pub(crate) fn others<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = &'a String> {
        self.named().filter(move |name| *name != owner)
    }

    fn named(&self) -> impl Iterator<Item = &String> {
        self.approvers.iter().chain(self.escalate_to.iter().filter(|_| self.escalated))
    }
}

/// Judges a decision of a person.
pub(crate) fn decide(
    draft: &mut Draft,
    by: &By,
    approval: ApprovalId,
    hash: &str,
    decision: Decision,
    reason: Option<String>,
) -> Result<Reply, Refusal> {
    if let Some(decided) = draft.run().decided.get(&approval).filter(|_| !by.agent)
        && decided.by.as_ref().map(|by| by.user) == Some(by.user)
        && decided.decision == decision
    {
        return Ok(Reply::Decided { approval, decision });
    }
    let (path, asked) = for_decider(draft.run(), by, approval)?;
    if asked.hash != hash {
        return Err(Refusal::WrongShown);
    }
    let path = path.clone();
    settle(draft, &path, decision, Some(Decider { author: by.author(), link: None }), reason);
    Ok(Reply::Decided { approval, decision })
}

/// Returns what is asked, and where, for somebody who may decide it.
pub(crate) fn for_decider<'a>(
    run: &'a Execution,
    by: &By,
    approval: ApprovalId,
) -> Result<(&'a StepPath, &'a Asked), Refusal> {
    if by.agent {
        return Err(Refusal::AgentsDoNotDecide);
    }
    if let Some(decided) = run.decided.get(&approval) {
        return Err(decided.refusal());
    }
    let (path, asked) = run.open_approval(approval).ok_or(Refusal::UnknownApproval(approval))?;
    if !run.is_decider(asked, by) {
        return Err(Refusal::NotAnApprover { approvers: asked.deciders(&run.about().start.owner_name) });
    }
    Ok((path, asked))
}

/// Acts on a deadline that has passed without a decision.
pub(crate) fn deadline(draft: &mut Draft, path: &StepPath) {
    let Some(Doing::Approval { asked }) = draft.run().steps.get(path).map(|step| &step.doing) else { return };
    let (approval, escalates) = (asked.approval, asked.on_timeout == OnDeadline::Escalate && !asked.escalated);
    if escalates {
        let again = draft.run().step(path).and_then(Step::timeout).unwrap_or(APPROVAL_TIMEOUT);
        let deadline = draft.ctx.now + again;
        return draft.emit(Event::ApprovalEscalated { path: path.clone(), approval, deadline });
    }
    let decision = match asked.on_timeout {
        OnDeadline::Approve => Decision::Approved,
        OnDeadline::Deny | OnDeadline::Escalate => Decision::Denied,
    };
    settle(draft, path, decision, None, Some("nobody decided in time".to_owned()));
}

/// Whose decision it is said to be, and the link by which it came.
pub(crate) struct Decider {
    pub author: Author,
    pub link: Option<LinkId>,
}

/// Decides, and lets the run go on.
pub(crate) fn settle(
    draft: &mut Draft,
    path: &StepPath,
    decision: Decision,
    by: Option<Decider>,
    reason: Option<String>,
) {
    let Some(Doing::Approval { asked }) = draft.run().steps.get(path).map(|step| &step.doing) else { return };
    let asked = asked.clone();
    let approval = asked.approval;
    let (by, link) = by.map_or((None, None), |Decider { author, link }| (Some(author), link));
    let (said, who) = (reason.clone(), by.clone());
    draft.emit(Event::ApprovalDecided { path: path.clone(), approval, decision, by, link, reason });
    let output = json!({
        "prompt": asked.prompt,
        "decision": decision,
        "decidedAt": draft.ctx.now,
        "decidedBy": who.as_ref().map(|who| &who.name),
        "reason": said,
    });
    let stops = (decision == Decision::Denied && asked.on_deny == OnDeny::Cancel).then(|| {
        let why = said.map(|said| format!(": {said}")).unwrap_or_default();
        Stops { end: RunEnd::Cancelled, error: None, reason: Some(format!("approval_denied{why}")), by: who }
    });
    end::end(draft, path, Outcome::gave(Gave { stops, ..Gave::output(output) }));
}

impl Decided {
    /// Tells a late click who decided what.
    pub(crate) fn refusal(&self) -> Refusal {
        let by = self.by.as_ref().map_or_else(|| "the deadline".to_owned(), |by| by.name.clone());
        Refusal::Decided { by, decision: self.decision, at: self.at }
    }
}

impl Execution {
    /// Tells whether this person may decide what is asked.
    pub fn is_decider(&self, asked: &Asked, by: &By) -> bool {
        let named = asked.named().any(|name| *name == by.name);
        by.admin || named || (asked.approvers.is_empty() && self.is_of(by))
    }

    /// Returns the open approval with this id and where it stands.
    pub fn open_approval(&self, approval: ApprovalId) -> Option<(&StepPath, &Asked)> {
        self.open_approvals().find(|(_, asked)| asked.approval == approval)
    }

    /// Lists the approvals that nobody has decided yet.
    pub fn open_approvals(&self) -> impl Iterator<Item = (&StepPath, &Asked)> {
        self.steps.iter().filter_map(|(path, step)| match &step.doing {
            Doing::Approval { asked } if step.closing.is_none() => Some((path, asked.as_ref())),
            _ => None,
        })
    }
}
