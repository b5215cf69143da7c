//! What a run answers.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ApprovalId, ExecutionId, SessionId};
use tenure_model::time::Timestamp;

use super::command::Decision;
use super::running::Question;

/// The answer to an accepted command. Answers to commands with a request id are kept and repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// It is so now, or was so already.
    Done,
    Started {
        execution: ExecutionId,
        session: Option<SessionId>,
    },
    Decided {
        approval: ApprovalId,
        decision: Decision,
    },
    /// The link decides the approval until then.
    Linked {
        approval: ApprovalId,
        until: Timestamp,
    },
    /// The event ended a wait, or waits for one.
    Told {
        taken: bool,
    },
    /// The call may be sent; `before` when it may have been sent already.
    Calls {
        before: bool,
    },
    /// The step waits for a person until the call may go on.
    Asks {
        question: Question,
    },
    /// What was told is about a step that does not wait for it any more. Nothing has changed.
    Ignored,
}
