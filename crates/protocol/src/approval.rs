//! Approvals as people see them: what is asked, and what they decide.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_model::id::{ApprovalId, ExecutionId, SessionId};
use utoipa::ToSchema;

use crate::budget::BudgetApproval;
use crate::policy::{CallApproval, GrantMore};
use crate::workflow::Author;

/// What people are asked to decide.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ApprovalView {
    pub id: ApprovalId,
    pub execution: ExecutionId,
    /// The workflow's name.
    pub workflow: String,
    #[serde(default)]
    pub session: Option<SessionId>,
    pub path: String,
    pub prompt: String,
    /// Values to look at before deciding.
    #[serde(default)]
    pub items: Vec<ApprovalItem>,
    /// By name.
    pub may_decide: Vec<String>,
    pub asked_at: Timestamp,
    pub deadline: Timestamp,
    /// What happens at the deadline: `approved`, `denied` or `escalated`.
    pub on_deadline: String,
    /// What a denial does: `cancel` or `continue`.
    pub on_deny: String,
    /// What runs when it is approved.
    #[serde(default)]
    pub next: Option<ApprovalNext>,
    /// Names what is shown; a decision is about exactly this.
    pub hash: String,
}

/// A value to look at before deciding.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ApprovalItem {
    pub name: String,
    pub value: Value,
}

/// The step that an approval lets go on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ApprovalNext {
    pub path: String,
    pub name: String,
    pub kind: String,
}

/// Yes or no.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approved,
    Denied,
}

/// Decides an approval, on exactly what was shown.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// The `hash` of the approval as it was shown.
    pub hash: String,
    pub decision: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// With the approval of an agent's call: allows more calls like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantMore>,
}

/// What waits for a person.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(untagged)]
pub enum Waiting {
    /// What a run asks.
    Run(Box<ApprovalView>),
    /// A call of an agent.
    Call(Box<CallApproval>),
    /// A budget that is used up.
    Budget(Box<BudgetApproval>),
}

/// A decision that was taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Decided {
    pub approval: ApprovalId,
    pub decision: Verdict,
    /// Absent when the deadline has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
