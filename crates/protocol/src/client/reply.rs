//! What commands of chat clients and HTTP callers led to.

use serde::{Deserialize, Serialize};
use tenure_model::chat::PromptMode;
use tenure_model::id::{ApprovalId, PromptId, QuestionId, ThreadId, TurnId};
use utoipa::ToSchema;

use crate::execution::Verdict;

/// What a command led to.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reply {
    /// The prompt is on disk.
    Prompted {
        prompt: PromptId,
        thread: ThreadId,
        /// The turn, when it was taken at once.
        turn: Option<TurnId>,
        /// The mode it was taken in.
        mode: PromptMode,
        /// How many prompts of the thread go before it.
        ahead: u32,
        /// The turn that it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<TurnId>,
    },
    /// The answer was taken; also what a prompt leads to that steers into an open question.
    Answered {
        question: QuestionId,
    },
    Withdrawn {
        prompt: PromptId,
        text: String,
    },
    ThreadOpened {
        thread: ThreadId,
    },
    /// The files are put back by this turn.
    Restoring {
        turn: TurnId,
    },
    /// The turn is being ended, or was over already.
    Aborting {
        turn: Option<TurnId>,
    },
    /// The decision stands.
    Decided {
        approval: ApprovalId,
        decision: Verdict,
    },
    /// The event has ended a wait, or is kept for the first step that waits for it.
    EventTaken {
        taken: bool,
    },
    Done {},
}

/// What a command over HTTP led to.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Answered {
    #[serde(flatten)]
    pub reply: Reply,
    /// Limits of the session that are at least four fifths full, when the command added to the session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<LimitWarning>,
}

/// A limit that is at least four fifths full. What goes beyond it is refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct LimitWarning {
    /// Its name in the configuration.
    pub limit: String,
    pub used: u64,
    pub max: u64,
}
