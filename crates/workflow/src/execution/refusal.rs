//! Why a run says no. Each text finishes the sentence "refused because …".

use tenure_model::RefusalKind;
use tenure_model::id::{ApprovalId, LinkId};
use tenure_model::step::RunEnd;
use tenure_model::time::Timestamp;

use super::command::Decision;
use crate::canonical::WorkflowHash;
use crate::path::StepPath;

/// Why a command was not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such execution")]
    Unknown,
    #[error("an execution with this id was started before, with something else")]
    Exists,
    #[error("the definition's hash is {actual}, the starter expected {given}")]
    WrongHash { given: WorkflowHash, actual: WorkflowHash },
    #[error("its inputs are wrong: {}", mistakes.join("; "))]
    BadInputs { mistakes: Vec<String> },
    #[error("runs start runs {depth} levels deep, the limit depth_max is {max}")]
    TooDeep { depth: u32, max: u32 },
    #[error("{what} is too large: {size}, the limit {limit} is {max}")]
    TooLarge { what: &'static str, size: u64, limit: &'static str, max: u64 },
    #[error("{what} is full: the limit {limit} is {max}")]
    Full { what: &'static str, limit: &'static str, max: u64 },
    #[error("only the run's owner or an administrator may do this")]
    NotTheOwner,
    #[error("an agent does not decide for a person")]
    AgentsDoNotDecide,
    #[error("only {} may decide this", approvers.join(", "))]
    NotAnApprover { approvers: Vec<String> },
    #[error("there is no open approval {0} in this run")]
    UnknownApproval(ApprovalId),
    #[error("{by} {} this at {}", word(*decision), at.in_utc())]
    Decided { by: String, decision: Decision, at: Timestamp },
    #[error("the link is not known, was used or has expired")]
    LinkInvalid,
    #[error("the approval has no link {0}")]
    UnknownLink(LinkId),
    #[error("what was shown has changed; look at it again")]
    WrongShown,
    #[error("the run is over: it has {}", end_word(*end))]
    Over { end: RunEnd },
    #[error("the run is being ended")]
    Ending,
    #[error("the step {0} does not wait for an answer")]
    NotUnknown(StepPath),
    #[error("an event needs a name")]
    NamelessEvent,
    #[error("the request id was used before, for something else")]
    RequestReused,
    #[error("this was told to the execution {told}, which this is not")]
    OtherExecution { told: String },
    #[error("the step {0} cannot be retried from: {1}")]
    NotRetryable(StepPath, String),
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "execution_unknown",
            Refusal::Exists => "execution_exists",
            Refusal::WrongHash { .. } => "definition_hash_mismatch",
            Refusal::BadInputs { .. } => "inputs_invalid",
            Refusal::TooDeep { .. } => "depth_exceeded",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::Full { .. } => "limit_reached",
            Refusal::NotTheOwner => "not_the_owner",
            Refusal::AgentsDoNotDecide => "agents_do_not_decide",
            Refusal::NotAnApprover { .. } => "not_an_approver",
            Refusal::UnknownApproval(_) => "approval_unknown",
            Refusal::Decided { .. } => "approval_decided",
            Refusal::LinkInvalid => "link_invalid",
            Refusal::UnknownLink(_) => "link_unknown",
            Refusal::WrongShown => "approval_changed",
            Refusal::Over { .. } => "execution_over",
            Refusal::Ending => "execution_ending",
            Refusal::NotUnknown(_) => "step_not_unknown",
            Refusal::NamelessEvent => "event_nameless",
            Refusal::RequestReused => "request_reused",
            Refusal::OtherExecution { .. } => "other_execution",
            Refusal::NotRetryable(..) => "step_not_retryable",
        }
    }

    /// Returns what sort of refusal this is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Unknown | Refusal::UnknownApproval(_) | Refusal::LinkInvalid | Refusal::UnknownLink(_) => {
                RefusalKind::Unknown
            }
            Refusal::NotTheOwner | Refusal::AgentsDoNotDecide | Refusal::NotAnApprover { .. } => RefusalKind::Forbidden,
            Refusal::TooDeep { .. } | Refusal::TooLarge { .. } | Refusal::Full { .. } => RefusalKind::TooLarge,
            Refusal::BadInputs { .. }
            | Refusal::NamelessEvent
            | Refusal::OtherExecution { .. }
            | Refusal::NotRetryable(..) => RefusalKind::Invalid,
            Refusal::Exists
            | Refusal::WrongHash { .. }
            | Refusal::Decided { .. }
            | Refusal::WrongShown
            | Refusal::Over { .. }
            | Refusal::Ending
            | Refusal::NotUnknown(_)
            | Refusal::RequestReused => RefusalKind::Conflict,
        }
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Approved => "approved",
        Decision::Denied => "denied",
    }
}

fn end_word(end: RunEnd) -> &'static str {
    match end {
        RunEnd::Completed => "completed",
        RunEnd::Failed => "failed",
        RunEnd::Cancelled => "been cancelled",
    }
}
