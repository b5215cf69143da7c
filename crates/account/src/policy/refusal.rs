//! Why a policy says no.

use tenure_model::RefusalKind;
use tenure_model::id::ApprovalId;

use super::limits::{APPROVALS_MAX, ARGUMENTS_BYTES_MAX, GRANT_USES_MAX, GRANTS_MAX, REASON_BYTES_MAX, RULES_MAX};

/// Why a policy says no. Each text finishes the sentence "refused because …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("agents decide nothing for people: that takes a person with a token of their own")]
    AgentsDoNotDecide,
    #[error("the policy is somebody else's")]
    NotYours,
    #[error("there is no approval {0}, or it was decided long ago")]
    UnknownApproval(ApprovalId),
    #[error("the decision is about something else than what is asked: take the hash of the approval as it is shown")]
    OtherContent,
    #[error("{APPROVALS_MAX} calls wait for a decision already; decide some of them first")]
    ApprovalsFull,
    #[error("the arguments have {size} bytes; a person can be shown {ARGUMENTS_BYTES_MAX}, and this call needs one")]
    TooLargeToShow { size: usize },
    #[error("there are {RULES_MAX} rules, which is the most; take some back")]
    RulesFull,
    #[error("there are {GRANTS_MAX} grants, which is the most; revoke some")]
    GrantsFull,
    #[error("a grant lasts from one millisecond to 365 days")]
    BadGrantTime,
    #[error("a grant is good for 1 to {GRANT_USES_MAX} uses")]
    BadGrantUses,
    #[error("a reason has at most {REASON_BYTES_MAX} bytes")]
    ReasonTooLong,
    #[error("a grant comes with an approval only")]
    GrantOfDenied,
    #[error("the grant is about {grant}, and the call about {call}")]
    OtherTool { grant: String, call: String },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::AgentsDoNotDecide => "agents_do_not_decide",
            Refusal::NotYours => "policy_unknown",
            Refusal::UnknownApproval(_) => "approval_unknown",
            Refusal::OtherContent => "approval_changed",
            Refusal::ApprovalsFull | Refusal::RulesFull | Refusal::GrantsFull => "limit_reached",
            Refusal::TooLargeToShow { .. } | Refusal::ReasonTooLong => "too_large",
            Refusal::BadGrantTime | Refusal::BadGrantUses | Refusal::GrantOfDenied | Refusal::OtherTool { .. } => {
                "grant_invalid"
            }
        }
    }

    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::AgentsDoNotDecide => RefusalKind::Forbidden,
            Refusal::NotYours | Refusal::UnknownApproval(_) => RefusalKind::Unknown,
            Refusal::OtherContent => RefusalKind::Moved,
            Refusal::ApprovalsFull
            | Refusal::RulesFull
            | Refusal::GrantsFull
            | Refusal::TooLargeToShow { .. }
            | Refusal::ReasonTooLong => RefusalKind::TooLarge,
            Refusal::BadGrantTime | Refusal::BadGrantUses | Refusal::GrantOfDenied | Refusal::OtherTool { .. } => {
                RefusalKind::Invalid
            }
        }
    }
}
