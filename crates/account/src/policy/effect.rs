//! What a policy asks of the outside.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ApprovalId, SessionId, ThreadId};
use tenure_model::step::StepRef;

use super::rule::Who;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Says in the conversation that a call came from what became of it: whoever made it waits no longer.
    Tell { approval: ApprovalId, session: SessionId, thread: ThreadId, text: String },
    /// Tells the step of a run that called what was decided of its call.
    TellStep {
        approval: ApprovalId,
        step: StepRef,
        approved: bool,
        /// Absent when the deadline has decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Who>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}
