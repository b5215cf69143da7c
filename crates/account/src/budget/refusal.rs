//! Why budgets say no.

use tenure_model::RefusalKind;
use tenure_model::id::ApprovalId;

use super::SET_MAX;

/// Why a command was not taken. Each text finishes the sentence "refused because …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("agents decide nothing for people: that takes a person with a token of their own")]
    AgentsDoNotDecide,
    #[error("the budgets are somebody else's")]
    NotYours,
    #[error("the field {field}: {why}")]
    Bad { field: &'static str, why: String },
    #[error("nothing waits any more for a budget under {0}")]
    NothingWaits(ApprovalId),
    #[error("the decision is about something else than what is asked: take the hash of the approval as it is shown")]
    OtherContent,
    #[error("there are {SET_MAX} budgets, which is the most; remove some")]
    Full,
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::AgentsDoNotDecide => "agents_do_not_decide",
            Refusal::NotYours => "budget_unknown",
            Refusal::Bad { .. } => "budget_invalid",
            Refusal::NothingWaits(_) => "approval_unknown",
            Refusal::OtherContent => "approval_changed",
            Refusal::Full => "limit_reached",
        }
    }

    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::AgentsDoNotDecide => RefusalKind::Forbidden,
            Refusal::NotYours | Refusal::NothingWaits(_) => RefusalKind::Unknown,
            Refusal::Bad { .. } => RefusalKind::Invalid,
            Refusal::OtherContent => RefusalKind::Moved,
            Refusal::Full => RefusalKind::TooLarge,
        }
    }
}
